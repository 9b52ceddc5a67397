/** The core from request to outcome: every way in and out. */
import fc from 'fast-check'
import t from 'tap'
import {
  describeCode,
  type InjectionRequest,
  inject,
  type Outcome,
  type Snapshot,
} from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { applyPatch } from '../../src/jsonpatch/index.ts'
import { pod, type RevisionSketch, requestFor, revision, snapshotOf } from './revision-fixture.ts'

interface Setting extends RevisionSketch {
  readonly request?: Partial<InjectionRequest>
  readonly snapshot?: Partial<Snapshot>
}

function run(object: JsonObject, setting: Setting = {}): Outcome {
  const request = requestFor(object, setting.request)
  const before = JSON.stringify(object)
  const outcome = inject(request, snapshotOf(revision(setting), setting.snapshot))
  if (JSON.stringify(object) !== before) throw new Error('the request was changed')
  const kind = describeCode(outcome.code)?.kind
  if (kind !== outcome.kind)
    throw new Error(`code ${outcome.code} is of kind ${kind}, the outcome of ${outcome.kind}`)
  if (
    outcome.kind === 'patched' &&
    JSON.stringify(applyPatch(object, outcome.patch)) !== JSON.stringify(outcome.pod)
  ) {
    t.strictSame(applyPatch(object, outcome.patch), outcome.pod)
  }
  return outcome
}

function patched(
  object: JsonObject,
  setting: Setting = {},
): {
  metadata: { annotations: { [key: string]: string }; labels: { [key: string]: string } }
  spec: { containers: JsonObject[]; initContainers?: JsonObject[] }
} {
  const outcome = run(object, setting)
  if (outcome.kind !== 'patched') throw new Error('message' in outcome ? outcome.message : outcome.code)
  return outcome.pod as never
}

const proxy = (more = '') => ({
  sidecar: `spec:\n  containers:\n  - name: istio-proxy\n    image: {{ .ProxyImage }}\n${more}`,
})
const native = {
  sidecar: `spec:\n  {{ if .NativeSidecars }}initContainers{{ else }}containers{{ end }}:\n  - name: istio-proxy\n    image: p\n    restartPolicy: Always\n`,
}

t.test('only the creation of pods is injected', async (t) => {
  t.match(run(pod(), { request: { operation: 'UPDATE' } }), {
    kind: 'skipped',
    code: 'not-create',
    decided: { revision: 'default' },
  })
  t.match(run(pod(), { request: { operation: 'DELETE' } }), { code: 'not-create' })
  t.match(run(pod(), { request: { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } } }), {
    code: 'not-a-pod',
  })
  t.match(run(pod(), { request: { subResource: 'ephemeralcontainers' } }), { code: 'not-a-pod' })
})

t.test('revision and policy skip', async (t) => {
  t.match(run(pod(), { request: { target: { by: 'labels' } } }), { kind: 'skipped', code: 'no-labels' })
  t.match(run(pod(), { request: { target: { by: 'revision', name: 'gone' } } }), {
    kind: 'fault',
    code: 'revision-unknown',
  })
  t.match(run(pod({}, { hostNetwork: true })), {
    kind: 'skipped',
    code: 'host-network',
    decided: { revision: 'default' },
  })
  t.match(run(pod(), { request: { namespace: 'kube-system' } }), { code: 'system-namespace' })
})

t.test('labels of the namespace choose', async (t) => {
  const namespaces = new Map([
    ['shop', { labels: new Map([['istio-injection', 'enabled']]), annotations: new Map() }],
  ])
  t.match(
    run(pod(), { request: { target: { by: 'labels' } }, snapshot: { namespaces }, templates: proxy() }),
    { kind: 'patched', decided: { revision: 'default', webhook: 'namespace' } },
  )
})

t.test('a pod is injected', async (t) => {
  const { spec, metadata } = patched(pod(), { templates: proxy(), name: 'default' })
  t.match(spec.containers, [{ name: 'web' }, { name: 'istio-proxy', image: 'hub/proxyv2:1' }])
  t.match(metadata.annotations['sidecar.istio.io/status'], /"containers":\["istio-proxy"\]/)
  const decided = { revision: 'default', istioVersion: '1.30.3' }
  t.match(run(pod(), { templates: proxy() }), { code: 'injected', decided })
})

