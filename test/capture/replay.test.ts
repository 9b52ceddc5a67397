/** Replays of captures, plain reviews and audit logs: the same, different and unknown results. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { EVERYTHING, Recorder, type ReplayOptions, readInputs, replay } from '../../src/capture/index.ts'
import type { Snapshot } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { answer, CLUSTER_FOLDER, exampleReviews, exampleSnapshot, reviewOf } from './capture-fixture.ts'

let snapshot: Snapshot
let captured = ''
let leftOut = ''
t.before(async () => {
  snapshot = await exampleSnapshot()
  captured = await captureOf('kept')
  leftOut = await captureOf('left-out')
})

async function captureOf(configurations: 'kept' | 'left-out'): Promise<string> {
  const folder = t.testdir({ kept: {}, 'left-out': {} })
  const recorder = new Recorder({
    folder: join(folder, configurations),
    maxReviews: 1000,
    maxBytes: 2 ** 26,
    raw: false,
    configurations,
    filter: EVERYTHING,
    inject: {},
    version: '0.0.0',
    onProblem: () => undefined,
  })
  await recorder.start()
  for (const body of exampleReviews()) recorder.offer(answer(body, snapshot))
  await recorder.close()
  const file = readdirSync(join(folder, configurations))[0] ?? ''
  return readFileSync(join(folder, configurations, file), 'utf8')
}

const run = (path: string, options: Partial<ReplayOptions> = {}) =>
  replay(readInputs([path]), { nowMs: 0, ...options })

t.test('a capture replays with the same result, plain and compressed', async (t) => {
  const folder = t.testdir({ 'a.jsonl': captured })
  writeFileSync(join(folder, 'b.jsonl.gz'), gzipSync(captured))
  let progress = 0
  const report = await run(folder, {
    onProgress: (done) => {
      progress = done
    },
  })
  const count = exampleReviews().length * 2
  t.match(report, { reviews: count, same: count, differs: 0, errors: 0, groups: [] })
  t.equal(progress, count)
})

t.test('a changed record is reported with the difference', async (t) => {
  const lines = captured.trim().split('\n')
  const changed = lines
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type !== 'review')
    .map((line) => JSON.stringify(line))
  const reviews = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'review')
  const injected = reviews.filter(({ outcome }) => outcome.code === 'injected')
  const [first, second, third] = injected
  first.outcome.code = 'reinjected'
  second.outcome.revision = 'other'
  third.outcome.patchDigest = '0'
  third.outcome.operations[0].digest = '0'
  const file = join(t.testdir(), 'c.jsonl')
  writeFileSync(file, [...changed, ...[first, second, third].map((line) => JSON.stringify(line))].join('\n'))
  const report = await run(file)
  t.match(report, { reviews: 3, differs: 3 })
  const causes = report.groups.map(({ cause }) => cause).sort()
  t.match(causes, [/^patch: \//, 'reinjected -> injected', /^revision other -> /])
  t.match(await run(file, { only: third.id }), { reviews: 1, differs: 1 })
  t.match(await run(file, { only: 'nothing' }), { reviews: 0 })
})

t.test('under another configuration the differences are named by field', async (t) => {
  const folder = join(t.testdir({ 'a.jsonl': captured }), 'cluster')
  cpSync(CLUSTER_FOLDER, folder, { recursive: true })
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.yaml')) continue
    const text = readFileSync(join(folder, name), 'utf8')
    writeFileSync(
      join(folder, name),
      text
        .replaceAll('readinessPeriodSeconds', 'readinessPeriodSecondsX')
        .replaceAll('"clusterName": "', '"clusterName": "x-')
        .replaceAll('istio-injection: enabled', 'istio-injection: disabled'),
    )
  }
  const cluster = await exampleSnapshot(folder)
  const report = await run(join(folder, '../a.jsonl'), { cluster: { snapshot: cluster, options: {} } })
  t.ok(report.differs > 0)
  const injection = report.groups.find(({ cause }) => cause.startsWith('injected -> namespace-disabled'))
  t.match(injection?.cause, /revision .*; pod: .*spec\.containers\[istio-proxy\]/)
  t.match((await run(join(folder, '../a.jsonl'), { cluster: { snapshot, options: {} } })).differs, 0)
})

t.test('without configuration texts it needs a cluster', async (t) => {
  const file = join(t.testdir({ 'a.jsonl': leftOut }), 'a.jsonl')
  const report = await run(file)
  t.equal(report.errors, exampleReviews().length)
  t.match(report.groups[0]?.cause, /--cluster/)
  t.match(await run(file, { cluster: { snapshot, options: {} } }), { errors: 0, differs: 0 })
})

t.test('plain reviews are read from single files and as lines, with and without answers', async (t) => {
  const body = reviewOf({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c' }] } })
  const review = JSON.parse(body.toString()) as JsonObject
  const { outcome } = answer(body, snapshot)
  const patch = outcome.kind === 'patched' ? outcome.patch : []
  const respond = (response: JsonObject) => JSON.stringify({ ...review, response })
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
  const folder = t.testdir({
    'a.json': JSON.stringify(review, null, 2),
    'b.jsonl': [
      respond({ allowed: true, patch: encode(patch) }),
      respond({ allowed: true, patch: encode(patch.slice(0, -1)) }),
      respond({ allowed: true, patch: encode([{ op: 'remove', path: '/none' }]) }),
      respond({ allowed: false }),
      JSON.stringify({ ...review, request: { uid: 'x' } }),
    ].join('\n'),
    'package.json': '{}',
    'notes.txt': 'not read',
  })
  const report = await run(folder, { cluster: { snapshot, options: {} } })
  t.match(report, { reviews: 6, unrecorded: 1, same: 1, differs: 3, errors: 1, passedOver: 1 })
  t.match(
    report.groups
      .map(({ cause }) => cause)
      .sort()
      .join('\n'),
    /refused -> injected[\s\S]*cannot be applied/,
  )
  t.match(await run(folder), { errors: 6 }, 'no configuration')
})

t.test('for audit logs only what injection adds is compared', async (t) => {
  const object = { metadata: { name: 'p', labels: { a: 'b' } }, spec: { containers: [{ name: 'c' }] } }
  const { outcome } = answer(reviewOf(object), snapshot)
  if (outcome.kind !== 'patched') throw new Error('not injected')
  const created = JSON.parse(JSON.stringify(outcome.pod))
  created.spec.restartPolicy = 'Always'
  for (const container of created.spec.containers) container.terminationMessagePath = '/dev/termination-log'
  const other = JSON.parse(JSON.stringify(created))
  for (const container of other.spec.containers)
    if (container.name === 'istio-proxy') container.image = 'other'
  const event = (more: JsonObject) =>
    JSON.stringify({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      auditID: 'a-1',
      stage: 'ResponseComplete',
      verb: 'create',
      objectRef: { resource: 'pods', namespace: 'test-ns', name: 'p' },
      requestObject: object,
      responseObject: created,
      ...more,
    })
  const folder = t.testdir({
    'audit.log': [
      event({}),
      event({ responseObject: other }),
      event({ verb: 'get' }),
      event({ stage: 'RequestReceived' }),
      event({ requestObject: null }),
      event({ responseObject: { kind: 'Status' } }),
      event({ objectRef: { resource: 'pods', namespace: 'kube-system' } }),
    ].join('\n'),
  })
  const report = await run(folder, { cluster: { snapshot, options: {} } })
  t.match(report, { reviews: 3, same: 1, differs: 2, passedOver: 4 })
  const causes = report.groups.map(({ cause }) => cause)
  t.ok(
    causes.includes('the created pod lacks or has different values for: spec.containers[istio-proxy].image'),
    causes.join('\n'),
  )
})

t.test('any other input is an error with file and line', async (t) => {
  const folder = t.testdir({
    'a.jsonl': '{"type":"capture","version":1}\n{"no": "line"}\n',
    'b.log': 'text\n',
    'c.json': '{}',
    'd.jsonl.gz': Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('no gzip')]),
    'e.jsonl': '{"type":"later"}\n',
    f: {},
  })
  await t.rejects(run(join(folder, 'a.jsonl')), { code: 'capture-malformed', message: /a\.jsonl, line 2/ })
  await t.rejects(run(join(folder, 'b.log')), { code: 'capture-malformed', message: /line 1/ })
  await t.rejects(run(join(folder, 'c.json')), { code: 'capture-malformed' })
  await t.rejects(run(join(folder, 'd.jsonl.gz')), { code: 'capture-malformed' })
  await t.rejects(run(join(folder, 'f')), { code: 'capture-malformed' })
  t.match(await run(join(folder, 'e.jsonl')), { reviews: 0 })
})

t.test('a review whose configuration lines are missing is reported as an error', async (t) => {
  const reviews = captured.split('\n').filter((line) => line.startsWith('{"type":"review"'))
  const file = join(t.testdir({ 'a.jsonl': reviews.join('\n') }), 'a.jsonl')
  const report = await run(file)
  t.equal(report.errors, reviews.length)
  t.match(report.groups[0]?.cause, /no cluster line/)
})
