/** The snapshot builder gives the same result for every source, and rebuilds only what changed. */
import t from 'tap'
import { type ClusterKind, type ClusterObject, SnapshotBuilder } from '../../src/revisions/index.ts'
import { namespace, node, noOptions, revision } from './cluster-objects.ts'

const proxyConfig: ClusterObject = {
  object: {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'ProxyConfig',
    metadata: { name: 'two', namespace: 'shop' },
    spec: { concurrency: 2 },
  },
}
const configMaps = [...revision('default'), ...revision('canary')].filter(
  ({ object }) => object['kind'] === 'ConfigMap',
)

function builderWith(kinds: { readonly [kind in ClusterKind]?: readonly ClusterObject[] }): SnapshotBuilder {
  const builder = new SnapshotBuilder(noOptions)
  for (const [kind, objects] of Object.entries(kinds)) builder.setKind(kind as ClusterKind, objects) // a key of kinds
  builder.build('now')
  return builder
}

const everything = {
  namespaces: [namespace('shop')],
  nodes: [node('n1', 'v1.33.1')],
  proxyconfigs: [proxyConfig],
  configmaps: configMaps,
}

t.test('the snapshot is the same whether kinds are set one by one or all at once', async (t) => {
  const byKind = builderWith(everything)
  const atOnce = new SnapshotBuilder(noOptions)
  const { snapshot } = atOnce.build('now')
  t.equal(snapshot.revisions.size, 0)
  atOnce.setAll(Object.values(everything).flat())
  atOnce.build('now')
  const facts = (builder: SnapshotBuilder) => {
    const { revisions, ...rest } = builder.built?.snapshot ?? snapshot
    return { rest, revisions: [...revisions.values()].map(({ name, config }) => [name, config?.digest]) }
  }
  t.same(facts(atOnce), facts(byKind))
  t.equal(facts(atOnce).revisions.length, 2)
})

t.test('a change of one kind rebuilds only what depends on it', async (t) => {
  const builder = builderWith(everything)
  const before = builder.built
  builder.setKind('namespaces', [namespace('shop'), namespace('bank')])
  const after = builder.build('now')
  t.same([...after.snapshot.namespaces.keys()], ['shop', 'bank'])
  t.equal(after.parts.discovery, before?.parts.discovery, 'revisions are not discovered again')
  t.equal(after.snapshot.nodes, before?.snapshot.nodes)
  t.equal(after.snapshot.proxyConfigs, before?.snapshot.proxyConfigs)
  for (const [name, found] of after.snapshot.revisions)
    t.equal(found, before?.snapshot.revisions.get(name), `${name} is the same object`)
})

t.test('a new ConfigMap leaves namespaces, nodes and the other revisions as they are', async (t) => {
  const builder = builderWith({ ...everything, configmaps: configMaps.slice(0, 2) })
  const before = builder.built
  builder.setKind('configmaps', configMaps)
  const after = builder.build('now')
  t.same([...after.snapshot.revisions.keys()], ['canary', 'default'])
  t.not(after.parts.discovery, before?.parts.discovery)
  t.equal(after.snapshot.revisions.get('default'), before?.snapshot.revisions.get('default'))
  t.equal(after.snapshot.namespaces, before?.snapshot.namespaces)
  t.equal(after.snapshot.nodes, before?.snapshot.nodes)
})

t.test('setting the same objects again rebuilds nothing', async (t) => {
  const builder = builderWith(everything)
  const before = builder.built
  for (const [kind, objects] of Object.entries(everything)) builder.setKind(kind as ClusterKind, [...objects]) // a key of everything
  const after = builder.build('now')
  t.equal(after.parts.sorted.namespaces, before?.parts.sorted.namespaces)
  t.equal(after.parts.namespaces, before?.parts.namespaces)
  t.equal(after.parts.discovery, before?.parts.discovery)
  t.same(after.snapshot, before?.snapshot)
})

t.test('an object that cannot be read keeps its last good value from build to build', async (t) => {
  const builder = builderWith(everything)
  const broken = node('n1', 7)
  builder.setKind('nodes', [broken])
  for (let i = 0; i < 2; i++) {
    const { snapshot } = builder.build('now')
    t.same([...snapshot.nodes.versions], [['n1', 'v1.33.1']])
    t.match(snapshot.problems, [{ code: 'object-malformed' }])
  }
})
