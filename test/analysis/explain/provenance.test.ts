/**
 * Each annotation that affects injection is named as the source of exactly the field that it changes. Annotations
 * that change no field are no source, and every annotation that Istio knows is tested.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { findProvenance } from '../../../src/analysis/index.ts'
import { FolderCluster } from '../../../src/cluster/index.ts'
import type { InjectionRequest, RevisionConfig, Snapshot } from '../../../src/inject/index.ts'
import { parseProxyConfigResource, sidecarAnnotations } from '../../../src/istio/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { pod, type RevisionSketch, requestFor, revision, snapshotOf } from '../../inject/revision-fixture.ts'
import { findCorpus, skipWithoutCorpus } from '../../shared-corpus.ts'

const folder = join(resolve(import.meta.dirname, '../../..'), 'examples/canary-upgrade/cluster')
const cluster = new FolderCluster({ folder, snapshot: { istiodEnv: [], istioVersions: [] } })
await cluster.start(new AbortController().signal)
await cluster.close()

function configOf(snapshot: Snapshot, name: string): RevisionConfig {
  const config = snapshot.revisions.get(name)?.config
  if (config === undefined) throw new Error(`revision ${name} serves`)
  return config
}

function provenance(request: InjectionRequest, snapshot: Snapshot, config: RevisionConfig) {
  const found = findProvenance({ request, snapshot, options: {}, config })
  if (found === undefined) throw new Error('it is injected')
  const sources = (path: string) => {
    const field = found.fields.find((candidate) => candidate.path === path)
    return field === undefined
      ? [`no field ${path}`]
      : field.inputs.map(({ kind, name }) => `${kind} ${name}`)
  }
  return { ...found, sources }
}

const WEB = {
  name: 'web',
  image: 'web:1',
  ports: [{ containerPort: 80 }],
  readinessProbe: { httpGet: { port: 80, path: '/x' } },
}

/** By the profile of the example's revision `default` (1.28.3) and `canary` (1.30.3, native sidecars). */
const PROXY = 'spec.containers[istio-proxy]'
const INIT = 'spec.initContainers[istio-init]'
const BY_PROFILE: readonly (readonly [annotation: string, value: string, field: string])[] = [
  ['sidecar.istio.io/interceptionMode', 'TPROXY', `${PROXY}.env[ISTIO_META_INTERCEPTION_MODE].value`],
  ['sidecar.istio.io/proxyImage', 'my/proxy:1', `${PROXY}.image`],
  ['sidecar.istio.io/proxyImageType', 'distroless', `${PROXY}.image`],
  ['sidecar.istio.io/proxyCPU', '333m', `${PROXY}.resources.requests.cpu`],
  ['sidecar.istio.io/proxyCPULimit', '3', `${PROXY}.resources.limits.cpu`],
  ['sidecar.istio.io/proxyMemory', '333Mi', `${PROXY}.resources.requests.memory`],
  ['sidecar.istio.io/proxyMemoryLimit', '3Gi', `${PROXY}.resources.limits.memory`],
  ['sidecar.istio.io/bootstrapOverride', 'boot', `${PROXY}.env[ISTIO_BOOTSTRAP_OVERRIDE].name`],
  ['sidecar.istio.io/userVolume', '[{"name":"v","emptyDir":{}}]', 'spec.volumes[v].name'],
  ['sidecar.istio.io/userVolumeMount', '[{"name":"v","mountPath":"/v"}]', `${PROXY}.volumeMounts[v].name`],
  ['sidecar.istio.io/agentLogLevel', 'dns:debug', `${PROXY}.args[--log_output_level]`],
  ['sidecar.istio.io/logLevel', 'trace', `${PROXY}.args[--proxyLogLevel]`],
  ['sidecar.istio.io/componentLogLevel', 'misc:debug', `${PROXY}.args[--proxyComponentLogLevel]`],
  [
    'sidecar.istio.io/capNetBindService',
    'true',
    `${PROXY}.securityContext.capabilities.add[NET_BIND_SERVICE]`,
  ],
  ['status.sidecar.istio.io/port', '15999', 'spec.containers[web].readinessProbe.httpGet.port'],
  [
    'readiness.status.sidecar.istio.io/initialDelaySeconds',
    '9',
    `${PROXY}.readinessProbe.initialDelaySeconds`,
  ],
  ['readiness.status.sidecar.istio.io/periodSeconds', '9', `${PROXY}.readinessProbe.periodSeconds`],
  ['readiness.status.sidecar.istio.io/failureThreshold', '9', `${PROXY}.readinessProbe.failureThreshold`],
  ['traffic.sidecar.istio.io/includeOutboundIPRanges', '10.9.0.0/16', `${INIT}.args[-i value]`],
  ['traffic.sidecar.istio.io/excludeOutboundIPRanges', '10.9.0.0/16', `${INIT}.args[-x value]`],
  ['traffic.sidecar.istio.io/includeInboundPorts', '999', `${INIT}.args[-b value]`],
  ['traffic.sidecar.istio.io/excludeInboundPorts', '999', `${INIT}.args[-d value]`],
  ['traffic.sidecar.istio.io/includeOutboundPorts', '999', `${INIT}.args[-q value]`],
  ['traffic.sidecar.istio.io/excludeOutboundPorts', '999', `${INIT}.args[-o value]`],
  ['traffic.sidecar.istio.io/excludeInterfaces', 'eth9', `${INIT}.args[-c value]`],
  ['traffic.sidecar.istio.io/kubevirtInterfaces', 'eth9', `${INIT}.args[-k value]`],
  ['istio.io/reroute-virtual-interfaces', 'eth9', `${INIT}.args[-k value]`],
  ['proxy.istio.io/config', 'concurrency: 7', `${PROXY}.env[PROXY_CONFIG].value{concurrency}`],
  [
    'proxy.istio.io/overrides',
    '{"containers":[{"name":"istio-proxy","resources":{"requests":{"cpu":"9m"}}}]}',
    `${PROXY}.resources.requests.cpu`,
  ],
  ['prometheus.io/scrape', 'true', `${PROXY}.env[ISTIO_PROMETHEUS_ANNOTATIONS].name`],
  ['prometheus.io/port', '9999', `${PROXY}.env[ISTIO_PROMETHEUS_ANNOTATIONS].name`],
  ['prometheus.io/path', '/mine', `${PROXY}.env[ISTIO_PROMETHEUS_ANNOTATIONS].name`],
]

