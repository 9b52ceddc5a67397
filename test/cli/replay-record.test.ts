/** `remora replay --record`: a running server's answers as recorded cases, which the conformance runner then runs. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { answerOutcome, decodeReview } from '../../src/admission/index.ts'
import type { Snapshot } from '../../src/inject/index.ts'
import type { WebhookHandler } from '../../src/server/index.ts'
import { answer, CLUSTER_FOLDER, exampleReviews, exampleSnapshot } from '../capture/capture-fixture.ts'
import { suite } from '../conformance/istio-injection.ts'
import { readRecorded } from '../conformance/read-recorded.ts'
import { authority, startApp } from '../server/harness.ts'
import { runCommand } from './run-command.ts'

let snapshot: Snapshot
t.before(async () => {
  snapshot = await exampleSnapshot()
})

interface Answered {
  response: { patch?: string; auditAnnotations?: unknown }
}

/** Remora's answers for each path, changed by `change`. */
function remora(change: (answered: Answered) => void = () => undefined): WebhookHandler {
  return {
    fail: () => ({ status: 500, body: '{}' }),
    review({ body, rawUrl }) {
      const review = decodeReview(body, 'application/json')
      if (review.kind === 'failure') return { status: 400, body: '{}' }
      const answered = JSON.parse(answerOutcome(answer(body, snapshot, rawUrl).outcome, review).body)
      change(answered)
      return { status: 200, body: JSON.stringify(answered) }
    },
  }
}

/** As istiod: one path, one revision, nothing in an answer that only Remora says. */
const istiod: WebhookHandler = {
  ...remora(),
  review: (request) =>
    request.rawUrl === '/inject'
      ? remora(({ response }) => {
          delete response.auditAnnotations
        }).review({ ...request, rawUrl: '/revisions/canary/inject' })
      : { status: 404, body: '{}' },
}

function prepare(t: Test) {
  const folder = t.testdir({ 'ca.crt': authority.certificate })
  const [reviews, recorded] = [join(folder, 'reviews.jsonl'), join(folder, 'recorded')]
  const bodies = exampleReviews().map((body) => JSON.parse(body.toString()))
  const refused = structuredClone(bodies[0])
  refused.request.object.metadata.annotations['sidecar.istio.io/proxyCPU'] = 'lots'
  writeFileSync(reviews, [...bodies, refused].map((body) => JSON.stringify(body)).join('\n'))
  const replay = async (handler: WebhookHandler, path: string, ...args: string[]) => {
    const { port } = await startApp(t, { handler })
    const server = ['--server', `https://127.0.0.1:${port}${path}`, '--ca', join(folder, 'ca.crt')]
    return runCommand('replay', reviews, '--cluster', CLUSTER_FOLDER, ...server, ...args)
  }
  return { folder, reviews, recorded, replay }
}

const results = (folder: string) => [...suite.run(folder, {})]
const kinds = (folder: string) => {
  const cases = readRecorded(join(folder, 'cases.jsonl')).trim().split('\n')
  const found = cases.map((line) => JSON.parse(line).expected)
  return {
    patched: found.filter(({ patchedPod }) => patchedPod !== undefined).length,
    allowed: found.filter(({ allowed }) => allowed === true).length,
    refused: found.filter(({ allowed }) => allowed === false).length,
  }
}

t.test("Remora's answers for one revision are recorded as cases", async (t) => {
  const { recorded, replay } = prepare(t)
  const args = ['--record', recorded, '--revision', 'default']
  const ran = await replay(remora(), '/revisions/default/inject', ...args)
  t.match(ran, { code: 0, out: /^18 reviews: 18 same, 0 differ/, err: /18 cases recorded in / })
  t.same(readdirSync(recorded).sort(), ['cases.jsonl.br', 'configs', 'meta.json'])
  t.same(readdirSync(join(recorded, 'configs')), ['default.json.br'])
  const { patched, allowed, refused } = kinds(recorded)
  t.ok(patched > 5 && allowed > 1 && refused >= 1, `${patched}, ${allowed}, ${refused}`)
  const ids = results(recorded).map(({ id }) => id)
  t.equal(new Set(ids).size, 18)
  t.same(
    results(recorded).filter(({ passed }) => !passed),
    [],
    'the runner agrees with every case',
  )
})

t.test("an istiod's answers at its only path are recorded as cases", async (t) => {
  const { recorded, replay } = prepare(t)
  const ran = await replay(istiod, '', '--record', recorded, '--revision', 'canary')
  t.match(ran, { code: 0, out: /^18 reviews: 18 same/ })
  t.match(JSON.parse(readRecorded(join(recorded, 'meta.json'))), { kind: 'istio-injection' })
  t.same(
    results(recorded).filter(({ passed }) => !passed),
    [],
  )
})

t.test(
  'an answer that differs from the core is recorded unchanged and fails in the conformance runner',
  async (t) => {
    const { recorded, replay } = prepare(t)
    const other = remora(({ response }) => {
      const patch = JSON.parse(Buffer.from(response.patch ?? 'W10=', 'base64').toString())
      if (patch.length === 0) return
      patch.push({ op: 'add', path: '/metadata/labels', value: { all: 'others' } })
      response.patch = Buffer.from(JSON.stringify(patch)).toString('base64')
    })
    const args = ['--record', recorded, '--revision', 'default']
    t.match(await replay(other, '/revisions/default/inject', ...args), {
      code: 1,
      out: /pod: metadata\.labels/,
    })
    const failed = results(recorded).filter(({ passed }) => !passed)
    t.equal(failed.length, kinds(recorded).patched)
    t.match(failed[0]?.detail, /\/metadata\/labels\/all/)
  },
)

t.test('an answer of another revision is not recorded', async (t) => {
  const { recorded, replay } = prepare(t)
  const args = ['--record', recorded, '--revision', 'default']
  const nothing = () => t.notOk(existsSync(join(recorded, 'meta.json')))
  t.match(await replay(remora(), '', ...args), { code: 2, out: /--server URL\/revisions\/default\/inject/ })
  nothing()
  const elsewhere = await replay(
    remora(),
    '/revisions/canary/inject',
    '--record',
    `${recorded}-2`,
    ...args.slice(2),
  )
  t.match(elsewhere, { code: 2, out: /the review is for revision canary, but revision default is recorded/ })
  const down = { ...remora(), review: () => ({ status: 503, body: '{}' }) }
  t.match(await replay(down, '', '--record', `${recorded}-3`, ...args.slice(2)), {
    code: 2,
    out: /18 × error: the server responds with HTTP 503/,
    err: /0 cases recorded/,
  })
})

t.test('conflicting options are refused before any request is sent', async (t) => {
  const { folder, reviews, recorded, replay } = prepare(t)
  t.match(await replay(remora(), '', '--record', recorded), {
    code: 2,
    err: /--revision is required.*\(.*canary.*\)/,
  })
  t.match(await replay(remora(), '', '--record', recorded, '--revision', 'none'), {
    code: 2,
    err: /there is no revision none/,
  })
  t.notOk(existsSync(recorded))
  t.match(await replay(remora(), '', '--record', folder, '--revision', 'default'), {
    code: 2,
    err: /is not empty/,
  })
  t.match(await replay(remora(), '', '--revision', 'default'), { code: 2, err: /needs --record/ })
  t.match(await runCommand('replay', reviews, '--record', recorded), { code: 2, err: /needs --server URL/ })
})
