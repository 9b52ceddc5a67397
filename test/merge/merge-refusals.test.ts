import t from 'tap'
import type { JsonValue } from '../../src/json/index.ts'
import { MergeError, strategicMerge } from '../../src/merge/index.ts'

const named = (...names: string[]) => names.map((name) => ({ name }))

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

t.test('an original that cannot be merged is refused', async (t) => {
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