/** The status port is among the ports that are not intercepted, so it is a source of that list too. */
const EXCLUDES_ITS_PORT = { 'status.sidecar.istio.io/port': true }
/** Annotations that change no field of the pod: they decide about injection, only the proxy reads them, or nothing does. */
const CHANGE_NOTHING = [
  ...['sidecar.istio.io/inject', 'istio.io/rev', 'prometheus.io/scheme'],
  ...['sidecar.istio.io/discoveryAddress', 'sidecar.istio.io/extraStatTags'],
  ...['sidecar.istio.io/statsCompression', 'sidecar.istio.io/statsEvictionInterval'],
  ...['sidecar.istio.io/statsFlushInterval', 'sidecar.istio.io/statsHistogramBins'],
  ...['sidecar.istio.io/statsHistogramBuckets', 'sidecar.istio.io/statsInclusionPrefixes'],
  ...['sidecar.istio.io/statsInclusionRegexps', 'sidecar.istio.io/statsInclusionSuffixes'],
  'readiness.status.sidecar.istio.io/applicationPorts',
]

/** One pod for all annotations that change different fields, because a separate run for each takes half a second. */
function withFieldsOfTheirOwn(): (readonly (typeof BY_PROFILE)[number][])[] {
  const groups: (typeof BY_PROFILE)[number][][] = []
  for (const row of BY_PROFILE) {
    const group = groups.find((rows) => rows.every(([, , field]) => field !== row[2]))
    if (group === undefined) groups.push([row])
    else group.push(row)
  }
  return groups
}

t.test('annotations that the profile reads are sources of their fields', async (t) => {
  const snapshot = cluster.snapshot()
  const config = configOf(snapshot, 'default')
  for (const rows of withFieldsOfTheirOwn()) {
    const annotations = Object.fromEntries(rows.map(([annotation, value]) => [annotation, value]))
    const metadata = { generateName: 'web-', annotations: { ...annotations, 'example.com/other': 'x' } }
    const request = requestFor(pod(metadata, { containers: [WEB] }), { namespace: 'test-ns' })
    const { fields, sources } = provenance(request, snapshot, config)
    for (const [annotation, , field] of rows) {
      const named = sources(field)
      t.ok(named.includes(`pod annotation ${annotation}`), `${annotation}: ${named}`)
      const others = rows.filter(
        ([other]) =>
          !(other in EXCLUDES_ITS_PORT) && other !== annotation && named.includes(`pod annotation ${other}`),
      )
      t.same(others, [], `no other is the source of ${field}`)
    }
    const other = fields.flatMap(({ inputs }) => inputs).filter(({ name }) => name === 'example.com/other')
    t.same(other, [], 'an annotation that nothing reads is no source')
  }
})

