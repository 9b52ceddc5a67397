/**
 * Probes and small reviews are answered between the steps of large reviews, however many large ones arrive together.
 */
import t from 'tap'
import type { Snapshot } from '../../src/inject/index.ts'
import { createLogger } from '../../src/observe/index.ts'
import { emptySnapshot } from '../../src/revisions/index.ts'
import { createReviewHandler } from '../../src/server/index.ts'
import { Turns } from '../../src/server/turns.ts'
import type { Steps } from '../../src/steps.ts'

const large = (group = 'shop', hasGone = () => false) => ({ bodyBytes: 3_000_000, group, hasGone })

t.test('large reviews are answered step by step, each in a turn of its own, in their order', async (t) => {
  const turns = new Turns()
  const seen: string[] = []
  const count = (left: number): void => {
    seen.push('turn')
    if (left > 0) setImmediate(count, left - 1)
  }
  const answers = ['a', 'b', 'c'].map((name) =>
    turns.forBody(large())(
      (function* (): Steps<string> {
        seen.push(`${name}1`)
        yield
        seen.push(`${name}2`)
        yield
        seen.push(`${name}3`)
        return name
      })(),
    ),
  )
  setImmediate(count, 20)
  t.same(await Promise.all(answers), ['a', 'b', 'c'])
  t.same(
    seen.filter((one) => one !== 'turn'),
    ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3'],
  )
  for (const [i, one] of seen.entries())
    if (one !== 'turn' && i > 0) t.equal(seen[i - 1], 'turn', `the event loop turned before ${one}`)
})

function* answering<T>(answer: T, steps = 1): Steps<T> {
  for (let i = 1; i < steps; i++) yield
  return answer
}

t.test('a small review is answered at once, also while large ones wait', async (t) => {
  const turns = new Turns()
  const answer = turns.forBody(large())(answering('large', 5))
  t.equal(turns.forBody({ ...large(), bodyBytes: 1000 })(answering('small', 5)), 'small')
  t.equal(await answer, 'large')
})

t.test('an exception rejects one review, and later reviews are answered', async (t) => {
  const turns = new Turns()
  const bad = turns.forBody(large())(
    (function* (): Steps<string> {
      yield
      throw new Error('broken')
    })(),
  )
  const good = turns.forBody(large())(answering(Promise.resolve('good')))
  await t.rejects(Promise.resolve(bad), { message: 'broken' })
  t.equal(await good, 'good')
})

t.test('a namespace that sends many large reviews delays those of others by one review', async (t) => {
  const turns = new Turns()
  const seen: string[] = []
  const ask = (group: string, name: string) =>
    turns.forBody(large(group))(
      (function* (): Steps<undefined> {
        yield
        seen.push(name)
        return undefined
      })(),
    )
  const flood = Array.from({ length: 50 }, (_, i) => ask('flood', `flood-${i}`))
  await Promise.all([ask('shop', 'shop-0'), ask('shop', 'shop-1'), ask('bank', 'bank-0')])
  t.same(seen, ['flood-0', 'shop-0', 'bank-0', 'flood-1', 'shop-1'])
  await Promise.all(flood)
  t.same(
    seen.filter((name) => name.startsWith('flood')),
    Array.from({ length: 50 }, (_, i) => `flood-${i}`),
  )
})

t.test('no step runs for a client that has gone', async (t) => {
  const turns = new Turns()
  let gone = false
  let steps = 0
  const abandoned = turns.forBody(large('shop', () => gone))(
    (function* (): Steps<undefined> {
      for (;;) {
        steps++
        gone = steps === 3
        yield
      }
    })(),
  )
  const next = turns.forBody(large())(answering('next'))
  await t.rejects(Promise.resolve(abandoned), { message: 'the client has gone' })
  t.equal(steps, 3)
  t.equal(await next, 'next')
})

t.test('a review has one snapshot, even if the cluster changes between its steps', async (t) => {
  const body = Buffer.from(
    JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: { uid: 'u', namespace: 'shop', operation: 'CREATE', object: { spec: {} } },
    }),
  )
  const request = { rawUrl: '/revisions/canary/inject', contentType: 'application/json', body }
  const seen: Snapshot[] = []
  const lines: string[] = []
  let taken = 0
  const handler = createReviewHandler({
    cluster: {
      synced: true,
      snapshot: () => {
        taken++
        return { ...emptySnapshot }
      },
      ensureNamespace: () => emptySnapshot,
    },
    logger: createLogger({ level: 'info', write: (line) => lines.push(line) }),
    metrics: { countAdmission: () => undefined, observeInjection: () => undefined },
    warnings: true,
    *injectInSteps(_, snapshot) {
      seen.push(snapshot)
      yield
      seen.push(snapshot)
      return { kind: 'skipped', code: 'no-labels', notes: [] }
    },
  })
  const turns = new Turns()
  const [one, two] = await Promise.all([1, 2].map(() => handler.review(request, turns.forBody(large()))))
  t.same(one, handler.review(request), 'the same answer as at once')
  t.same(two, one)
  t.equal(taken, 3)
  t.equal(new Set(seen).size, 3)
  t.equal(lines.length, 3)
})
