import t from 'tap'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { strategicMerge } from '../../src/merge/index.ts'

const named = (...names: string[]) => names.map((name) => ({ name }))
const names = (list: unknown) => (list as { name: string }[]).map((item) => item.name)
const containers = (original: JsonValue, patch: JsonValue, more: JsonObject = {}) =>
  strategicMerge({ spec: { containers: original } }, { spec: { containers: patch, ...more } }, 'Pod')

const orders: readonly (readonly [
  name: string,
  before: JsonValue,
  patch: JsonValue,
  after: string[],
  order?: JsonValue,
])[] = [
  ['a lone new item comes first', named('a', 'b'), named('new'), ['new', 'a', 'b']],
  ['an untouched item stays before a matched one', named('a', 'b', 'c'), named('b'), ['a', 'b', 'c']],
  ['the patch orders what it names', named('a', 'b', 'c'), named('c', 'a'), ['b', 'c', 'a']],
  ['$patch: delete takes an item out', named('a', 'b'), [{ name: 'a', $patch: 'delete' }], ['b']],
  ['deletes of what is absent do nothing', named('a'), [{ name: 'x', $patch: 'delete' }], ['a']],
  ['$patch: replace empties the list', named('a', 'b'), [{ $patch: 'replace' }], []],
  ['$patch: replace keeps its neighbours', named('a'), [{ $patch: 'replace' }, { name: 'b' }], ['b']],
  [
    'two patch items of one key are merged',
    named('a'),
    [{ name: 'n' }, { name: 'n', image: 'i' }],
    ['n', 'a'],
  ],
  ['a given order wins', named('a', 'b', 'c'), named('d'), ['d', 'c', 'b', 'a'], named('d', 'c', 'b', 'a')],
  [
    'what the order does not name stays in its place',
    named('a', 'b', 'c'),
    [],
    ['a', 'c', 'b'],
    named('c', 'b'),
  ],
  [
    'an empty order and new items: as Kubernetes sorts them',
    named('a', 'b'),
    named('x', 'y'),
    ['a', 'b', 'y', 'x'],
    [],
  ],
  [
    'a deleted item and an order',
    named('a', 'b', 'c'),
    [{ name: 'a', $patch: 'delete' }, { name: 'd' }],
    ['c', 'b', 'd'],
    named('c', 'b', 'd'),
  ],
  ['replace and an order', named('a', 'b'), [{ $patch: 'replace' }, { name: 'z' }], ['z'], named('z')],
]

for (const [name, before, patch, after, order] of orders) {
  t.test(`order: ${name}`, async (t) => {
    const result = containers(
      before,
      patch,
      order === undefined ? {} : { '$setElementOrder/containers': order },
    )
    t.strictSame(names((result['spec'] as JsonObject)['containers']), after)
  })
}

t.test('an order applies to a new list and is ignored for a missing one', async (t) => {
  const fresh = {
    spec: {
      containers: [{ name: 'b' }, { name: 'a' }, { name: 'x', $patch: 'delete' }],
      '$setElementOrder/containers': named('b', 'a'),
    },
  }
  t.strictSame(
    strategicMerge({}, { ...fresh }, 'Pod'),
    fresh.spec && {
      spec: { containers: [{ name: 'b' }, { name: 'a' }], '$setElementOrder/containers': named('b', 'a') },
    },
  )
  t.strictSame(strategicMerge({ spec: {} }, fresh, 'Pod'), { spec: { containers: named('b', 'a') } })
  t.strictSame(strategicMerge({ spec: {} }, { spec: { '$setElementOrder/containers': named('b') } }, 'Pod'), {
    spec: {},
  })
})

t.test('a list longer than a block keeps items that no order names', async (t) => {
  const many = Array.from({ length: 50 }, (_, i) => ({ name: `n${i}` }))
  const result = containers(named('a'), many, { '$setElementOrder/containers': [] })
  const got = names((result['spec'] as JsonObject)['containers'])
  t.equal(got.length, 51)
  t.strictSame([...got].sort(), [...names(many), 'a'].sort(), 'nothing is lost')
})