t.test('annotations that change no field are not a source', async (t) => {
  const snapshot = cluster.snapshot()
  const annotations = Object.fromEntries(CHANGE_NOTHING.map((name) => [name, 'true']))
  const request = requestFor(pod({ annotations }, { containers: [WEB] }), { namespace: 'test-ns' })
  const { fields } = provenance(request, snapshot, configOf(snapshot, 'default'))
  const named = fields.flatMap(({ inputs }) => inputs).filter(({ name }) => name in annotations)
  t.same(named, [])
})

t.test('every annotation that affects a sidecar is tested here', async (t) => {
  const covered = new Set([
    ...BY_PROFILE.map(([annotation]) => annotation),
    ...BY_TEMPLATE.map(({ named }) => named),
    ...KEPT_OUT.map(([annotation]) => annotation),
    ...CHANGE_NOTHING,
    SECURE_PORT,
  ])
  t.same(
    sidecarAnnotations.filter((annotation) => !covered.has(annotation)),
    [],
  )
})

interface ByTemplate {
  readonly annotations: { readonly [name: string]: string }
  readonly named: string
  readonly field: string
  readonly revision: RevisionSketch
  readonly spec?: JsonObject
}

const PROXY_ONLY = 'spec: {containers: [{name: istio-proxy, image: auto}]}'
const merging = { version: '1.31.0', templates: { sidecar: PROXY_ONLY }, mesh: 'enablePrometheusMerge: true' }

const BY_TEMPLATE: readonly ByTemplate[] = [
  {
    named: 'inject.istio.io/templates',
    annotations: { 'inject.istio.io/templates': 'sidecar,other' },
    field: `${PROXY}.workingDir`,
    revision: {
      config: { defaultTemplates: ['sidecar'] },
      templates: {
        sidecar: PROXY_ONLY,
        other: 'spec: {containers: [{name: istio-proxy, workingDir: /other}]}',
      },
    },
  },
  {
    named: 'k8s.v1.cni.cncf.io/networks',
    annotations: { 'k8s.v1.cni.cncf.io/networks': 'mine' },
    field: 'metadata.annotations[k8s.v1.cni.cncf.io/networks]',
    revision: {
      templates: {
        sidecar: `metadata: {annotations: {k8s.v1.cni.cncf.io/networks: '{{ appendMultusNetwork (index .ObjectMeta.Annotations "k8s.v1.cni.cncf.io/networks") "default/istio-cni" }}'}}\n${PROXY_ONLY}`,
      },
    },
  },
  {
    named: 'sidecar.istio.io/status',
    annotations: { 'sidecar.istio.io/status': '{"containers":["web"]}' },
    field: 'metadata.labels.containers',
    revision: {
      templates: {
        sidecar: `metadata: {labels: {containers: "{{ len .Spec.Containers }}"}}\n${PROXY_ONLY}`,
      },
    },
  },
  {
    named: 'prometheus.istio.io/scrape-targets',
    annotations: { 'prometheus.io/scrape': 'true', 'prometheus.istio.io/scrape-targets': '8080:/m' },
    field: `${PROXY}.env[ISTIO_PROMETHEUS_ANNOTATIONS].value{targets}`,
    revision: merging,
  },
]

t.test('annotations that only other templates or versions read are not sources', async (t) => {
  for (const { annotations, named, field, revision: sketch, spec } of BY_TEMPLATE) {
    const config = revision(sketch)
    const found = provenance(requestFor(pod({ annotations }, spec)), snapshotOf(config), config)
    t.ok(found.sources(field).includes(`pod annotation ${named}`), `${named}: ${found.sources(field)}`)
  }
})

const KEPT_OUT = [
  ['sidecar.istio.io/rewriteAppHTTPProbers', 'spec.containers[web].readinessProbe.httpGet.path'],
  ['prometheus.istio.io/merge-metrics', 'metadata.annotations[prometheus.io/path]'],
  ['sidecar.istio.io/nativeSidecar', 'spec.initContainers[istio-proxy].name'],
] as const
const SECURE_PORT = 'prometheus.istio.io/secure-port'

t.test('fields that an annotation removes are reported too', async (t) => {
  const snapshot = cluster.snapshot()
  const annotations = Object.fromEntries(KEPT_OUT.map(([annotation]) => [annotation, 'false']))
  const request = requestFor(pod({ annotations }, { containers: [WEB] }), {
    namespace: 'payments',
    target: { by: 'revision', name: 'canary' },
  })
  const { withheld } = provenance(request, snapshot, configOf(snapshot, 'canary'))
  for (const [annotation, path] of KEPT_OUT) {
    const inputs = withheld.filter((field) => field.path === path).map(({ input }) => input)
    t.match(inputs, [{ kind: 'pod annotation', name: annotation }], annotation)
  }
})

