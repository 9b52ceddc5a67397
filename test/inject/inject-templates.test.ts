/** The core with templates: their data, their selection, and the position of the proxy. */
import t from 'tap'
import { Kubelets } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { pod } from './revision-fixture.ts'
import { native, patched, run } from './run-inject.ts'

t.test('templates can read pod and control plane', async (t) => {
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

t.test('template data depends on the release', async (t) => {
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

t.test(
  'native sidecars depend on kubelets and annotation, and the user’s own container is moved',
  async (t) => {
    t.match(patched(pod(), { templates: native }).spec.initContainers, [{ name: 'istio-proxy' }])
    const old = { nodes: new Kubelets([['n1', 'v1.30.0']]) }
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
    const remoteNotes = (metadata: JsonObject, env = elsewhere) =>
      run(pod(metadata), { templates: native, request: { proxyEnv: env } }).notes.filter(
        ({ code }) => code === 'remote-cluster-nodes-unknown',
      ).length
    t.equal(remoteNotes({}), 1)
    t.equal(remoteNotes({}, new Map([['ISTIO_META_CLUSTER_ID', 'Kubernetes']])), 0)
    t.equal(
      remoteNotes({ annotations: { 'sidecar.istio.io/nativeSidecar': 'true' } }),
      0,
      'the pod decides itself',
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
  },
)

t.test('several templates and aliases are applied, and an unknown template is refused', async (t) => {
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
