/** The recorder is bounded and filtered, and never delays a response. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isWanted } from '../../src/capture/filter.ts'
import { EVERYTHING, Recorder, type RecorderOptions } from '../../src/capture/index.ts'
import type { Snapshot } from '../../src/inject/index.ts'
import { waitUntil } from '../wait-until.ts'
import { answer, exampleReviews, exampleSnapshot, reviewOf } from './capture-fixture.ts'

let snapshot: Snapshot
t.before(async () => {
  snapshot = await exampleSnapshot()
})

function recorderIn(folder: string, more: Partial<RecorderOptions> = {}) {
  const problems: string[] = []
  const recorder = new Recorder({
    folder,
    maxReviews: 1000,
    maxBytes: 64 * 2 ** 20,
    raw: false,
    configurations: 'kept',
    filter: EVERYTHING,
    inject: {},
    version: '0.0.0',
    onProblem: (message) => problems.push(message),
    ...more,
  })
  return { recorder, problems }
}

function linesIn(folder: string): readonly { type: string; id?: string }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line))
}

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'c' }] },
}

t.test('the recorder writes each review once, and shared parts once per file', async (t) => {
  const folder = join(t.testdir(), 'capture')
  const { recorder } = recorderIn(folder)
  await recorder.start()
  for (const body of exampleReviews()) recorder.offer(answer(body, snapshot))
  await recorder.close()
  const lines = linesIn(folder)
  t.equal(lines[0]?.type, 'capture')
  t.equal(lines.filter(({ type }) => type === 'review').length, exampleReviews().length)
  t.equal(lines.filter(({ type }) => type === 'cluster').length, 1)
  const configurations = lines.filter(({ type }) => type === 'configuration').map(({ id }) => id)
  t.equal(new Set(configurations).size, configurations.length)
  t.equal(statSync(folder).mode & 0o777, 0o700)
  for (const name of readdirSync(folder)) t.equal(statSync(join(folder, name)).mode & 0o777, 0o600)
  recorder.offer(answer(reviewOf(POD), snapshot))
  t.equal(recorder.status().recorded, exampleReviews().length, 'nothing after the end')
})

t.test('the recorder keeps the latest reviews, also across restarts', async (t) => {
  const folder = t.testdir()
  const answered = answer(reviewOf(POD), snapshot)
  for (const run of [1, 2]) {
    const { recorder, problems } = recorderIn(folder, { maxReviews: 16 })
    await recorder.start()
    if (run === 2) t.ok(recorder.status().reviews > 0, 'what the last run left counts')
    for (let i = 0; i < 40; i++) recorder.offer(answered)
    await recorder.close()
    const kept = linesIn(folder).filter(({ type }) => type === 'review')
    t.ok(kept.length <= 16 && kept.length >= 14, String(kept.length))
    t.match(kept.at(-1)?.id, /-40$/)
    t.same(problems, [])
  }
})

t.test('the recorder stays within the byte limit and drops reviews that do not fit', async (t) => {
  const answered = answer(reviewOf(POD), snapshot)
  const probe = t.testdir({ one: {}, small: {}, tiny: {} })
  const one = recorderIn(join(probe, 'one'))
  await one.recorder.start()
  one.recorder.offer(answered)
  await one.recorder.close()
  const bytes = one.recorder.status().bytes
  const small = recorderIn(join(probe, 'small'), { maxBytes: bytes * 3 })
  await small.recorder.start()
  for (let i = 0; i < 100; i++) small.recorder.offer(answered)
  await small.recorder.close()
  const files = readdirSync(join(probe, 'small')).map((name) => statSync(join(probe, 'small', name)).size)
  t.ok(files.reduce((sum, size) => sum + size, 0) <= bytes * 3)
  t.equal(small.recorder.dropped, 0)
  const tiny = recorderIn(join(probe, 'tiny'), { maxBytes: 1000 })
  await tiny.recorder.start()
  tiny.recorder.offer(answered)
  tiny.recorder.offer(answered)
  await tiny.recorder.close()
  t.equal(tiny.recorder.dropped, 2)
  t.equal(tiny.problems.length, 1, 'said once')
  t.match(tiny.problems[0], /larger than --capture-bytes/)
})

t.test('a flood is dropped and counted, and offering never throws', async (t) => {
  const { recorder, problems } = recorderIn(t.testdir())
  await recorder.start()
  const answered = answer(reviewOf(POD), snapshot)
  for (let i = 0; i < 300; i++) recorder.offer(answered)
  t.equal(recorder.dropped, 300 - 256)
  await recorder.close()
  t.equal(recorder.recorded, 256)
  t.match(problems, [/faster than they are written/])
})

t.test('a missing folder is a problem, not a failure, and recording resumes when it is back', async (t) => {
  const folder = join(t.testdir(), 'capture')
  const { recorder, problems } = recorderIn(folder)
  await recorder.start()
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'not a folder')
  const answered = answer(reviewOf(POD), snapshot)
  recorder.offer(answered)
  await waitUntil('a dropped record', () => recorder.dropped > 0)
  t.equal(recorder.dropped, 1)
  t.match(problems, [/ENOTDIR/])
  rmSync(folder)
  mkdirSync(folder)
  recorder.offer(answered)
  await waitUntil('a record', () => recorder.recorded > 0)
  t.equal(recorder.recorded, 1)
  await recorder.close()
})

t.test('the recorder can be stopped, started and narrowed while it runs', async (t) => {
  const { recorder } = recorderIn(t.testdir())
  await recorder.start()
  const answered = answer(reviewOf(POD), snapshot)
  recorder.pause()
  recorder.offer(answered)
  recorder.resume()
  recorder.narrow({ ...EVERYTHING, namespaces: ['elsewhere'] })
  recorder.offer(answered)
  recorder.narrow({ ...EVERYTHING, samplePercent: 0 })
  recorder.offer(answered)
  recorder.narrow(EVERYTHING)
  recorder.offer(answered)
  await recorder.close()
  t.equal(recorder.recorded, 1)
})

t.test('all given filters must match, each with any of its values', async (t) => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'shop-5d9c', uid: 'u' }
  const object = { ...POD, metadata: { generateName: 'shop-5d9c-', ownerReferences: [owner] } }
  const answered = answer(reviewOf(object), snapshot)
  const wanted = (more: Partial<typeof EVERYTHING>, random = 0.5) =>
    isWanted({ ...EVERYTHING, ...more }, answered, random)
  t.equal(wanted({}), true)
  t.equal(wanted({ namespaces: ['a', 'test-ns'] }), true)
  t.equal(wanted({ namespaces: ['a'] }), false)
  t.equal(wanted({ workloads: ['shop'] }), true)
  t.equal(wanted({ workloads: ['sho'] }), false)
  t.equal(wanted({ codes: ['injected'], revisions: ['default'] }), true)
  t.equal(wanted({ codes: ['injected'], revisions: ['canary'] }), false)
  t.equal(wanted({ codes: ['pod-opted-out'] }), false)
  t.equal(wanted({ failuresOnly: true }), false)
  t.equal(wanted({ samplePercent: 40 }), false)
  t.equal(wanted({ samplePercent: 60 }), true)
})
