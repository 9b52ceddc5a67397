/** Requests kept to try the next configuration on: the latest few, none that is large. */
import t from 'tap'
import { Examples } from '../../../src/inject/shape/examples.ts'
import { pod, requestFor } from '../revision-fixture.ts'

const named = (name: string) => requestFor(pod({ name }))
const namesOf = (examples: Examples) =>
  examples.requests().map(({ object }) => (object['metadata'] as { name: string }).name)

t.test('the latest are kept, each as it was', async (t) => {
  const examples = new Examples()
  t.same(examples.requests(), [])
  for (let i = 0; i < 10; i++) examples.add(named(`p${i}`))
  t.same(namesOf(examples), ['p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9'])
  t.same(examples.requests().at(-1), named('p9'))
})

t.test('a pod with several templates is one example, a large one none', async (t) => {
  const examples = new Examples()
  examples.add(named('a'))
  examples.add(named('a'))
  examples.add(requestFor(pod({ name: 'large', annotations: { text: 'x'.repeat(40_000) } })))
  t.same(namesOf(examples), ['a'])
})
