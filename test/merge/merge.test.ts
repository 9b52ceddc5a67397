import t from 'tap'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { MergeError, strategicMerge } from '../../src/merge/index.ts'

const named = (...names: string[]) => names.map((name) => ({ name }))
const names = (list: unknown) => (list as { name: string }[]).map((item) => item.name)
const containers = (original: JsonValue, patch: JsonValue, more: JsonObject = {}) =>
  strategicMerge({ spec: { containers: original } }, { spec: { containers: patch, ...more } }, 'Pod')

const merges: readonly (readonly [name: string, original: JsonValue, patch: JsonValue, result: JsonValue])[] =
  [
    [
      'scalars are replaced',
      { spec: { nodeName: 'a' } },
      { spec: { nodeName: 'b' } },
      { spec: { nodeName: 'b' } },
    ],
    [
      'null deletes',
      { spec: { nodeName: 'a', hostIPC: true } },
      { spec: { nodeName: null } },
      { spec: { hostIPC: true } },
    ],
    ['null for what is absent leaves no trace', {}, { spec: { nodeName: null } }, { spec: {} }],
    [
      'nulls in new lists of objects vanish',
      {},
      { spec: { volumes: [{ name: 'v', nfs: null }] } },
      { spec: { volumes: [{ name: 'v' }] } },
    ],
    [
      'another type replaces',
      { spec: { nodeName: 'a' } },
      { spec: { nodeName: 1 } },
      { spec: { nodeName: 1 } },
    ],
    ['documents may be null', null, null, {}],
    [
      'keys match in any case',
      { Spec: { containers: named('a') } },
      { Spec: { Containers: named('b') } },
      { Spec: { containers: named('a'), Containers: named('b') } },
    ],
    [
      '$patch: replace keeps only the patch',
      { spec: { nodeName: 'a' } },
      { spec: { $patch: 'replace', hostname: 'h' } },
      { spec: { hostname: 'h' } },
    ],
    ['$patch: delete empties', { spec: { nodeName: 'a' } }, { spec: { $patch: 'delete' } }, { spec: {} }],
    ['a new object that carries $patch is not taken', {}, { spec: { $patch: 'replace' } }, {}],
    ['a scalar gives way to an object with $patch', { spec: 1 }, { spec: { $patch: 'replace' } }, {}],
    [
      'atomic lists are replaced',
      { spec: { tolerations: [{ key: 'a' }] } },
      { spec: { tolerations: [{ key: 'b' }] } },
      { spec: { tolerations: [{ key: 'b' }] } },
    ],
    [
      'sets of primitives are joined',
      { metadata: { finalizers: ['a', 'b'] } },
      { metadata: { finalizers: ['c', 'b'] } },
      { metadata: { finalizers: ['c', 'a', 'b'] } },
    ],
    [
      'primitives are deleted',
      { metadata: { finalizers: ['a', 'b'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } },
      { metadata: { finalizers: ['b'] } },
    ],
    [
      'deleting primitives from nothing is nothing',
      { metadata: {} },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } },
      { metadata: {} },
    ],
    [
      'null deletes the list of primitives',
      { metadata: { finalizers: ['a'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': null } },
      { metadata: {} },
    ],
    [
      'a duplicate gives its place to the last',
      { metadata: { finalizers: ['a', 'b', 'a'] } },
      { metadata: { finalizers: ['c'] } },
      { metadata: { finalizers: ['a', 'b', 'c'] } },
    ],
    [
      'primitives in a given order',
      { metadata: { finalizers: ['a', 'b'] } },
      { metadata: { finalizers: ['c'], '$setElementOrder/finalizers': ['c', 'b', 'a'] } },
      { metadata: { finalizers: ['c', 'b', 'a'] } },
    ],
    [
      '$retainKeys drops the rest',
      { spec: { volumes: [{ name: 'v', nfs: {}, secret: {} }] } },
      { spec: { volumes: [{ name: 'v', $retainKeys: ['name', 'nfs'], nfs: { path: '/' } }] } },
      { spec: { volumes: [{ name: 'v', nfs: { path: '/' } }] } },
    ],
    [
      'without it a second source is added',
      { spec: { volumes: [{ name: 'v', nfs: {} }] } },
      { spec: { volumes: [{ name: 'v', secret: {} }] } },
      { spec: { volumes: [{ name: 'v', nfs: {}, secret: {} }] } },
    ],
    [
      'a new item of an old list keeps directives and nulls',
      { spec: { volumes: named('a') } },
      { spec: { volumes: [{ name: 'b', nfs: null, $retainKeys: ['name'] }] } },
      { spec: { volumes: [{ name: 'b', nfs: null, $retainKeys: ['name'] }, { name: 'a' }] } },
    ],
    [
      'unknown fields are added and replaced',
      { spec: { future: 1 } },
      { spec: { future: { a: 1 } }, other: [1] },
      { spec: { future: { a: 1 } }, other: [1] },
    ],
    [
      'only the first of two equal keys changes',
      {
        spec: {
          containers: [
            {
              name: 'c',
              ports: [
                { containerPort: 53, protocol: 'TCP' },
                { containerPort: 53, protocol: 'UDP' },
              ],
            },
          ],
        },
      },
      { spec: { containers: [{ name: 'c', ports: [{ containerPort: 53, name: 'dns' }] }] } },
      {
        spec: {
          containers: [
            {
              name: 'c',
              ports: [
                { containerPort: 53, protocol: 'TCP', name: 'dns' },
                { containerPort: 53, protocol: 'UDP' },
              ],
            },
          ],
        },
      },
    ],
    [
      'prototype names are keys like others',
      { metadata: { labels: JSON.parse('{"__proto__":"a","constructor":"b"}') } },
      { metadata: { labels: JSON.parse('{"__proto__":"c","toString":"d"}') } },
      { metadata: { labels: JSON.parse('{"__proto__":"c","constructor":"b","toString":"d"}') } },
    ],
    [
      'a list behind a pointer is replaced',
      { spec: { securityContext: [1] } },
      { spec: { securityContext: [2] } },
      { spec: { securityContext: [2] } },
    ],
  ]

for (const [name, original, patch, result] of merges) {
  t.test(name, async (t) => {
    const before = JSON.stringify([original, patch])
    t.strictSame(
      JSON.stringify(sorted(strategicMerge(original, patch, 'Pod'))),
      JSON.stringify(sorted(result)),
    )
    t.equal(JSON.stringify([original, patch]), before, 'inputs are untouched')
  })
}

/** Keys sorted, as entries, so that `__proto__` counts. */
function sorted(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value as JsonObject)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, sorted(item)])
}

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

