/** Requests that are kept for warming up the next configuration: the latest few, and no large ones. */
import t from 'tap'
import { WarmUpRequests } from '../../../src/inject/specialize/warm-up-requests.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { pod, requestFor } from '../revision-fixture.ts'

const named = (name: string) => requestFor(pod({ name }))
const namesOf = (examples: WarmUpRequests) =>
  examples.requests().map(({ object }) => (object['metadata'] as { name: string }).name)

t.test('the latest requests are kept unchanged', async (t) => {
  const examples = new WarmUpRequests()
  t.same(examples.requests(), [])
  for (let i = 0; i < 10; i++) examples.add(named(`p${i}`))
  t.same(namesOf(examples), ['p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9'])
  t.same(examples.requests().at(-1), { ...named('p9'), nowMs: 0, seed: 0 })
})

t.test('a pod with several templates is kept once, a large one not at all', async (t) => {
  const examples = new WarmUpRequests()
  examples.add(named('a'))
  examples.add(named('a'))
  examples.add(requestFor(pod({ name: 'large', annotations: { text: 'x'.repeat(40_000) } })))
  const deep = JSON.parse(`${'{"a":['.repeat(20_000)}1${']}'.repeat(20_000)}`) as JsonObject // an object
  examples.add(requestFor({ ...pod({ name: 'deep' }), deep }))
  t.same(namesOf(examples), ['a'])
})

t.test('a request counts as large by any of its parts', async (t) => {
  const examples = new WarmUpRequests()
  const long = 'x'.repeat(40_000)
  const kind = { group: '', version: long, kind: 'Pod' }
  examples.add(requestFor(pod(), { kind }))
  examples.add(requestFor(pod(), { namespace: long }))
  examples.add(requestFor(pod(), { proxyEnv: new Map([['A', long]]) }))
  t.same(examples.requests(), [])
  t.equal(examples.bytes, 0)
})

t.test('a busy namespace replaces its own requests, and all stay within the byte limit', async (t) => {
  const examples = new WarmUpRequests(4_000)
  examples.add(requestFor(pod({ name: 'quiet' }), { namespace: 'quiet' }))
  for (let i = 0; i < 40; i++) examples.add(requestFor(pod({ name: `p${i}` }), { namespace: 'busy' }))
  t.equal(namesOf(examples)[0], 'quiet')
  t.equal(namesOf(examples).at(-1), 'p39')
  t.ok(examples.bytes <= 4_000 && examples.bytes > 1_000)
  examples.limitTo(500)
  t.ok(examples.bytes <= 500)
  examples.limitTo(0)
  examples.add(named('none'))
  t.same(namesOf(examples), [])
})
