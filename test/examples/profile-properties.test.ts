/** Properties of Remora's own profile for any pod, with each of the example revisions. */
import { join } from 'node:path'
import fc from 'fast-check'
import fastJsonPatch from 'fast-json-patch'
import t from 'tap'
import { FolderCluster } from '../../src/cluster/index.ts'
import { type InjectionRequest, inject } from '../../src/inject/index.ts'
import { type JsonObject, own } from '../../src/json/index.ts'

const cluster = new FolderCluster({
  folder: join(import.meta.dirname, '../../examples/canary-upgrade/cluster'),
  snapshot: { istiodEnv: [], istioVersions: [] },
})
await cluster.start(new AbortController().signal)
t.teardown(() => cluster.close())

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/)
const port = fc.integer({ min: 1, max: 65_535 })
const quantity = fc.constantFrom('10m', '1', '250m', '64Mi', '1Gi')
const some = <T>(fields: { readonly [key: string]: fc.Arbitrary<T> }) =>
  fc.record(fields, { requiredKeys: [] })

const probe = fc.oneof(
  fc.record({
    httpGet: fc.record({ path: fc.constantFrom('/', '/healthz'), port }),
  }),
  fc.record({ tcpSocket: fc.record({ port }) }),
  fc.record({ grpc: fc.record({ port }) }),
  fc.record({ exec: fc.record({ command: fc.constant(['true']) }) }),
)
const resources = some({
  requests: some({ cpu: quantity, memory: quantity }),
  limits: some({ cpu: quantity }),
})
const env = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('A', 'CA_ADDR', 'TRUST_DOMAIN', 'MINE'),
    value: fc.string({ maxLength: 8 }),
  }),
  { selector: (one) => one.name, maxLength: 3 },
)
const app = fc
  .record(
    {
      name,
      image: fc.constant('example/app:1'),
      ports: fc.uniqueArray(
        port.map((containerPort) => ({ containerPort, protocol: 'TCP', name: `p${containerPort}` })),
        { selector: (one) => one.containerPort, maxLength: 3 },
      ),
      livenessProbe: probe,
      readinessProbe: probe,
      startupProbe: probe,
      lifecycle: some({ preStop: probe }),
      resources,
      env,
    },
    { requiredKeys: ['name', 'image'] },
  )
  .filter((container) => container.name !== 'istio-proxy')
const ownProxy = fc.record(
  {
    name: fc.constant('istio-proxy'),
    image: fc.constantFrom('auto', 'example/proxy:2'),
    resources,
    env,
    args: fc.constant(['proxy', 'sidecar']),
    securityContext: some({ runAsUser: fc.constantFrom(0, 1234), runAsGroup: fc.constant(4321) }),
  },
  { requiredKeys: ['name', 'image'] },
)
const annotations = some<string>({
  'sidecar.istio.io/interceptionMode': fc.constantFrom('REDIRECT', 'TPROXY', 'NONE'),
  'sidecar.istio.io/nativeSidecar': fc.constantFrom('true', 'false'),
  'sidecar.istio.io/proxyCPU': quantity,
  'sidecar.istio.io/rewriteAppHTTPProbers': fc.constantFrom('true', 'false'),
  'traffic.sidecar.istio.io/excludeInboundPorts': fc.constantFrom('', '80', '15020,80'),
  'traffic.sidecar.istio.io/includeOutboundIPRanges': fc.constantFrom('*', '10.0.0.0/8'),
  'status.sidecar.istio.io/port': fc.constantFrom('15020', '15030'),
  'prometheus.io/scrape': fc.constantFrom('true', 'false'),
  'prometheus.io/port': fc.constantFrom('9100', '80'),
  'proxy.istio.io/config': fc.constantFrom('concurrency: 0', 'holdApplicationUntilProxyStarts: true', '{}'),
  'example.com/note': fc.string({ maxLength: 20 }),
})

const byName = { selector: (one: { readonly name: string }) => one.name }
const pod: fc.Arbitrary<JsonObject> = fc
  .record({
    containers: fc.uniqueArray(app, { ...byName, minLength: 1, maxLength: 3 }),
    initContainers: fc.uniqueArray(app, { ...byName, maxLength: 2 }),
    proxy: fc.option(ownProxy, { freq: 2, nil: undefined }),
    annotations,
    labels: fc.dictionary(name, name, { maxKeys: 3 }),
    namespace: fc.constantFrom('test-ns', 'payments', 'checkout', 'reporting'),
    name: fc.option(name, { nil: undefined }),
  })
  .map(({ containers, initContainers, proxy, annotations, labels, namespace, name }) => {
    const made: unknown = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...(name === undefined ? { generateName: 'x-' } : { name }),
        namespace,
        labels,
        annotations,
      },
      spec: {
        initContainers: initContainers.map((one, index) => ({
          ...one,
          name: `init-${index}-${one.name}`.slice(0, 20),
        })),
        containers: proxy === undefined ? containers : [...containers, proxy],
      },
    }
    // Records of fast-check have no prototype; a review's objects come from JSON.
    return JSON.parse(JSON.stringify(made))
  })

function requestFor(object: JsonObject): InjectionRequest {
  const metadata = own(object, 'metadata')
  // Made above, with a namespace.
  const namespace = String((metadata as JsonObject)['namespace'])
  const kind = { group: '', version: 'v1', kind: 'Pod' }
  const fixed = {
    operation: 'CREATE',
    subResource: '',
    proxyEnv: new Map<string, string>(),
    nowMs: 0,
    seed: 0,
  }
  return { target: { by: 'labels' }, namespace, kind, object, ...fixed }
}

t.test('injecting an injected pod changes nothing, and applying the patch gives the pod', async (t) => {
  let injected = 0
  fc.assert(
    fc.property(pod, (object) => {
      const first = inject(requestFor(object), cluster.snapshot())
      if (first.kind !== 'patched')
        throw new Error(`${first.kind}: ${'message' in first ? first.message : first.code}`)
      injected++
      const applied = fastJsonPatch.applyPatch(
        structuredClone(object),
        [...first.patch],
        true,
        false,
      ).newDocument
      if (JSON.stringify(sorted(applied)) !== JSON.stringify(sorted(first.pod)))
        throw new Error('patch and pod differ')
      const second = inject(requestFor(first.pod), cluster.snapshot())
      if (second.kind !== 'patched' || second.patch.length > 0) {
        throw new Error(
          `injected again: ${JSON.stringify(second.kind === 'patched' ? second.patch : second)}`,
        )
      }
    }),
    { numRuns: 250, seed: 1, interruptAfterTimeLimit: 20_000 },
  )
  t.ok(injected > 0)
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
