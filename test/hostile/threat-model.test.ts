/** Rows of docs/security.md without another test: which pods each input affects. */
import t, { type Test } from 'tap'
import type { JsonObject } from '../../src/json/index.ts'
import { answersFor, exampleWith, plainPod, snapshotOf } from './example-cluster.ts'

const OTHERS = ['test-ns', 'migrating', 'checkout']
const OWN = ['payments']

async function pairOf(t: Test, objects: readonly JsonObject[]) {
  const before = await snapshotOf(exampleWith(t, []))
  const after = await snapshotOf(exampleWith(t, objects))
  return {
    others: [answersFor(OTHERS, before), answersFor(OTHERS, after)] as const,
    own: [answersFor(OWN, before), answersFor(OWN, after)] as const,
    after,
  }
}

const proxyConfig = (namespace: string): JsonObject => ({
  apiVersion: 'networking.istio.io/v1beta1',
  kind: 'ProxyConfig',
  metadata: { name: 'mine', namespace },
  spec: { concurrency: 7, environmentVariables: { FROM_TENANT: 'yes' }, image: { imageType: 'distroless' } },
})

t.test('a ProxyConfig reaches the pods of its own namespace', async (t) => {
  const { others, own } = await pairOf(t, [proxyConfig('payments')])
  t.equal(others[1], others[0])
  t.match(own[1], /FROM_TENANT/)
  t.notMatch(own[1], /"(?:privileged|hostPID|hostNetwork)":true/)
})

t.test(
  'a ProxyConfig reaches all namespaces only from the root namespace that the mesh configuration names',
  async (t) => {
    const { others } = await pairOf(t, [proxyConfig('istio-system')])
    t.match(others[1], /FROM_TENANT/)
    const elsewhere = await pairOf(t, [proxyConfig('default'), proxyConfig('kube-system')])
    t.equal(elsewhere.others[1], elsewhere.others[0])
  },
)

t.test('annotations and labels of a namespace reach its own pods', async (t) => {
  const { others } = await pairOf(t, [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'payments',
        labels: { 'istio.io/rev': '1-29-2' },
        annotations: { 'openshift.io/sa.scc.uid-range': '0/1', 'istio.io/rev': 'x' },
      },
    },
  ])
  t.equal(others[1], others[0])
})

t.test("a kubelet's version only decides whether a sidecar is native", async (t) => {
  const node: JsonObject = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: 'compromised',
      labels: { 'istio.io/rev': 'x' },
      annotations: { 'sidecar.istio.io/proxyImage': 'evil' },
    },
    status: { nodeInfo: { kubeletVersion: 'v1.20.0{{ evil }}' } },
  }
  const { others, after } = await pairOf(t, [node])
  t.equal(after.nodes.versions.get('compromised'), 'v1.20.0{{ evil }}')
  t.notMatch(others[1], /evil/)
  const sidecars = (text: string) => text.match(/"name":"istio-proxy"/g)?.length
  t.equal(sidecars(others[1]), sidecars(others[0]), 'each has its sidecar')
})

t.test('annotations and labels of a pod reach that pod', async (t) => {
  const { after, others } = await pairOf(t, [])
  const hostile = (namespace: string): JsonObject => ({
    ...plainPod(namespace),
    metadata: {
      name: 'web',
      namespace,
      labels: { 'istio.io/rev': '1-29-2', 'sidecar.istio.io/inject': 'true' },
      annotations: {
        'sidecar.istio.io/proxyImage': 'evil.example/proxy:1',
        'sidecar.istio.io/userVolume': '{"h":{"hostPath":{"path":"/"}}}',
        'proxy.istio.io/config':
          '{"proxyMetadata":{"FROM_TENANT":"yes"},"discoveryAddress":"evil.example:15012"}',
        'inject.istio.io/templates': 'sidecar',
      },
    },
  })
  // Often enough for every cache to have it.
  for (let i = 0; i < 5; i++) t.match(answersFor(OWN, after, hostile), /evil\.example/)
  t.equal(answersFor(OTHERS, after), others[0])
  t.notMatch(answersFor(OWN, after), /evil|FROM_TENANT/)
})