t.test('an annotation that replaces the injector’s own is a source', async (t) => {
  const template =
    'spec: {containers: [{name: istio-proxy, env: [{name: ENVOY_SECURE_MERGED_METRICS_PORT, value: "15091"}]}]}'
  const config = revision({ version: '1.31.0', templates: { sidecar: template } })
  const request = requestFor(pod({ annotations: { [SECURE_PORT]: '9' } }))
  t.match(provenance(request, snapshotOf(config), config).withheld, [
    { path: `metadata.annotations[${SECURE_PORT}]`, value: '15091', input: { name: SECURE_PORT } },
  ])
})

t.test('OpenShift’s annotations of the namespace are sources of users and groups', async (t) => {
  const template =
    'spec: {containers: [{name: istio-proxy, securityContext: {runAsUser: {{ .ProxyUID }}, runAsGroup: {{ .ProxyGID }}}}]}'
  const config = revision({ templates: { sidecar: template }, env: { PLATFORM: 'openshift' } })
  const annotations = new Map([
    ['openshift.io/sa.scc.uid-range', '1000620000/10000'],
    ['openshift.io/sa.scc.supplemental-groups', '1000630000/10000'],
  ])
  const snapshot = snapshotOf(config, { namespaces: new Map([['shop', { labels: new Map(), annotations }]]) })
  const { sources } = provenance(requestFor(pod()), snapshot, config)
  const user = `${PROXY}.securityContext.runAsUser`
  t.ok(sources(user).includes('namespace annotation openshift.io/sa.scc.uid-range'), `${sources(user)}`)
  const group = `${PROXY}.securityContext.runAsGroup`
  t.ok(
    sources(group).includes('namespace annotation openshift.io/sa.scc.supplemental-groups'),
    `${sources(group)}`,
  )
})

const FULL = `metadata:
  annotations: {
    first: {{ .Values.global.first | quote }},
    second: "two",
  }
spec:
  containers:
  - name: istio-proxy
    {{- if .Values.global.pull }}
    imagePullPolicy: {{ .Values.global.pull }}
    {{- end }}
    args:
    - proxy
    - --level={{ annotation .ObjectMeta "level" .Values.global.level }}
    env:
    {{- range $key, $value := .ProxyConfig.ProxyMetadata }}
    - name: {{ $key }}
      value: "{{ $value }}"
    {{- end }}
    - name: NODE
      value: |
        {{ .MeshConfig.TrustDomain }}
    - name: PLATFORM
      value: "{{ env "SOMETHING" "none" }}"
`

