/** `remora replay --server`: reviews to a running webhook over TLS, answers compared by meaning. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { answerOutcome, decodeReview } from '../../src/admission/index.ts'
import type { Snapshot } from '../../src/inject/index.ts'
import type { WebhookHandler } from '../../src/server/index.ts'
import { answer, CLUSTER_FOLDER, exampleReviews, exampleSnapshot } from '../capture/capture-fixture.ts'
import { authority, startApp } from '../server/harness.ts'
import { runCommand } from './run-command.ts'

let snapshot: Snapshot
t.before(async () => {
  snapshot = await exampleSnapshot()
})

const replay = (...args: string[]) => runCommand('replay', ...args)

/** As the server would, with the patch changed by `change`. */
function handler(
  change: (patch: { op: string; path: string; value?: unknown }[]) => unknown[],
): WebhookHandler {
  return {
    fail: () => ({ status: 500, body: '{}' }),
    review({ body, rawUrl }) {
      const review = decodeReview(body, 'application/json')
      if (review.kind === 'failure') return { status: 400, body: '{}' }
      const { outcome } = answer(body, snapshot, rawUrl)
      const answered = JSON.parse(answerOutcome(outcome, review).body)
      if (outcome.kind === 'patched') {
        const patch = change(JSON.parse(Buffer.from(answered.response.patch, 'base64').toString()))
        answered.response.patch = Buffer.from(JSON.stringify(patch)).toString('base64')
      }
      return { status: 200, body: JSON.stringify(answered) }
    },
  }
}

t.test('replay --server distinguishes equivalent answers, different pods and missing answers', async (t) => {
  const folder = t.testdir({ 'ca.crt': authority.certificate })
  const [ca, reviews] = [join(folder, 'ca.crt'), join(folder, 'reviews.jsonl')]
  writeFileSync(
    reviews,
    exampleReviews()
      .map((body) => JSON.stringify(JSON.parse(body.toString())))
      .join('\n'),
  )
  const at = async (made: WebhookHandler) => {
    const { port } = await startApp(t, { handler: made })
    return replay(reviews, '--cluster', CLUSTER_FOLDER, '--server', `https://127.0.0.1:${port}`, '--ca', ca)
  }
  const noise = { op: 'add', path: '/status', value: {} }
  t.match(await at(handler((patch) => [...patch, noise])), { code: 0, out: /^17 reviews: 17 same, 0 differ/ })
  const image = { op: 'add', path: '/metadata/labels', value: { all: 'others' } }
  t.match(await at(handler((patch) => [...patch, image])), { code: 1, out: /pod: metadata\.labels/ })
  t.match(await at(handler(() => [{ op: 'remove', path: '/none' }])), { code: 2, out: /cannot be applied/ })
  t.match(await at({ ...handler((p) => p), review: () => ({ status: 503, body: '{}' }) }), {
    code: 2,
    out: /error: the server responds with HTTP 503/,
  })
  t.match(await at({ ...handler((p) => p), review: () => ({ status: 200, body: 'text' }) }), {
    code: 2,
    out: /is not an AdmissionReview/,
  })
  const no = JSON.stringify({ response: { allowed: false } })
  t.match(await at({ ...handler((p) => p), review: () => ({ status: 200, body: no }) }), {
    code: 1,
    out: /injected here, refused by the server/,
  })
})

t.test('a server that cannot be verified or reached is an error', async (t) => {
  const folder = t.testdir({ 'ca.crt': 'no certificate' })
  const { port } = await startApp(t)
  const reviews = join(folder, 'reviews.jsonl')
  writeFileSync(reviews, `${JSON.stringify(JSON.parse(exampleReviews()[0]?.toString() ?? ''))}\n`)
  const args = [reviews, '--cluster', CLUSTER_FOLDER, '--server']
  const url = `https://127.0.0.1:${port}`
  t.match(await replay(...args, url, '--ca', join(folder, 'ca.crt')), { code: 2, out: /cannot be reached/ })
  t.match(await replay(...args, url), { code: 2, err: /--ca FILE/ })
  const plain =
    /expected an https URL such as https:\/\/localhost:9443, found "http:\/\/127\.0\.0\.1"; .* over TLS only: .*--ca/
  t.match(await replay(...args, 'http://127.0.0.1'), { code: 2, err: plain })
  t.match(await replay(...args, 'http://127.0.0.1', '--ca', 'x'), { code: 2, err: plain })
  t.match(await replay(...args, 'localhost:9443', '--ca', 'x'), { code: 2, err: /expected an https URL/ })
})