t.test('what a template knows of pod and control plane', async (t) => {
  const sidecar = [
    'metadata:',
    '  annotations:',
    '    meta: "{{ .DeploymentMeta.Namespace }}/{{ .DeploymentMeta.Name }} {{ .TypeMeta.Kind }} {{ .TypeMeta.APIVersion }}"',
    '    namespace: {{ .ObjectMeta.Namespace }} {{ .ObjectMeta.GetName }}',
    '    ids: {{ .ProxyUID }} {{ .ProxyGID }} {{ .NativeSidecars }}',
    '    mesh: {{ .InboundTrafficPolicyMode }} {{ .MeshConfig.GetTrustDomain }} {{ .MeshConfig.IngressControllerMode }} {{ .MeshConfig.GetRootNamespace }}',
    '    proxy: {{ .ProxyConfig.HoldApplicationUntilProxyStarts.GetValue }} {{ .ProxyConfig.GetTracing.GetZipkin.GetAddress }} {{ with .ProxyConfig.ClusterName }}{{ .ServiceCluster }}{{ end }} {{ .ProxyConfig.GetStatusPort }}',
    '    policy: "{{ .CompliancePolicy }} {{ .Revision }} {{ .Values.global.hub }}"',
    '    port: {{ range .Spec.Containers }}{{ with .ReadinessProbe }}{{ .HTTPGet.Port.IntValue }} {{ .HTTPGet.Port.String }} {{ .ProbeHandler.HTTPGet.Path }}{{ end }}{{ end }}',
    '    volumes: {{ range .Spec.Volumes }}{{ .Name }} {{ with .VolumeSource.EmptyDir }}{{ .Medium }} {{ .SizeLimit.String }}{{ end }}{{ end }}',
    '    init: {{ .ProxyInitImage }}',
    '    limit: {{ range $k, $v := (index .Spec.Containers 0).Resources.Limits }}{{ $k }}={{ $v }}{{ end }}',
  ].join('\n')
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-abc', uid: 'u', controller: true }
  const object = pod(
    { generateName: 'web-abc-', labels: { 'pod-template-hash': 'abc' }, ownerReferences: [owner] },
    {
      volumes: [{ name: 'v', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }],
      containers: [
        {
          name: 'web',
          image: 'i',
          resources: { limits: { cpu: '100m' } },
          readinessProbe: { httpGet: { path: '/r', port: 8080 } },
        },
      ],
    },
  )
  const values = { global: { hub: 'h', tag: '1', multiCluster: { clusterName: 'c' } } }
  const { metadata } = patched(object, {
    version: '1.31.0',
    templates: { sidecar },
    values,
    env: { COMPLIANCE_POLICY: 'fips-140-2', ENABLE_NATIVE_SIDECARS: 'true', PLATFORM: 'openshift' },
    mesh: 'inboundTrafficPolicy: {mode: LOCALHOST}\ndefaultConfig: {serviceCluster: sc, tracing: {zipkin: {address: "z:1"}}}',
    snapshot: {
      namespaces: new Map([
        ['shop', { labels: new Map(), annotations: new Map([['openshift.io/sa.scc.uid-range', '1000/10']]) }],
      ]),
    },
  })
  t.match(metadata.annotations, {
    meta: 'shop/web Deployment apps/v1',
    namespace: 'shop web',
    ids: '1009 1009 true',
    mesh: 'localhost cluster.local STRICT istio-system',
    proxy: 'false z:1 sc 15020',
    policy: 'fips-140-2 default h',
    port: '8080 8080 /r',
    volumes: 'v Memory 1Gi',
    init: 'h/proxyv2:1',
    limit: 'cpu=100m',
  })
})

