import t from 'tap'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { strategicMerge } from '../../src/merge/index.ts'

const named = (...names: string[]) => names.map((name) => ({ name }))

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
    ['an object with $patch replaces a scalar', { spec: 1 }, { spec: { $patch: 'replace' } }, {}],
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

t.test('primitive deletes of other kinds behave as in Kubernetes', async (t) => {
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

t.test('unpatched parts stay the same objects', async (t) => {
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

t.test('patches nested too deeply end in an error', async (t) => {
  let deep: JsonValue = {}
  for (let i = 0; i < 10_000; i++) deep = { a: deep }
  t.throws(() => strategicMerge({}, { unknown: deep }, 'Pod'), { code: 'merge-too-deep' })
})
