/**
 * Pods that real Istio injected, stored by an API server with defaults and a LimitRange, or rewritten by a policy engine: none of
 * them is stale. And one change of the configuration is found as exactly its cause and field.
 */
import t from 'tap'
import { DesiredCache } from '../../src/dataplane/assess.ts'
import { assessPod, type PodState } from '../../src/dataplane/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { CREATED, limitRange, rewriteAsPolicy, storePod } from './api-server.ts'
import { type Changed, clusterWith, folder, template } from './cluster.ts'
import { injection } from './inject-template.ts'
import { factsOf, madeFrom, recordedPods } from './recorded-pods.ts'

function stateOf(
  pod: JsonObject,
  template: JsonObject | undefined,
  facts: ReturnType<typeof factsOf>,
): PodState {
  return assessPod(pod, madeFrom(template), { facts, source: new DesiredCache(facts) }).state
}

t.test('changes to a pod by the API server or other webhooks never make it stale', async (t) => {
  const seen = new Map<string, number>()
  const wrong: string[] = []
  const expect = (id: string, state: PodState, ...kinds: readonly PodState['kind'][]) => {
    seen.set(state.kind, (seen.get(state.kind) ?? 0) + 1)
    if (state.kind !== 'finished' && !kinds.includes(state.kind))
      wrong.push(`${id}: ${JSON.stringify(state)}`)
  }
  const before = Date.parse(CREATED) - 3_600_000
  for (const { id, template, injected, snapshot } of recordedPods(folder, 24)) {
    expect(`${id} stored`, stateOf(storePod(injected), template, factsOf(snapshot)), 'current')
    expect(`${id} limits`, stateOf(storePod(limitRange(injected)), template, factsOf(snapshot)), 'current')
    // Random pods may have an istio-proxy in both lists, which no undo can separate.
    if (!id.includes('random'))
      expect(`${id} bare`, stateOf(storePod(injected), undefined, factsOf(snapshot)), 'current')
    const rewritten = storePod(rewriteAsPolicy(injected))
    expect(`${id} policy`, stateOf(rewritten, template, factsOf(snapshot, before)), 'altered')
  }
  t.same(wrong, [])
  t.ok((seen.get('current') ?? 0) >= 40 && (seen.get('altered') ?? 0) >= 16, JSON.stringify([...seen]))
})

const PROXY = 'spec.initContainers[istio-proxy]'
const INIT = 'spec.initContainers[istio-init]'

/** A change, the causes, and a field behind each of them. */
const CHANGES: readonly (readonly [string, Changed, readonly string[], readonly string[]])[] = [
  ['tag', { values: { 'global.tag': '1.30.9' } }, ['proxy-image'], [`${INIT}.image`, `${PROXY}.image`]],
  [
    'pull policy',
    { values: { 'global.imagePullPolicy': 'Never' } },
    ['proxy-image'],
    [`${PROXY}.imagePullPolicy`],
  ],
  [
    'cpu',
    { values: { 'global.proxy.resources.requests.cpu': '150m' } },
    ['resources'],
    [`${INIT}.resources.requests.cpu`, `${PROXY}.resources.requests.cpu`],
  ],
  [
    'memory limit removed',
    { values: { 'global.proxy.resources.limits': { cpu: '2' } } },
    [],
    [`${PROXY}.resources.limits.memory`],
  ],
  [
    'discovery address',
    { mesh: 'defaultConfig: {discoveryAddress: "other.istio-system.svc:15012"}' },
    ['discovery-address'],
    [`${PROXY}.env[PROXY_CONFIG].value{discoveryAddress}`],
  ],
  [
    'concurrency',
    { mesh: 'defaultConfig: {concurrency: 3}' },
    ['environment'],
    [`${PROXY}.env[PROXY_CONFIG].value{concurrency}`],
  ],
  ['log level', { values: { 'global.proxy.logLevel': 'debug' } }, ['arguments'], [`${PROXY}.args`]],
  [
    'no native sidecar',
    { values: { 'pilot.env': { ENABLE_NATIVE_SIDECARS: 'false' } } },
    ['form'],
    ['spec.containers[istio-proxy] (list)'],
  ],
  [
    'readiness',
    { values: { 'global.proxy.readinessFailureThreshold': 9 } },
    ['probes'],
    [`${PROXY}.readinessProbe.failureThreshold`],
  ],
  [
    'no startup probe',
    { values: { 'global.proxy.startupProbe.enabled': false } },
    ['probes'],
    [`${PROXY}.startupProbe`],
  ],
  [
    'probes not rewritten',
    { values: { 'sidecarInjectorWebhook.rewriteAppHTTPProbe': false } },
    ['probes'],
    ['spec.containers[web].livenessProbe.httpGet'],
  ],
  [
    'privileged',
    { values: { 'global.proxy.privileged': true } },
    ['security'],
    [`${PROXY}.securityContext.privileged`],
  ],
  [
    'no Prometheus merge',
    { mesh: 'enablePrometheusMerge: false' },
    ['annotations'],
    ['metadata.annotations["prometheus.io/port"]'],
  ],
  [
    'injected annotation',
    {
      injector: (text) =>
        text.replace('injectedAnnotations: {}', 'injectedAnnotations: {example.com/mesh: "yes"}'),
    },
    ['annotations'],
    ['metadata.annotations["example.com/mesh"]'],
  ],
  [
    'CNI instead of istio-init',
    { values: { 'pilot.cni.enabled': true } },
    ['containers', 'annotations'],
    ['spec.initContainers[istio-validation]', 'spec.initContainers[istio-init]'],
  ],
  [
    'pull secret',
    { values: { 'global.imagePullSecrets': ['mirror'] } },
    ['pod'],
    ['spec.imagePullSecrets[mirror]'],
  ],
  [
    'ProxyConfig',
    {
      objects: [
        {
          apiVersion: 'networking.istio.io/v1beta1',
          kind: 'ProxyConfig',
          metadata: { name: 'debug', namespace: 'shop' },
          spec: { image: { imageType: 'debug' } },
        },
      ],
    },
    ['proxy-image'],
    [`${PROXY}.image`],
  ],
]

t.test('each change is reported with exactly its causes and fields', async (t) => {
  const pod = storePod(injection(template(), clusterWith({})))
  t.equal(stateOf(pod, template(), factsOf(clusterWith({}))).kind, 'current')
  for (const [name, change, causes, fields] of CHANGES) {
    const state = stateOf(pod, template(), factsOf(clusterWith(change)))
    t.same(state.kind === 'stale' ? state.causes : [], causes, `${name}: ${JSON.stringify(state)}`)
    const paths = 'fields' in state ? state.fields.map(({ path }) => path) : []
    for (const field of fields) t.ok(paths.includes(field), `${name}: ${field} is in ${paths.join(', ')}`)
  }
  const annotated = template({ 'sidecar.istio.io/proxyMemory': '99Mi' })
  t.match(stateOf(pod, annotated, factsOf(clusterWith({}))), { kind: 'stale', causes: ['resources'] })
})