t.test('each kind of source is named, with the line of the template', async (t) => {
  const config = revision({
    templates: { sidecar: FULL },
    values: { global: { hub: 'h', tag: 't', first: 'one', pull: 'Always', level: 3, unused: true } },
    mesh: 'trustDomain: example.org\ndefaultConfig: {proxyMetadata: {A: mesh}}',
    env: { SOMETHING: 'here' },
  })
  const resource = parseProxyConfigResource({
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'ProxyConfig',
    metadata: { name: 'more', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { environmentVariables: { B: 'resource' } },
  })
  const snapshot = snapshotOf(config, { proxyConfigs: new Map([['shop', [resource]]]) })
  const { fields, sources } = provenance(requestFor(pod()), snapshot, config)
  const line = (path: string) => fields.find((field) => field.path === path)?.line
  t.same(sources('metadata.annotations.first'), ['values global.first'])
  t.same(sources('metadata.annotations.second'), [])
  t.same(sources(`${PROXY}.imagePullPolicy`), ['values global.pull'])
  t.same(sources(`${PROXY}.args[--level]`), ['values global.level'])
  t.same(sources(`${PROXY}.env[A].value`), [])
  t.same(sources(`${PROXY}.env[A].name`), ['mesh defaultConfig.proxyMetadata'])
  t.same(sources(`${PROXY}.env[B].name`), ['ProxyConfig resource shop/more'])
  t.same(sources(`${PROXY}.env[NODE].value`), ['mesh trustDomain'])
  t.same(sources(`${PROXY}.env[PLATFORM].value`), ['environment SOMETHING'])
  const expected: readonly (readonly [string, number])[] = [
    ['metadata.annotations.first', 3],
    ['metadata.annotations.second', 4],
    [`${PROXY}.imagePullPolicy`, 10],
    [`${PROXY}.args[proxy]`, 13],
    [`${PROXY}.args[--level]`, 14],
    [`${PROXY}.env[B].name`, 17],
    [`${PROXY}.env[NODE].value`, 22],
    [`${PROXY}.env[PLATFORM].value`, 24],
  ]
  for (const [path, at] of expected) t.same(line(path), { template: 'sidecar', line: at }, path)
  t.equal(line('metadata.annotations[sidecar.istio.io/status]{revision}'), undefined)
})

t.test(
  "Istio's own templates: a constant stands on the line that is named",
  {
    skip: skipWithoutCorpus('installs'),
  },
  async (t) => {
    for (const version of ['1.28.3', '1.30.3', '1.31.0-dev']) {
      const install = t.testdir({
        [`${version}.json`]: readFileSync(findCorpus(`installs/${version}/default.json`) ?? ''),
      })
      const istio = new FolderCluster({ folder: install, snapshot: { istiodEnv: [], istioVersions: [] } })
      await istio.start(new AbortController().signal)
      await istio.close()
      const config = configOf(istio.snapshot(), 'default')
      const { fields } = provenance(requestFor(pod({}, { containers: [WEB] })), istio.snapshot(), config)
      const constants = fields.filter(({ inputs, line }) => inputs.length === 0 && line !== undefined)
      const wrong = constants.filter(({ path, value, line }) => {
        const text =
          config.injector.templates.get(line?.template ?? '')?.split('\n')[(line?.line ?? 0) - 1] ?? ''
        const key = /([^.[\]]+)\]?$/.exec(path)?.[1] ?? ''
        return !text.includes(`${key}:`) && !text.includes(String(value)) && !text.includes('{{')
      })
      t.ok(constants.length > 90, `${version}: ${constants.length} constants`)
      t.same(
        wrong.map(({ path, line }) => `${path} ${line?.line}`),
        [],
        version,
      )
    }
  },
)

t.test('kept overrides of the user are listed', async (t) => {
  const config = revision({ templates: { sidecar: PROXY_ONLY } })
  const own = { name: 'istio-proxy', image: 'auto', workingDir: '/mine' }
  const snapshot = snapshotOf(config)
  const { overrides } = provenance(requestFor(pod({}, { containers: [own] })), snapshot, config)
  t.match(
    overrides.find(({ path }) => path === 'istio-proxy: workingDir'),
    { survived: true },
  )
  const status = { 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}' }
  const again = requestFor(pod({ annotations: status }, { containers: [own, WEB] }))
  t.same(provenance(again, snapshot, config).overrides, [])
})

t.test('a pod that is not injected has no sources', async (t) => {
  const config = revision()
  const request = requestFor(pod({}, { hostNetwork: true }))
  t.equal(findProvenance({ request, snapshot: snapshotOf(config), options: {}, config }), undefined)
})

t.test("the pod's own values that injection replaced are listed without possible secrets", async (t) => {
  const snapshot = cluster.snapshot()
  const config = configOf(snapshot, 'default')
  const header = { name: 'Authorization', value: 'secret-header' }
  const object = pod(
    { annotations: { 'prometheus.io/port': '9102', 'prometheus.io/scrape': 'true' } },
    {
      containers: [
        {
          name: 'web',
          image: 'web:1',
          env: [{ name: 'TOKEN', value: 'secret-variable' }],
          livenessProbe: { httpGet: { port: 9102, path: '/live', httpHeaders: [header] } },
          readinessProbe: { tcpSocket: { port: 9102 } },
        },
        { name: 'istio-proxy', image: 'mine:1', env: [{ name: 'MINE', value: 'secret-override' }] },
      ],
    },
  )
  const found = provenance(requestFor(object), snapshot, config)
  const replaced = new Map(found.replaced.map(({ path, before, after }) => [path, [before, after]]))
  t.same(Object.fromEntries(replaced), {
    'metadata.annotations[prometheus.io/port]': ['9102', '15020'],
    'spec.containers[web].livenessProbe.httpGet.port': [9102, 15020],
    'spec.containers[web].livenessProbe.httpGet.path': ['/live', '/app-health/web/livez'],
    'spec.containers[web].readinessProbe.tcpSocket.port': [9102, undefined],
  })
  t.notMatch(JSON.stringify(found), /secret-/, 'in no part of it')
  t.match(
    found.overrides.find(({ path }) => path.endsWith('env[MINE].value')),
    {
      wanted: '(hidden)',
      survived: true,
    },
  )
  t.same(provenance(requestFor(pod()), snapshot, config).replaced, [], 'nothing was there before')
})
