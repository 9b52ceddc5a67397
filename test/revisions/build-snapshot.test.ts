import t from 'tap'
import type { JsonValue } from '../../src/json/index.ts'
import { emptySnapshot } from '../../src/revisions/index.ts'
import { build, codesOf, labelsOf, namespace, node, object } from './cluster-objects.ts'

t.test('without objects the snapshot is empty and frozen', async (t) => {
  t.same(build([]).snapshot, emptySnapshot)
  t.ok(Object.isFrozen(build([]).snapshot))
  t.ok(Object.isFrozen(build([]).snapshot.problems))
})

t.test(
  'namespaces, nodes and ProxyConfigs are read from plain objects, and other kinds are ignored',
  async (t) => {
    const proxyConfig = (name: string, creationTimestamp: string, concurrency: JsonValue) =>
      object(
        'networking.istio.io/v1beta1',
        'ProxyConfig',
        { name, namespace: 'a', creationTimestamp },
        { spec: { concurrency } },
      )
    const built = build([
      object('v1', 'Namespace', { name: 'a', labels: { x: 'y' }, annotations: { b: 'c' } }),
      object('v1', 'Namespace', { name: 'bare' }),
      object('example.com/v1', 'Namespace', { name: 'of-another-group' }),
      object('v1', 'Pod', { name: 'p', namespace: 'a' }),
      node('n', 'v1.33.1'),
      object('v1', 'Node', { name: 'silent' }),
      proxyConfig('younger', '2026-02-01T00:00:00Z', 3),
      proxyConfig('older', '2026-01-01T00:00:00Z', 2),
    ])
    t.same([...built.snapshot.namespaces.keys()], ['a', 'bare'])
    t.same([...(built.snapshot.namespaces.get('a')?.annotations ?? [])], [['b', 'c']])
    t.same(
      [...built.snapshot.nodes.versions],
      [
        ['n', 'v1.33.1'],
        ['silent', ''],
      ],
    )
    t.same(
      built.snapshot.proxyConfigs.get('a')?.map(({ name }) => name),
      ['older', 'younger'],
    )
    t.same(built.snapshot.problems, [])
  },
)

t.test('an invalid object keeps its last good state', async (t) => {
  const first = build([namespace('a', { v: '1' }), namespace('b', { v: '1' }), node('n', 'v1.32.0')])
  const second = build(
    [
      namespace('a', { v: true }),
      namespace('b', { v: '2' }),
      namespace('c', 'x'),
      node('n', 7),
      node('m', []),
    ],
    first,
  )
  t.same(labelsOf(second, 'a'), { v: '1' })
  t.same(labelsOf(second, 'b'), { v: '2' })
  t.equal(second.snapshot.namespaces.has('c'), false, 'there never was a good one')
  t.same([...second.snapshot.nodes.versions], [['n', 'v1.32.0']])
  t.match(second.snapshot.problems, [
    {
      code: 'object-malformed',
      message:
        /^Namespace a \(cluster\.yaml\): metadata\.labels\.v: expected a string .*found true; its last good state/,
    },
    { message: /^Namespace c .*metadata\.labels: expected an object, found "x"; it is not used$/ },
    { message: /^Node n / },
    { message: /^Node m / },
  ])
  const third = build([namespace('a', { v: '3' })], second)
  t.same(labelsOf(third, 'a'), { v: '3' })
  t.same(third.snapshot.problems, [])
  t.equal(third.snapshot.namespaces.has('b'), false, 'what is gone is gone')
})

t.test('objects with the same identity are not read again', async (t) => {
  const a = namespace('a', { v: '1' })
  const first = build([a])
  const second = build([a, namespace('b')], first)
  t.equal(second.snapshot.namespaces.get('a'), first.snapshot.namespaces.get('a'))
})

t.test('unnamed and duplicate objects are problems', async (t) => {
  const built = build([
    namespace('a', { v: '1' }),
    namespace('a', { v: '2' }),
    object('v1', 'Namespace', {}),
    { object: { apiVersion: 'v1', kind: 'Node' } },
  ])
  t.same(labelsOf(built, 'a'), { v: '2' })
  t.same(codesOf(built), ['object-defined-twice', 'object-malformed', 'object-malformed'])
})

t.test('names of the prototype are ordinary names', async (t) => {
  const labels = JSON.parse('{"__proto__": "x", "constructor": "y"}')
  const built = build([namespace('__proto__', labels), namespace('constructor')])
  t.same([...built.snapshot.namespaces.keys()], ['__proto__', 'constructor'])
  t.same(
    [...(built.snapshot.namespaces.get('__proto__')?.labels ?? [])],
    [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ],
  )
})
