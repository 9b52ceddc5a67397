/**
 * The whole path over HTTPS equals the core in this process: every review of the embedded cluster, by labels, by
 * revision and by tag, with refusals and faults, all interleaved on a few connections.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import {
  answerOutcome,
  decodeReview,
  parseInjectPath,
  toInjectionRequest,
} from '../../src/admission/index.ts'
import { inject, type Snapshot } from '../../src/inject/index.ts'
import { serveFolder } from './serve-folder.ts'

const example = resolve(import.meta.dirname, '../../examples/canary-upgrade')
const reviews = readdirSync(join(example, 'reviews'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => readFileSync(join(example, 'reviews', name), 'utf8'))

const PATHS = [
  '/inject',
  '/inject/cluster/c1/net/n1',
  '/revisions/default/inject',
  '/revisions/canary/inject/:ENV:cluster=c2',
  '/tags/prod-stable/inject',
  '/revisions/gone/inject',
  '/tags/gone/inject',
]

interface Expected {
  readonly path: string
  readonly body: string
  readonly status: number
  readonly answer: string
  /** The same where its uid has come again for too long, as on a busy machine it may. */
  readonly lateAnswer: string
}

function expect(path: string, body: string, snapshot: Snapshot): Expected {
  const parsed = parseInjectPath(path)
  const review = decodeReview(Buffer.from(body), 'application/json')
  if (parsed === undefined || review.kind === 'failure') throw new Error(`${path}: not a review`)
  const outcome = inject(toInjectionRequest(review, { ...parsed, nowMs: 0, seed: 0 }), snapshot)
  const { status, body: answer } = answerOutcome(outcome, review)
  const { body: lateAnswer } = answerOutcome(outcome, review, { mayRetry: false })
  return { path, body, status, answer, lateAnswer }
}

function withBadAnnotation(body: string): string {
  // Each review of the example is one of a pod with metadata.
  const review = JSON.parse(body) as { request: { object: { metadata: { annotations?: object } } } }
  const { metadata } = review.request.object
  metadata.annotations = { ...metadata.annotations, 'status.sidecar.istio.io/port': 'seven' }
  return JSON.stringify(review)
}

t.test('interleaved requests get the same answers as from the core', async (t) => {
  const { running, lines, post } = await serveFolder(t, join(example, 'cluster'))
  const snapshot = running.cluster.snapshot()
  const invalid = reviews.map(withBadAnnotation)
  const expected = [...reviews, ...invalid].flatMap((body) =>
    PATHS.map((path) => expect(path, body, snapshot)),
  )
  t.ok(new Set(expected.map(({ answer }) => answer)).size > 20, 'many different answers')
  t.ok(expected.some(({ answer }) => answer.includes('"patch":')))
  t.ok(
    expected.some(({ status, answer }) => status === 200 && answer.includes('"allowed":false')),
    'refusals',
  )
  t.ok(
    expected.some(({ status }) => status === 503),
    'faults',
  )

  // Neighbours are far apart in the list, so that different revisions and paths alternate.
  const mixed = expected.map((_, i) => expected[(i * 37) % expected.length] ?? expected[0])
  const wrong: string[] = []
  await Promise.all(
    mixed.map(async (one) => {
      if (one === undefined) return
      const got = await post(one.path, one.body)
      if (got.status !== one.status || (got.text !== one.answer && got.text !== one.lateAnswer))
        wrong.push(`${one.path}: ${got.status} ${got.text}`)
    }),
  )
  t.same(wrong, [])
  t.equal(lines.filter((line) => line.includes('"decision"')).length, mixed.length, 'one line each')
})
