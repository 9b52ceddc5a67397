/** The differences of two pods: paths and values, with none missing. */
import fc from 'fast-check'
import t from 'tap'
import { equalJson, type JsonValue } from '../../src/json/index.ts'
import { comparePods, missingFrom, podDifferences } from '../../src/kube/index.ts'

t.test('differences of pods have readable paths', async (t) => {
  const a = { m: { 'a/b': 1 }, l: [{ name: 'x', v: 1 }, { name: 'y' }], p: [1, 2] }
  const b = { m: { 'a/b': 2 }, l: [{ name: 'x', v: 2 }, { name: 'z' }], p: [2, 1] }
  t.same(podDifferences(a, b), ['m["a/b"]', 'l[x].v', 'l[y]', 'l[z]', 'p'])
  t.same(podDifferences({ l: [{ name: 'x' }, { name: 'y' }] }, { l: [{ name: 'y' }, { name: 'x' }] }), [
    'l (order)',
  ])
  t.same(podDifferences(a, a), [])
  t.same(missingFrom({ l: [{ name: 'x', v: 1 }] }, { l: [{ name: 'w' }, { name: 'x', v: 1, d: 1 }] }), [])
  t.same(missingFrom({ l: [{ name: 'x', v: 1 }] }, { l: [{ name: 'x', v: 2 }] }), ['l[x].v'])
})

t.test('each difference has both values, as deep as both have them', async (t) => {
  const before = { spec: { containers: [{ name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] }] } }
  const after = {
    spec: {
      containers: [
        { name: 'a', image: 'a:2', env: [] },
        { name: 'b', image: 'b:1' },
      ],
      hostNetwork: true,
    },
  }
  t.same(comparePods(before, after), [
    { path: 'spec.containers[a].image', before: 'a:1', after: 'a:2' },
    { path: 'spec.containers[a].env[X]', before: { name: 'X', value: '1' }, after: undefined },
    { path: 'spec.containers[b]', before: undefined, after: { name: 'b', image: 'b:1' } },
    { path: 'spec.hostNetwork', before: undefined, after: true },
  ])
})

t.test(
  'a changed order is reported in addition to changed items, but not for added or removed ones',
  async (t) => {
    const list = (...items: readonly (readonly [string, number])[]): JsonValue => ({
      l: items.map(([name, v]) => ({ name, v })),
    })
    t.same(podDifferences(list(['x', 1], ['y', 1]), list(['y', 2], ['x', 1])), ['l[y].v', 'l (order)'])
    t.same(podDifferences(list(['x', 1], ['y', 1]), list(['z', 1], ['y', 1])), ['l[x]', 'l[z]'])
  },
)

const named = fc.record({
  name: fc.constantFrom('a', 'b', 'constructor', '__proto__'),
  v: fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constantFrom('x', 'y'), fc.record({ k: fc.boolean() })),
})
const value = fc.dictionary(
  fc.constantFrom('l', 'm', '__proto__', 'constructor'),
  fc.oneof(fc.array(named, { maxLength: 3 }), fc.jsonValue({ maxDepth: 2 })),
)

t.test('differences are reported exactly where the pods differ', async () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      // Generated as JSON.
      const [before, after] = [a as JsonValue, b as JsonValue]
      return (comparePods(before, after).length === 0) === equalJson(before, after)
    }),
  )
})
