import t from 'tap'
import { overwriteClusterInfo } from '../../../src/inject/post/cluster-info.ts'
import { settleProxyEnv } from '../../../src/inject/post/index.ts'
import { draftOf, podWith, postContext } from './context.ts'

function settle(
  path: Record<string, string>,
  values: { clusterName?: string; network?: string } = {},
  labels = {},
) {
  const sources = {
    pathEnv: new Map(Object.entries(path)),
    values: { clusterName: '', network: '', ...values },
    podLabels: labels,
  }
  return Object.fromEntries(settleProxyEnv(sources))
}
const CLUSTER = 'ISTIO_META_CLUSTER_ID'
const NETWORK = 'ISTIO_META_NETWORK'
const label = 'topology.istio.io/network'

t.test('cluster and network come from the values, then the path, then the label', async (t) => {
  t.same(settle({}), {})
  t.same(settle({}, { clusterName: 'c', network: 'n' }), { [CLUSTER]: 'c', [NETWORK]: 'n' })
  t.same(settle({ [CLUSTER]: 'p' }, { clusterName: 'c' }), { [CLUSTER]: 'p' })
  t.same(settle({ [CLUSTER]: '' }, { clusterName: 'c' }), { [CLUSTER]: 'c' })
  t.same(settle({ [CLUSTER]: '' }), { [CLUSTER]: '' })
  t.same(settle({ [NETWORK]: 'p', X: '1' }, { network: 'n' }, { [label]: 'l' }), { [NETWORK]: 'l', X: '1' })
  t.same(settle({ [NETWORK]: 'p' }, { network: 'n' }, { [label]: '' }), { [NETWORK]: 'p' })
  t.same(settle({}, { network: 'n' }, { [label]: '' }), {})
  t.same(settle({}, { network: 'n' }, { [label]: 7 }), { [NETWORK]: 'n' })
})

t.test('the variables are replaced by ones at the end, sorted', async (t) => {
  const env = [{ name: 'B', value: 'old' }, { name: 'KEPT', valueFrom: {} }, { name: 'C' }]
  const draft = draftOf({ spec: { containers: [{ name: 'app' }, { name: 'istio-proxy', env }] } })
  const proxyEnv = new Map([
    ['C', ''],
    ['B', 'new'],
    ['A', '1'],
  ])
  overwriteClusterInfo(draft, postContext({ proxyEnv }))
  t.same(draft.container({ list: 'containers', index: 1 })['env'], [
    { name: 'KEPT', valueFrom: {} },
    { name: 'A', value: '1' },
    { name: 'B', value: 'new' },
    { name: 'C' },
  ])
})

t.test('nothing changes without a proxy or without variables', async (t) => {
  const proxyEnv = new Map([['A', '1']])
  for (const [pod, context] of [
    [{ spec: { containers: [{ name: 'app' }] } }, postContext({ proxyEnv })],
    [podWith([]), postContext()],
    [{}, postContext({ proxyEnv })],
    // Istio before 1.19 knew no native sidecars.
    [{ spec: { initContainers: [{ name: 'istio-proxy' }] } }, postContext({ proxyEnv, release: '1.18.0' })],
  ] as const) {
    const draft = draftOf(pod)
    const spec = draft.pod['spec']
    overwriteClusterInfo(draft, context)
    t.equal(draft.pod['spec'], spec)
  }
})

t.test('a native proxy is found among the init containers', async (t) => {
  const draft = draftOf({ spec: { initContainers: [{ name: 'istio-proxy' }], containers: [] } })
  overwriteClusterInfo(draft, postContext({ proxyEnv: new Map([['A', '1']]) }))
  t.same(draft.container({ list: 'initContainers', index: 0 })['env'], [{ name: 'A', value: '1' }])
})
