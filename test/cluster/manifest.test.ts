import t from 'tap'
import { parseManifest } from '../../src/cluster/manifest.ts'
import { RemoraError } from '../../src/errors.ts'
import { isObject, own } from '../../src/json/index.ts'

const names = (path: string, text: string) =>
  parseManifest(path, text).map(({ object }) => {
    const metadata = own(object, 'metadata')
    const name = isObject(metadata) ? own(metadata, 'name') : '?'
    return `${own(object, 'apiVersion')} ${own(object, 'kind')} ${name}`
  })

t.test('several documents are parsed, with empty ones and comments between them', async (t) => {
  const text = [
    '# head',
    '---',
    'apiVersion: v1',
    'kind: Namespace',
    'metadata: {name: a}',
    '---',
    '---',
    '# nothing here',
    '---',
    'apiVersion: v1',
    'kind: Namespace',
    'metadata: {name: b}',
    '...',
  ].join('\n')
  t.same(names('x.yaml', text), ['v1 Namespace a', 'v1 Namespace b'])
  t.same(names('empty.yaml', ''), [])
})

t.test('nested Lists, typed lists and a kind whose name ends in List are parsed', async (t) => {
  const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      namespace('a'),
      { apiVersion: 'v1', kind: 'List', items: [namespace('b')] },
      { apiVersion: 'v1', kind: 'NodeList', items: [{ metadata: { name: 'n' } }] },
      { apiVersion: 'example.com/v1', kind: 'AllowList', metadata: { name: 'not-a-list' } },
      { apiVersion: 'v1', kind: 'PodList', items: null },
    ],
  })
  const expected = ['v1 Namespace a', 'v1 Namespace b', 'v1 Node n', 'example.com/v1 AllowList not-a-list']
  t.same(names('x.json', text), expected)
  t.same(names('x.yaml', text), expected)
})

t.test('an invalid manifest is refused with file, line and position', async (t) => {
  const cases: readonly [path: string, text: string, message: RegExp][] = [
    ['a.yaml', 'apiVersion: v1\nkind: Namespace\n  metadata: x\n', /^a\.yaml: .*line \d/],
    ['a.json', '{"apiVersion": "v1",\n "kind": }', /^a\.json: .*line 2/],
    ['b.yaml', '---\napiVersion: v1\nkind: X\n---\nfoo: 1\n', /^b\.yaml, line 5: .*`apiVersion` and `kind`/],
    ['c.yaml', '- 1\n', /^c\.yaml, line 1: expected a Kubernetes object, found a list/],
    ['d.yaml', 'just text', /found the string "just text"/],
    [
      'e.json',
      '{"apiVersion":"v1","kind":"List","items":{}}',
      /items of a List must be a list, found an object/,
    ],
    ['f.json', '{"apiVersion":"v1","kind":"List","items":[null]}', /\(items\[0\]\): .*found null/],
    [
      'g.json',
      '{"apiVersion":"v1","kind":"List","items":[{"kind":"List","apiVersion":"v1","items":[7]}]}',
      /\(items\[0\]\.items\[0\]\)/,
    ],
  ]
  for (const [path, text, message] of cases) {
    t.throws(() => parseManifest(path, text), { code: 'manifest-malformed', message }, path)
  }
})

t.test('Lists that are nested too deeply are refused', async (t) => {
  let text = '{"apiVersion":"v1","kind":"List","items":[]}'
  for (let i = 0; i < 40; i++) text = `{"apiVersion":"v1","kind":"List","items":[${text}]}`
  t.throws(() => parseManifest('deep.json', text), { message: /more than 16 deep/ })
  const deep = '['.repeat(10_000)
  t.throws(() => parseManifest('deeper.json', deep), RemoraError)
  t.throws(() => parseManifest('deeper.yaml', deep), RemoraError)
})

t.test('each object has the name of its file', async (t) => {
  const [first] = parseManifest('x/y.json', '{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}}')
  t.equal(first?.source, 'x/y.json')
})