t.test('template data comes with its release', async (t) => {
  const rows: readonly (readonly [field: string, before: string, from: string])[] = [
    ['.ProxyUID', '1.19.0', '1.20.0'],
    ['.InboundTrafficPolicyMode', '1.21.0', '1.22.0'],
    ['.NativeSidecars', '1.26.0', '1.27.0'],
    ['.ProxyInitImage', '1.30.0', '1.31.0'],
    ['.CompliancePolicy', '1.20.3', '1.20.4'],
    ['.DeploymentMeta.Namespace', '1.9.0', '1.22.0'],
  ]
  for (const [field, before, from] of rows) {
    const render = (version: string) =>
      run(pod(), { version, templates: { sidecar: `metadata: {annotations: {a: "{{ ${field} }}"}}` } })
    t.equal(render(from).kind, 'patched', `${field} in ${from}`)
    if (before !== '1.9.0')
      t.match(
        render(before),
        { kind: 'refused', code: 'template-failed', message: /can't evaluate field/ },
        `${field} in ${before}`,
      )
  }
  const old = patched(pod({ labels: { a: '1' } }), {
    version: '1.21.0',
    templates: { sidecar: 'metadata: {annotations: {a: "{{ .DeploymentMeta.Labels.a }}"}}' },
  })
  t.equal(old.metadata.annotations['a'], '1', 'before 1.22 .DeploymentMeta is the pod’s metadata')
})

t.test('native sidecars: by kubelets, by annotation, with the user’s own container moved', async (t) => {
  t.match(patched(pod(), { templates: native }).spec.initContainers, [{ name: 'istio-proxy' }])
  const old = { nodes: new Map([['n1', 'v1.30.0']]) }
  t.equal(patched(pod(), { templates: native, snapshot: old }).spec.initContainers, undefined)
  const unknown = run(pod({}, { nodeName: 'gone' }), { templates: native })
  t.match(
    unknown.notes.map(({ code }) => code),
    ['path-disagrees-with-labels', 'node-unknown'],
  )
  const elsewhere = new Map([['ISTIO_META_CLUSTER_ID', 'other']])
  t.equal(
    patched(pod(), { templates: native, request: { proxyEnv: elsewhere } }).spec.initContainers,
    undefined,
    'nodes of another cluster are not known',
  )
  const own = pod(
    {},
    {
      containers: [
        { name: 'istio-proxy', image: 'mine' },
        { name: 'web', image: 'w' },
      ],
    },
  )
  const moved = patched(own, { templates: native })
  t.match(moved.spec.initContainers, [{ name: 'istio-proxy', image: 'mine', restartPolicy: 'Always' }])
  t.match(moved.spec.containers, [{ name: 'web' }])
  const annotated = (value: string) =>
    pod(
      { annotations: { 'sidecar.istio.io/nativeSidecar': value } },
      { containers: [{ name: 'istio-proxy', image: 'mine' }] },
    )
  const always = { sidecar: native.sidecar.replace('.NativeSidecars', 'true') }
  t.equal(patched(annotated('true'), { templates: always, snapshot: old }).spec.containers.length, 0)
  t.equal(patched(annotated('false'), { templates: always }).spec.containers.length, 1)
})

t.test('several templates, aliases, and one that does not exist', async (t) => {
  const templates = {
    a: 'metadata: {labels: {a: "1", both: a}}',
    b: 'metadata: {labels: {b: "{{ len .ObjectMeta.Labels }}", both: b}}',
  }
  const config = { defaultTemplates: ['all'], aliases: { all: ['a', 'b'] } }
  t.match(patched(pod(), { templates, config }).metadata.labels, { a: '1', b: '0', both: 'b' })
  t.match(
    patched(pod({ annotations: { 'inject.istio.io/templates': ' b ,a' } }), { templates, config }).metadata
      .labels,
    { both: 'a' },
  )
  t.match(run(pod({ annotations: { 'inject.istio.io/templates': 'x' } }), { templates }), {
    kind: 'refused',
    code: 'template-not-found',
    message: 'requested template "x" not found; have a, b',
  })
})

t.test('refusals have their codes', async (t) => {
  const rows: readonly (readonly [code: string, object: JsonObject, setting?: Setting])[] = [
    ['pod-invalid', pod({}, { containers: [{ name: 'a', ports: [{ containerPort: 'x' }] }] })],
    ['annotation-invalid', pod({ annotations: { 'status.sidecar.istio.io/port': 'x' } })],
    ['overrides-invalid', pod({ annotations: { 'proxy.istio.io/overrides': '{' } })],
    ['template-failed', pod(), { templates: { sidecar: '{{ .Nope }}' } }],
    [
      'template-budget',
      pod(),
      {
        templates: {
          sidecar:
            '{{ define "x" }}{{ template "x" . }}{{ template "x" . }}{{ end }}{{ range $i, $e := .Values.l }}{{ range $.Values.l }}{{ range $.Values.l }}{{ range $.Values.l }}{{ end }}{{ end }}{{ end }}{{ end }}',
        },
        values: { l: Array.from({ length: 100 }, (_, i) => i) },
      },
    ],
    ['template-output-invalid', pod(), { templates: { sidecar: 'a: [' } }],
    ['template-output-invalid', pod(), { templates: { sidecar: 'text' } }],
    ['template-output-invalid', pod(), { templates: { sidecar: 'a: {{ printf "%s" (trunc 1 "é") }}' } }],
    ['overlay-failed', pod(), { templates: { sidecar: 'spec: {containers: 5}' } }],
    [
      'overlay-failed',
      pod(),
      { templates: { sidecar: 'spec: {containers: [{name: x, resources: {limits: {cpu: lots}}}]}' } },
    ],
  ]
  for (const [code, object, setting] of rows) t.match(run(object, setting), { kind: 'refused', code }, code)
})

t.test('an empty template changes nothing but the status', async (t) => {
  t.match(patched(pod(), { templates: { sidecar: '' } }).spec.containers, [{ name: 'web' }])
})

t.test('OpenShift’s user is taken away before the template sees it', async (t) => {
  const object = pod(
    {},
    {
      containers: [
        { name: 'web', image: 'w', securityContext: { runAsUser: 7 } },
        { name: 'istio-proxy', image: 'auto', securityContext: { runAsUser: 7 } },
      ],
    },
  )
  const templates = proxy('    securityContext: {runAsUser: 1337}\n')
  t.match(patched(object, { templates, env: { PLATFORM: 'openshift' } }).spec.containers[1], {
    securityContext: { runAsUser: 1337 },
  })
  t.match(patched(object, { templates }).spec.containers[1], { securityContext: { runAsUser: 7 } })
})

t.test('injected again, the same comes out', async (t) => {
  const templates = proxy('    args: ["{{ len .Spec.Containers }}"]\n')
  const first = run(pod({ annotations: { 'proxy.istio.io/config': 'concurrency: 1' } }), { templates })
  if (first.kind !== 'patched') throw new Error(first.code)
  const second = run(first.pod, { templates })
  t.match(second, { kind: 'patched', code: 'reinjected' })
  t.same((second as { pod: unknown }).pod, first.pod)
})

t.test('values that a template changes are every request’s own', async (t) => {
  const setting = {
    templates: {
      sidecar: 'metadata: {labels: {size: "{{ len .Values.m }}"}}{{ $x := set .Values.m "b" 1 }}',
    },
    values: { m: { a: 1 } },
  }
  const config = revision(setting)
  const snapshot = snapshotOf(config)
  for (const _ of [1, 2]) {
    const outcome = inject(requestFor(pod()), snapshot)
    t.match(outcome, { kind: 'patched', pod: { metadata: { labels: { size: '1' } } } })
  }
})

t.test('clock and seed are the request’s', async (t) => {
  const setting = {
    templates: { sidecar: 'metadata: {labels: {t: "{{ now | unixEpoch }}", r: "{{ randInt 0 1000000 }}"}}' },
  }
  const labels = (request: Partial<InjectionRequest>) =>
    patched(pod(), { ...setting, request }).metadata.labels
  t.same(labels({ nowMs: 5000, seed: 7 }), labels({ nowMs: 5000, seed: 7 }))
  t.match(labels({ nowMs: 5000, seed: 7 }), { t: '5' })
})

t.test('never throws, whatever a pod holds', async () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(
      fc.constantFrom(
        'name',
        'containers',
        'initContainers',
        'volumes',
        'annotations',
        'labels',
        'metadata',
        'spec',
        'env',
        'ports',
        '__proto__',
        'constructor',
        'sidecar.istio.io/status',
        'proxy.istio.io/overrides',
        'proxy.istio.io/config',
        'inject.istio.io/templates',
      ),
      tie('value'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  })).object
  const config = revision({ templates: proxy() })
  const snapshot = snapshotOf(config)
  fc.assert(
    fc.property(value, value, (metadata, spec) => {
      // What the generator makes is JSON.
      const object = { metadata, spec } as JsonObject
      const outcome = inject(requestFor(object), snapshot)
      return describeCode(outcome.code)?.kind === outcome.kind
    }),
    { numRuns: 500 },
  )
})
