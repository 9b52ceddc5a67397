/** The fast path through fields gives the same as readMember, name by name, or leaves it to readMember. */
import t from 'tap'
import { readMember } from '../../../src/gotemplate/eval/member.ts'
import { NOT_PLAIN, PlainPaths } from '../../../src/gotemplate/eval/plain-path.ts'
import { Site } from '../../../src/gotemplate/eval/site.ts'
import {
  type Backing,
  type GoValue,
  int32Type,
  MapValue,
  mapOf,
  type ParsedTemplate,
  PointerValue,
  parseTemplate,
  pointerTo,
  StructType,
  StructValue,
  sliceOf,
  stringMapType,
  stringType,
} from '../../../src/gotemplate/index.ts'

const inner = new StructType('t.Inner', () => [
  { name: 'Text', json: 'text', type: stringType },
  { name: 'Number', json: 'number', type: int32Type },
  { name: 'Map', json: 'map', type: stringMapType },
  { name: 'List', json: 'list', type: sliceOf(stringType) },
])
const embedded = new StructType('t.Embedded', () => [
  { name: 'Promoted', json: 'promoted', type: stringType },
])
const outer: StructType = new StructType(
  't.Outer',
  () => [
    { name: 'Inner', json: 'inner', type: inner },
    { name: 'Pointer', json: 'pointer', type: pointerTo(inner) },
    { name: 'ByName', json: 'byName', type: mapOf(stringType, stringType) },
    { name: 'Embedded', json: '', embedded: true, type: embedded },
    { name: 'hidden', json: 'hidden', unexported: true, type: stringType },
    { name: 'Special', json: 'special', type: stringType, read: () => 'read by itself' },
    { name: 'Text', json: 'text', type: stringType },
  ],
  () => [{ name: 'Method', receiver: 'pointer', params: [], returns: stringType, call: () => 'called' }],
)

const backings: readonly object[] = [
  {},
  { text: 'a', inner: { text: 'b', number: 3, map: { k: 'v' }, list: ['x'] }, byName: { k: 'v' } },
  { text: null, inner: null, pointer: null, byName: null },
  { text: 5, inner: 'no object', byName: ['no', 'map'] },
  { inner: [], pointer: { text: 'c' }, promoted: 'p', hidden: 'h' },
  { inner: { text: ['no text'], number: 1.5, map: 'no map', list: {} } },
  { inner: new StructValue(inner, { text: 'a value already' }), text: 'x' },
  { inner: { text: new MapValue(stringMapType, { of: 'another type' }) } },
]

const names = [
  'Text',
  'Inner',
  'Inner.Text',
  'Inner.Number',
  'Inner.Map',
  'Inner.List',
  'Inner.Missing',
  'Pointer',
  'Pointer.Text',
  'ByName',
  'ByName.k',
  'Embedded',
  'Embedded.Promoted',
  'Promoted',
  'hidden',
  'Special',
  'Method',
  'Missing',
  'constructor',
]

const set = new Map<string, ParsedTemplate>()
parseTemplate({ name: 't', text: 'x{{.}}' }, set, () => 'no')

/** readMember name by name: the oracle. */
function slow(value: GoValue, path: readonly string[]): { readonly gives: GoValue } | 'fails' {
  const template = set.get('t')
  if (template === undefined) throw new Error('it was parsed')
  const site = new Site(template, { kind: 'text', offset: 0 })
  try {
    return {
      gives: path.reduce((at, name) => readMember(at, name, false, site, () => 'a method'), value),
    }
  } catch {
    return 'fails'
  }
}

const starts = backings.flatMap((backing): readonly [string, GoValue][] => {
  const shown = JSON.stringify(backing)
  const at = (addressable: boolean) => new StructValue(outer, backing as Backing, addressable) // a plain object each
  return [
    [`value of ${shown}`, at(false)],
    [`addressable ${shown}`, at(true)],
    [`pointer to ${shown}`, new PointerValue(pointerTo(outer), at(true))],
  ]
})

t.test('the fast path gives the same result as readMember', async (t) => {
  let plain = 0
  for (const name of names) {
    const path = name.split('.')
    const paths = new PlainPaths(path)
    for (const [start, value] of starts) {
      const read = paths.read(value)
      if (read === NOT_PLAIN) continue
      plain++
      t.same({ gives: read }, slow(value, path), `.${name} of ${start}`)
    }
  }
  t.ok(plain >= 100, `${plain} are plain`)
})

t.test('the fast path handles only fields of structs', async (t) => {
  const value = new StructValue(outer, { inner: { text: 'b' }, pointer: { text: 'c' } }, true)
  for (const name of [
    'Pointer.Text',
    'ByName.k',
    'Promoted',
    'hidden',
    'Special',
    'Method',
    'Missing',
    'constructor',
  ])
    t.equal(new PlainPaths(name.split('.')).read(value), NOT_PLAIN, name)
  const paths = new PlainPaths(['Inner', 'Text'])
  t.equal(paths.read(value), 'b')
  for (const other of [undefined, null, 'text', 1n, {}, [], new PointerValue(pointerTo(outer), undefined)])
    t.equal(paths.read(other), NOT_PLAIN)
  t.equal(paths.read(new StructValue(inner, { text: 'b' })), NOT_PLAIN, 'of another type')
  t.equal(paths.read(value), 'b', 'and back')
})
