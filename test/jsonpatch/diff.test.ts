import t from 'tap'
import { equalJson, type JsonValue } from '../../src/json/index.ts'
import { applyPatch, type DiffOperation, diffJson } from '../../src/jsonpatch/index.ts'
import { applyStrictly } from './strict-apply.ts'

const named = (...names: string[]) => names.map((name) => ({ name }))
const add = (path: string, value: JsonValue): DiffOperation => ({ op: 'add', path, value })
const replace = (path: string, value: JsonValue): DiffOperation => ({ op: 'replace', path, value })
const remove = (path: string): DiffOperation => ({ op: 'remove', path })

const cases: readonly (readonly [name: string, from: JsonValue, to: JsonValue, patch: DiffOperation[]])[] = [
  ['nothing for equals', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
  ['a scalar', { a: 1, b: 2 }, { a: 1, b: 3 }, [replace('/b', 3)]],
  ['another type', { a: [1] }, { a: { b: 1 } }, [replace('/a', { b: 1 })]],
  ['null is a value', { a: 1 }, { a: null, b: null }, [replace('/a', null), add('/b', null)]],
  ['below null nothing is added', { a: null }, { a: { b: 1 } }, [replace('/a', { b: 1 })]],
  ['a parent comes with its children', {}, { a: { b: { c: 1 } } }, [add('/a', { b: { c: 1 } })]],
  ['keys are escaped', { 'a/b': 1, 'c~d': 1 }, { 'a/b': 2 }, [replace('/a~1b', 2), remove('/c~0d')]],
  ['empty keys', { '': { '': 1 } }, { '': { '': 2 } }, [replace('//', 2)]],
  ['keys that look like indexes', { '0': 1 }, { '0': 1, '-': 2 }, [add('/-', 2)]],
  ['the whole document', [], {}, [replace('', {})]],
  [
    'an item at the front',
    { containers: named('a', 'b') },
    { containers: named('x', 'a', 'b') },
    [add('/containers/0', { name: 'x' })],
  ],
  ['an item at the end', [1, 2], [1, 2, 3], [add('/2', 3)]],
  ['an item in the middle goes', ['a', 'b', 'c'], ['a', 'c'], [remove('/1')]],
  [
    'items pair by merge key',
    {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    },
    { env: [{ name: 'X' }, { name: 'A', value: '1' }, { name: 'B', value: '3' }] },
    [add('/env/0', { name: 'X' }), replace('/env/2/value', '3')],
  ],
  [
    'volume mounts pair by mountPath',
    {
      volumeMounts: [
        { mountPath: '/a', name: 'a' },
        { mountPath: '/b', name: 'b' },
      ],
    },
    { volumeMounts: [{ mountPath: '/b', name: 'c' }] },
    [remove('/volumeMounts/0'), replace('/volumeMounts/0/name', 'c')],
  ],
  [
    'of equal keys the equal items pair',
    {
      ports: [
        { containerPort: 53, protocol: 'TCP' },
        { containerPort: 53, protocol: 'UDP' },
      ],
    },
    { ports: [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 1 }] },
    [remove('/ports/0'), add('/ports/1', { containerPort: 1 })],
  ],
  [
    'equal keys with new content pair in order',
    {
      ports: [
        { containerPort: 53, name: 'a' },
        { containerPort: 53, name: 'b' },
      ],
    },
    {
      ports: [
        { containerPort: 53, name: 'c' },
        { containerPort: 53, name: 'a' },
        { containerPort: 53, name: 'd' },
      ],
    },
    [
      remove('/ports/1'),
      add('/ports/0', { containerPort: 53, name: 'c' }),
      add('/ports/2', { containerPort: 53, name: 'd' }),
    ],
  ],
  [
    'without a key items pair by content',
    { items: [{ a: 1 }, { a: 2 }, { a: 3 }] },
    { items: [{ a: 2 }, { a: 4 }, { a: 3 }] },
    [remove('/items/0'), add('/items/1', { a: 4 })],
  ],
  [
    'key order is no difference',
    { items: [{ a: 1, b: 2 }, 1] },
    { items: [0, { b: 2, a: 1 }, 1] },
    [add('/items/0', 0)],
  ],
  [
    'what moves is one remove and one add',
    { containers: named('a', 'b', 'c', 'd') },
    { containers: named('d', 'a', 'b', 'c') },
    [remove('/containers/3'), add('/containers/0', { name: 'd' })],
  ],
  [
    'types are distinguished',
    ['1', 1, true, null, 'true', 'null'],
    [1, '1', null, true, 'null', 'true'],
    [remove('/5'), remove('/3'), remove('/1'), add('/0', 1), add('/2', null), add('/4', 'null')],
  ],
  [
    'odd items in a list with keys',
    { env: ['x', { value: 1 }, { name: 1 }, { name: {} }, []] },
    { env: [{ name: 1, value: 2 }, { name: {} }, [], 0] },
    [remove('/env/1'), remove('/env/0'), add('/env/0/value', 2), add('/env/3', 0)],
  ],
  ['lists in lists', [[1, 2], [3]], [[1, 2], [3, 4], []], [remove('/1'), add('/1', [3, 4]), add('/2', [])]],
]

for (const [name, from, to, patch] of cases) {
  t.test(name, async (t) => {
    const got = diffJson(from, to)
    t.strictSame(got, patch)
    t.ok(equalJson(applyStrictly(from, got), to), 'in forms that all libraries take alike')
    t.ok(equalJson(applyPatch(from, got), to), 'fast-json-patch agrees')
  })
}

t.test('shared subtrees are skipped', async (t) => {
  const shared = {
    get trap(): JsonValue {
      throw new Error('read')
    },
  }
  t.strictSame(diffJson({ a: shared, b: 1 }, { a: shared, b: 2 }), [replace('/b', 2)])
})

t.test('names of the prototype are ordinary keys', async (t) => {
  const from: JsonValue = JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":1}}')
  const to: JsonValue = JSON.parse('{"__proto__":{"a":2,"b":3},"constructor":{"prototype":2},"toString":1}')
  const patch = diffJson(from, to)
  t.strictSame(patch, [
    replace('/__proto__/a', 2),
    add('/__proto__/b', 3),
    replace('/constructor/prototype', 2),
    add('/toString', 1),
  ])
  t.ok(equalJson(applyPatch(from, patch), to))
  t.equal(Object.hasOwn(Object.prototype, 'b'), false)
})

t.test('values nested too deeply end in an error', async (t) => {
  let a: JsonValue = 1
  let b: JsonValue = 2
  for (let i = 0; i < 10_000; i++) [a, b] = [{ x: a }, { x: b }]
  t.throws(() => diffJson(a, b), { code: 'json-patch-too-deep' })
})

t.test('long lists do not take quadratic time', async (t) => {
  const from = Array.from({ length: 50_000 }, (_, i) => `item ${i}`)
  const to = from.toReversed()
  const start = process.hrtime.bigint()
  t.equal(diffJson({ args: from }, { args: to }).length, 2 * (from.length - 1))
  t.ok(process.hrtime.bigint() - start < 5_000_000_000n)
})
