import t from 'tap'
import type { JsonValue } from '../../src/json/index.ts'
import { appendToken, applyPatch, type JsonPatchOperation, parsePointer } from '../../src/jsonpatch/index.ts'

t.test('JSON pointers are parsed and formatted', async (t) => {
  t.strictSame(parsePointer(''), [])
  t.strictSame(parsePointer('/'), [''])
  t.strictSame(parsePointer('/a~1b/~01/0'), ['a/b', '~1', '0'])
  t.equal(appendToken(appendToken('/a', 'x/~y'), 3), '/a/x~1~0y/3')
  for (const bad of ['a', '/~2', '/a~']) t.throws(() => parsePointer(bad), { code: 'json-pointer-syntax' })
})

t.test('all operations of RFC 6902 are applied to a copy', async (t) => {
  const document = { a: { b: [1, 2] }, c: 3 }
  const value = { deep: [1] }
  const result = applyPatch(document, [
    { op: 'test', path: '/c', value: 3 },
    { op: 'add', path: '/a/b/-', value },
    { op: 'add', path: '/a/b/2/deep/0', value: 0 },
    { op: 'copy', from: '/c', path: '/d' },
    { op: 'move', from: '/c', path: '/e' },
    { op: 'replace', path: '/a/b/0', value: 9 },
    { op: 'remove', path: '/a/b/1' },
  ])
  t.strictSame(result, { a: { b: [9, { deep: [0, 1] }] }, d: 3, e: 3 })
  t.strictSame(document, { a: { b: [1, 2] }, c: 3 })
  t.strictSame(value, { deep: [1] })
})

const refused: readonly JsonPatchOperation[] = [
  { op: 'remove', path: '/x' },
  { op: 'replace', path: '/x', value: 1 },
  { op: 'add', path: '/x/y', value: 1 },
  { op: 'add', path: '/list/5', value: 1 },
  { op: 'test', path: '/list', value: 1 },
  { op: 'remove', path: '/__proto__' },
  { op: 'replace', path: '/__proto__/x', value: 1 },
  { op: 'add', path: '/list/__proto__', value: 1 },
  { op: 'add', path: '/list/x/__proto__', value: 1 },
  { op: 'copy', from: '/list', path: '/__proto__' },
]
for (const operation of refused) {
  t.test(`refuses ${JSON.stringify(operation)}`, async (t) => {
    t.throws(() => applyPatch({ list: [] }, [operation]), {
      code: 'json-patch-not-applicable',
      path: operation.path,
    })
  })
}

t.test('keys named like prototype properties are only data', async (t) => {
  const document: JsonValue = JSON.parse('{"list":[{"__proto__":[1,2]}]}')
  const result = applyPatch(document, [
    { op: 'add', path: '/list/0/__proto__/-', value: 3 },
    { op: 'replace', path: '/list/0/__proto__/0', value: 0 },
    { op: 'remove', path: '/list/0/__proto__/1' },
    { op: 'add', path: '/__proto__', value: { polluted: true } },
    { op: 'add', path: '/constructor', value: {} },
    { op: 'add', path: '/constructor/prototype', value: 1 },
    { op: 'remove', path: '/constructor/prototype' },
  ])
  t.equal(
    JSON.stringify(result),
    '{"list":[{"__proto__":[0,3]}],"__proto__":{"polluted":true},"constructor":{}}',
  )
  t.notOk('polluted' in {})
})