t.test('an order for a list that is new, or for one that nobody has', async (t) => {
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

t.test('a list longer than a block, with items that no order names', async (t) => {
  const many = Array.from({ length: 50 }, (_, i) => ({ name: `n${i}` }))
  const result = containers(named('a'), many, { '$setElementOrder/containers': [] })
  const got = names((result['spec'] as JsonObject)['containers'])
  t.equal(got.length, 51)
  t.strictSame([...got].sort(), [...names(many), 'a'].sort(), 'nothing is lost')
})

const pod = {
  spec: { containers: named('a'), nodeName: 'n' },
  metadata: { finalizers: ['a'], labels: { a: 'b' } },
}
const refusals: readonly (readonly [name: string, patch: JsonValue, code: string, path?: string])[] = [
  ['no merge key', { spec: { containers: [{ image: 'x' }] } }, 'merge-missing-key', 'spec.containers'],
  [
    'no merge key beside $patch: delete',
    { spec: { containers: [{ $patch: 'delete' }] } },
    'merge-missing-key',
    'spec.containers',
  ],
  ['a merge key that is null goes missing', { spec: { containers: [{ name: null }] } }, 'merge-ok'],
  [
    'an object as merge key',
    { spec: { containers: [{ name: {} }] } },
    'merge-key-not-scalar',
    'spec.containers',
  ],
  ['$patch: merge', { spec: { $patch: 'merge' } }, 'merge-bad-directive', 'spec'],
  [
    '$patch: merge in an item',
    { spec: { containers: [{ name: 'a', $patch: 'merge' }] } },
    'merge-bad-directive',
    'spec.containers',
  ],
  [
    '$patch: null in an item of an old list',
    { spec: { containers: [{ name: 'a', env: [], $patch: null }] } },
    'merge-bad-directive',
    'spec.containers',
  ],
  [
    'an item missing from the order',
    { spec: { containers: named('x', 'y'), '$setElementOrder/containers': named('y') } },
    'merge-bad-element-order',
  ],
  [
    'a trailing $patch: replace past the order',
    {
      spec: { containers: [{ name: 'y' }, { $patch: 'replace' }], '$setElementOrder/containers': named('y') },
    },
    'merge-bad-element-order',
  ],
  ['an order that is no list', { spec: { '$setElementOrder/containers': {} } }, 'merge-type-mismatch'],
  ['an order without a field', { spec: { $setElementOrder: [] } }, 'merge-bad-element-order'],
  ['an order of an unknown field', { spec: { '$setElementOrder/nope': [] } }, 'merge-not-a-struct'],
  ['an order of a scalar', { spec: { '$setElementOrder/nodeName': [] } }, 'merge-type-mismatch'],
  [
    'an order with an object among primitives',
    { metadata: { '$setElementOrder/finalizers': [{}] } },
    'merge-key-not-scalar',
  ],
  ['$retainKeys that is no list', { spec: { $retainKeys: 'name' } }, 'merge-bad-retain-keys', 'spec'],
  [
    '$retainKeys without a key of the patch',
    { spec: { $retainKeys: [], nodeName: 'x' } },
    'merge-bad-retain-keys',
  ],
  [
    'a malformed primitive delete',
    { metadata: { $deleteFromPrimitiveListX: [] } },
    'merge-bad-primitive-delete',
    'metadata',
  ],
  [
    'lists of mixed types',
    { metadata: { finalizers: ['b', 1] } },
    'merge-type-mismatch',
    'metadata.finalizers',
  ],
  ['strings in a list of objects', { spec: { containers: ['x'] } }, 'merge-type-mismatch'],
  ['objects below what is no struct', { metadata: { labels: { a: { b: {} } } } }, 'merge-ok'],
  ['no object at all', [], 'merge-bad-document'],
]

for (const [name, patch, code, path] of refusals) {
  t.test(`refused: ${name}`, async (t) => {
    if (code === 'merge-ok') {
      t.doesNotThrow(() => strategicMerge(pod, patch, 'Pod'))
      return
    }
    try {
      strategicMerge(pod, patch, 'Pod')
      t.fail('expected an error')
    } catch (error) {
      t.ok(error instanceof MergeError)
      t.match(
        error,
        path === undefined
          ? { code }
          : { code, path, message: new RegExp(`^${path.replaceAll('.', '[.]')}: `) },
      )
    }
  })
}

t.test('what cannot merge because of the original', async (t) => {
  const merge = (original: JsonValue, patch: JsonValue) => () => strategicMerge(original, patch, 'Pod')
  const nested = { metadata: { labels: { a: { b: 1 } } } }
  t.throws(merge(nested, nested), { code: 'merge-not-a-struct' })
  const unknown = { spec: { future: { a: 1 } } }
  t.throws(merge(unknown, unknown), { code: 'merge-not-a-struct' })
  const inQuantity = { spec: { overhead: { cpu: { x: 1 } } } }
  t.throws(merge(inQuantity, inQuantity), { code: 'merge-not-a-struct' })
  t.throws(merge({ spec: { nodeName: [1] } }, { spec: { nodeName: [2] } }), { code: 'merge-type-mismatch' })
  t.throws(merge({ spec: { containers: [{ image: 'x' }] } }, { spec: { containers: named('a') } }), {
    code: 'merge-missing-key',
  })
  t.throws(merge({ metadata: { finalizers: [{ a: 1 }] } }, { metadata: { finalizers: [{ a: 2 }] } }), {
    code: 'merge-type-mismatch',
  })
  t.throws(
    merge(
      { spec: { tolerations: [{ key: 'a' }] } },
      { spec: { tolerations: [{ key: 'b' }], '$setElementOrder/tolerations': [{ key: 'b' }] } },
    ),
    { code: 'merge-bad-element-order' },
  )
  t.throws(merge({ spec: { containers: [] } }, { spec: { '$setElementOrder/containers': named('a') } }), {
    code: 'merge-type-mismatch',
  })
  t.throws(merge({ spec: { containers: [{ name: null }] } }, { spec: { containers: [{ name: null }] } }), {
    code: 'merge-missing-key',
  })
})

t.test("primitive deletes of other kinds go Kubernetes' own way", async (t) => {
  const merge = (original: JsonValue, patch: JsonValue) => strategicMerge(original, patch, 'Pod')
  t.strictSame(merge({ spec: { nodeName: 'a' } }, { spec: { '$deleteFromPrimitiveList/nodeName': 'b' } }), {
    spec: { nodeName: 'b' },
  })
  t.strictSame(merge({ spec: { nodeName: 'a' } }, { spec: { '$deleteFromPrimitiveList/nodeName': 1 } }), {
    spec: { nodeName: 'a' },
  })
  t.strictSame(
    merge(
      { spec: { containers: named('a') } },
      { spec: { '$deleteFromPrimitiveList/containers': named('b') } },
    ),
    { spec: { containers: named('b', 'a') } },
  )
  t.strictSame(
    merge(
      { metadata: { labels: { a: '1' } } },
      { metadata: { '$deleteFromPrimitiveList/labels': { b: '2' } } },
    ),
    { metadata: { labels: { a: '1', b: '2' } } },
  )
  t.strictSame(
    merge({ metadata: { finalizers: [] } }, { metadata: { '$deleteFromPrimitiveList/finalizers': [] } }),
    { metadata: { finalizers: [] } },
  )
})

t.test('what the patch leaves alone is the same object', async (t) => {
  const original = {
    metadata: { labels: { a: 'b' } },
    spec: { containers: [{ name: 'a', env: named('E') }, { name: 'b' }] },
  }
  const result = strategicMerge(original, { spec: { containers: [{ name: 'a', image: 'i' }] } }, 'Pod')
  t.equal(result['metadata'], original.metadata)
  const [first, second] = (result['spec'] as { containers: JsonObject[] }).containers
  t.equal(second, original.spec.containers[1])
  t.equal(first?.['env'], original.spec.containers[0]?.env)
  t.equal(strategicMerge(original, { spec: { containers: [{ name: 'b' }] } }, 'Pod'), original)
})

t.test('a schema is chosen by name', async (t) => {
  t.strictSame(strategicMerge({ env: named('A') }, { env: [{ name: 'A', value: '1' }] }, 'Container'), {
    env: [{ name: 'A', value: '1' }],
  })
  t.throws(() => strategicMerge({}, {}, 'Nope'), /no type Nope/)
})

t.test('bottomless patches end in an error', async (t) => {
  let deep: JsonValue = {}
  for (let i = 0; i < 10_000; i++) deep = { a: deep }
  t.throws(() => strategicMerge({}, { unknown: deep }, 'Pod'), { code: 'merge-too-deep' })
})
