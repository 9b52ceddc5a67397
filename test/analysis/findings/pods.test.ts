/** Findings about injected pods, misplaced settings and manifests, each with a healthy counterpart. */
import t from 'tap'
import {
  type ClusterFacts,
  findingsOf,
  inOrder,
  type SubjectType,
  subjectsOf,
} from '../../../src/analysis/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import type { ClusterObject } from '../../../src/revisions/index.ts'
import { node, object } from '../../revisions/cluster-objects.ts'
import { factsOf, install, type PodSketch, type RevisionSketch, workload } from '../check/check-fixture.ts'

const TEMPLATE = `spec:
  initContainers:
  - name: istio-init
    image: proxyv2:1
    resources: {requests: {cpu: 10m, memory: 10Mi}, limits: {cpu: 10m, memory: 10Mi}}
    securityContext:
      capabilities: {add: [NET_ADMIN, NET_RAW], drop: [ALL]}
      runAsUser: 0
      runAsNonRoot: false
      allowPrivilegeEscalation: false
  containers:
  - name: istio-proxy
    image: proxyv2:1
    resources:
      requests: {cpu: {{ annotation .ObjectMeta \`sidecar.istio.io/proxyCPU\` "100m" }}, memory: 128Mi}
      limits: {cpu: "2", memory: 1Gi}
    volumeMounts:
    - {name: istio-envoy, mountPath: /etc/istio/proxy}
    {{- range $index, $value := fromJSON (annotation .ObjectMeta \`sidecar.istio.io/userVolumeMount\` "[]") }}
    - {{ toYaml $value | indent 6 | trim }}
    {{- end }}
  volumes:
  - {name: istio-envoy, emptyDir: {}}
  {{- range $index, $value := fromJSON (annotation .ObjectMeta \`sidecar.istio.io/userVolume\` "[]") }}
  - {{ toYaml $value | indent 4 | trim }}
  {{- end }}
`
const NATIVE = TEMPLATE.replace(
  '  - name: istio-init',
  '  - {name: istio-proxy, image: "proxyv2:1", restartPolicy: Always}\n  - name: istio-init',
).replace(/ {2}containers:[\s\S]*? {2}volumes:/, '  volumes:')
const CNI = TEMPLATE.replace(/ {2}initContainers:[\s\S]*? {2}containers:/, '  containers:')

interface Sketch {
  readonly revision?: RevisionSketch
  readonly labels?: JsonObject
  readonly annotations?: JsonObject
  readonly others?: readonly ClusterObject[]
}

function factsFor(workloads: readonly ClusterObject[], sketch: Sketch): ClusterFacts {
  const { labels, annotations = {}, others = [] } = sketch
  const home = object('v1', 'Namespace', {
    name: 'shop',
    labels: labels ?? { 'istio-injection': 'enabled' },
    annotations,
  })
  const objects = [...install('default', { template: TEMPLATE, ...sketch.revision }), home, ...others]
  return factsOf(objects, { workloads })
}

function lines(type: SubjectType, facts: ClusterFacts): readonly string[] {
  const subjects = subjectsOf(type, facts)
  return inOrder(subjects.map((subject) => ({ subject, findings: findingsOf(subject, facts) })))
    .filter(({ severity, code }) => severity !== 'note' || NOTES.has(code))
    .map(({ severity, code, where, message }) => `${severity} ${code} ${where.object}: ${message}`)
}

/** What is found about workloads in a namespace that is injected, and about the namespace. */
function found(workloads: readonly ClusterObject[], sketch: Sketch = {}): readonly string[] {
  const facts = factsFor(workloads, sketch)
  return [...lines('workload', facts), ...lines('namespace', facts)]
}

function foundInConfiguration(revision: RevisionSketch): readonly string[] {
  return lines('configuration', factsFor([], { revision }))
}

const NOTES: ReadonlySet<string> = new Set(['job-does-not-end', 'init-container-without-network'])

const web = (sketch: PodSketch = {}) => [workload('Deployment shop/web', 'shop', sketch)]
const annotated = (annotations: JsonObject) => web({ annotations })

t.test('a workload without mistakes has no findings', async (t) => {
  t.same(found(web()), [])
})

t.test('the injected pod is validated like by the API server', async (t) => {
  const volume = {
    revision: {
      templates: { custom: 'spec: {volumes: [{name: istio-envoy, hostPath: {path: /x}}]}' },
      config: { defaultTemplates: ['sidecar', 'custom'] },
    },
  }
  t.match(
    found(web(), volume).filter((line) => line.includes('Deployment')),
    [/^error injected-pod-invalid Deployment shop\/web: spec.volumes\[istio-envoy\] has both/],
  )
  const fixes = (facts: ClusterFacts) =>
    subjectsOf('workload', facts).flatMap((one) => findingsOf(one, facts).map(({ fix }) => fix))
  const containers = [{ name: 'app', image: 'app:1' }]
  const clash = web({ spec: { containers, volumes: [{ name: 'istio-envoy', configMap: { name: 'x' } }] } })
  const renamed = /^Rename the pod's own volume `istio-envoy`/
  t.ok(
    fixes(factsFor(clash, {})).some((fix) => renamed.test(fix)),
    'the cause is in the pod',
  )
  t.notOk(
    fixes(factsFor(web(), volume)).some((fix) => renamed.test(fix)),
    'the cause is a template',
  )
  t.match(found(annotated({ 'sidecar.istio.io/proxyCPU': '3' })), [
    /requests cpu 3, which is above its limit 2/,
  ])
  const mount = (value: JsonObject) =>
    annotated({ 'sidecar.istio.io/userVolumeMount': JSON.stringify([value]) })
  t.match(found(mount({ name: 'istio-envoy', mountPath: '/etc/istio/proxy' })), [/at the same mountPath/])
  t.match(found(mount({ name: 'istio-envoy' })), [/has no mountPath/])
  t.same(found(mount({ name: 'istio-envoy', mountPath: '/x' })), [])
})

t.test('an invalid field is traced to the template, the expression and the value', async (t) => {
  const invalid = (facts: ClusterFacts) =>
    subjectsOf('workload', facts)
      .flatMap((one) => findingsOf(one, facts))
      .filter(({ code }) => code === 'injected-pod-invalid')
  const [byAnnotation] = invalid(factsFor(annotated({ 'sidecar.istio.io/proxyCPU': '3' }), {}))
  t.equal(
    byAnnotation?.message,
    'spec.containers[istio-proxy].resources requests cpu 3, which is above its limit 2' +
      '; in template sidecar, the line is `requests: {cpu: 3, memory: 128Mi}`; line 15 of the template writes into it: ' +
      '{{ annotation .ObjectMeta `sidecar.istio.io/proxyCPU` "100m" }}; the value comes from the pod annotation sidecar.istio.io/proxyCPU' +
      '; in template sidecar, the line is `limits: {cpu: "2", memory: 1Gi}`; line 16 of the template writes it',
  )
  t.match(byAnnotation?.where, { object: 'Deployment shop/web', template: 'sidecar', line: 15 })

  const template = TEMPLATE.replace('limits: {cpu: "2"', 'limits: {cpu: {{ .Values.global.proxy.cpu }}')
  const values = { global: { proxy: { cpu: '50m' } } }
  const byValues = invalid(
    factsFor([...web(), workload('Deployment shop/two', 'shop')], { revision: { template, values } }),
  )
  t.match(byValues, [
    {
      message:
        /\{\{ \.Values\.global\.proxy\.cpu \}\}; the value comes from global\.proxy\.cpu of the values$/,
    },
    {
      message:
        /\{\{ \.Values\.global\.proxy\.cpu \}\}; the value comes from global\.proxy\.cpu of the values$/,
    },
  ])

  const own = {
    containers: [{ name: 'web', image: 'web:1' }],
    volumes: [{ name: 'istio-envoy', configMap: { name: 'x' } }],
  }
  const [byPod] = invalid(factsFor(web({ spec: own }), {}))
  t.match(
    byPod?.message,
    /; in template sidecar, the line is `- \{name: istio-envoy, emptyDir: \{\}\}`; line \d+ of the template writes it$/,
  )
  t.notMatch(byPod?.message, /configMap: /, 'what the pod itself sets is no matter of a template')
})

t.test("a template's own mistake is found, and the volume claims of a StatefulSet are known", async (t) => {
  const mounts = {
    containers: [{ name: 'db', image: 'db:1', volumeMounts: [{ name: 'data', mountPath: '/d' }] }],
  }
  t.match(found(web({ spec: mounts })), [
    /^error workload-invalid .*mounts volume data, which does not exist/,
  ])
  const set = object(
    'apps/v1',
    'StatefulSet',
    { name: 'db', namespace: 'shop' },
    {
      spec: { template: { spec: mounts }, volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
    },
  )
  t.same(found([set]), [])
})

t.test('native sidecars on old kubelets are found', async (t) => {
  const native = { revision: { template: NATIVE } }
  const nodes = (...versions: string[]) => ({
    ...native,
    others: versions.map((one, i) => node(`n${i}`, one)),
  })
  t.match(found(web(), nodes('v1.27.9')), [
    /^error native-sidecar-unsupported .*all of 1 nodes cannot run them: n0 \(v1.27.9\)/,
  ])
  t.match(found(web(), nodes('v1.28.2', 'v1.33.1')), [/^warning native-sidecar-unsupported .*1 of 2 nodes/])
  t.same(found(web(), nodes('v1.29.0', 'v1.33.1-eks-2')), [])
  t.same(found(web(), { others: [node('n0', 'v1.27.9')] }), [], 'ordinary sidecars run there')
})

t.test('pods for Windows are found', async (t) => {
  t.match(found(web({ spec: { os: { name: 'windows' } } })), [/^error windows-pod-injected/])
  const nodeSelector = { 'kubernetes.io/os': 'windows' }
  t.match(found(web({ spec: { nodeSelector } })), [/^warning windows-pod-injected/])
  const out = { 'sidecar.istio.io/inject': 'false' }
  t.same(found(web({ labels: out, spec: { os: { name: 'windows' } } })), [])
  t.same(found(web({ spec: { nodeSelector: { 'kubernetes.io/os': 'linux' } } })), [])
})

t.test('violations of Pod Security are found', async (t) => {
  const level = (mode: string, value: string) => ({
    labels: { 'istio-injection': 'enabled', [`pod-security.kubernetes.io/${mode}`]: value },
  })
  t.match(found(web(), level('enforce', 'baseline')), [
    /^error pod-security-refused .*enforce=baseline refuses the pods: container istio-init adds NET_ADMIN, NET_RAW$/,
  ])
  t.match(found(web(), level('warn', 'baseline')), [/^warning pod-security-warns/])
  t.same(found(web(), level('enforce', 'privileged')), [])
  t.same(found(web(), level('audit', 'baseline')), [])
  t.same(found(web(), { ...level('enforce', 'baseline'), revision: { template: CNI } }), [])
})

t.test('violations of LimitRanges and ResourceQuotas are found', async (t) => {
  const others = (kind: string, spec: JsonObject, home = 'shop') => ({
    others: [object('v1', kind, { name: 'q', namespace: home }, { spec })],
  })
  const limit = { limits: [{ type: 'Container', max: { memory: '512Mi' }, default: { memory: '256Mi' } }] }
  t.match(found(web(), others('LimitRange', limit)), [
    /^error limit-range-refused .*container istio-proxy has a memory limit above the maximum 512Mi/,
  ])
  t.same(found(web(), others('LimitRange', limit, 'other')), [])
  const both = {
    limits: [{ type: 'Container', max: { cpu: '5m', memory: '5Mi' }, default: { cpu: '1m', memory: '1Mi' } }],
  }
  t.same(
    found(web(), others('LimitRange', both)),
    [
      'error limit-range-refused Deployment shop/web: LimitRange shop/q refuses the injected pod: each of container istio-init, container istio-proxy has a cpu limit above the maximum 5m and has a memory limit above the maximum 5Mi',
    ],
    'once for all containers and resources',
  )
  const byDefault = { limits: [{ type: 'Container', default: { memory: '512Mi' } }] }
  const logger = (memory: string) =>
    found(web(), {
      ...others('LimitRange', byDefault),
      revision: {
        templates: {
          logger: `spec: {containers: [{name: logger, image: "l:1", resources: {requests: {memory: ${memory}}}}]}`,
        },
        config: { defaultTemplates: ['sidecar', 'logger'] },
      },
    })
  t.match(logger('2Gi'), [
    /^error limit-range-refused .*container logger requests more memory than the default limit 512Mi/,
  ])
  t.same(logger('256Mi'), [])
  const quota = (hard: JsonObject) => found(web(), others('ResourceQuota', { hard }))
  t.match(quota({ 'limits.cpu': '1' }), [/^error resource-quota-refused/])
  t.match(quota({ 'requests.memory': '64Mi' }).length, 2, 'one pod alone, and so all of them')
  t.same(quota({ pods: '10', 'requests.cpu': '10' }), [])
  const many = object(
    'apps/v1',
    'Deployment',
    { name: 'many', namespace: 'shop' },
    {
      spec: {
        replicas: 9,
        template: {
          spec: { containers: [{ name: 'a', image: 'a:1', resources: { requests: { cpu: '100m' } } }] },
        },
      },
    },
  )
  t.match(found([many], others('ResourceQuota', { hard: { 'requests.cpu': '1' } })), [
    /^warning resource-quota-exceeded Namespace shop: .*requests.cpu than the 1 of/,
  ])
})

t.test("applications that use the proxy's user or ports are found", async (t) => {
  t.match(found(web({ spec: { securityContext: { runAsUser: 1337 } } })), [/^warning app-runs-as-proxy-user/])
  t.same(found(web({ spec: { securityContext: { runAsUser: 1338 } } })), [])
  const ports = (...numbers: number[]) =>
    web({
      spec: {
        containers: [{ name: 'a', image: 'a:1', ports: numbers.map((containerPort) => ({ containerPort })) }],
      },
    })
  for (const port of [15001, 15006, 15020, 15021, 15090])
    t.match(found(ports(port)), [new RegExp(`^warning app-uses-proxy-port .*${port} of container a`)])
  t.same(found(ports(15010, 15443, 8080)), [])
})

t.test('a container of the pod with the name of an injected one is found', async (t) => {
  const init = (container: JsonObject) =>
    web({ spec: { initContainers: [{ name: 'istio-init', ...container }] } })
  t.match(found(init({ image: 'busybox:1', command: ['sh', '-c', 'migrate'] })), [
    /^warning container-merged Deployment shop\/web: the pod's own container istio-init and the one that injection adds are merged into one, with the image "busybox:1"$/,
  ])
  t.same(
    found(init({ image: 'auto', resources: { requests: { cpu: '1m' } } })),
    [],
    'it changes the injected one',
  )
  t.same(
    found(init({ image: 'mirror.example.com/istio/proxyv2:1' })),
    [],
    "another registry of the proxy's image",
  )
  const ofCni = found(init({ image: 'busybox:1' }), { revision: { template: CNI } })
  t.match(ofCni, [/^note init-container-without-network /], 'none is injected')
  const status = JSON.stringify({
    initContainers: ['istio-init'],
    containers: ['istio-proxy'],
    revision: 'default',
  })
  const earlier = workload('Deployment shop/web', 'shop', {
    annotations: { 'sidecar.istio.io/status': status },
    spec: { initContainers: [{ name: 'istio-init', image: 'old-init:1' }] },
  })
  t.notOk(
    found([earlier]).some((line) => line.includes('container-merged')),
    'an earlier injection added it',
  )
})

t.test(
  'a workload whose Namespace was not read is not judged by labels, and that is said once',
  async (t) => {
    const lost = ['a', 'b'].map((name) => workload(`Deployment lost/${name}`, 'lost'))
    const notes = (workloads: readonly ClusterObject[]) => {
      const facts = factsFor(workloads, {})
      const subjects = subjectsOf('workload', facts)
      return inOrder(subjects.map((subject) => ({ subject, findings: findingsOf(subject, facts) })))
        .filter(({ code }) => code === 'namespace-unknown')
        .map(({ severity, where, message }) => `${severity} ${where.object}: ${message}`)
    }
    t.same(notes([...lost, ...web()]), [
      'note Deployment lost/a, lost/b: Namespace lost is not among the objects, so its labels are not known: it counts as one without labels',
    ])
    t.same(notes(web()), [])
  },
)

t.test('settings on the owner instead of its template are found', async (t) => {
  const owner = (metadata: JsonObject, template: JsonObject = {}) => [
    object(
      'apps/v1',
      'Deployment',
      { name: 'web', namespace: 'shop', ...metadata },
      {
        spec: { template: { metadata: template, spec: { containers: [{ name: 'a', image: 'a:1' }] } } },
      },
    ),
  ]
  const inject = { 'sidecar.istio.io/inject': 'false' }
  const cpu = { 'sidecar.istio.io/proxyCPU': '10m' }
  t.match(found(owner({ labels: inject })), [
    /^warning setting-on-owner .*the label sidecar.istio.io\/inject on the Deployment itself/,
  ])
  t.match(found(owner({ annotations: { ...inject, ...cpu } })), [
    /the annotations .*inject, .*proxyCPU .* are not read/,
  ])
  t.same(found(owner({ labels: inject }, { labels: inject })), [], 'on both')
  t.same(found(owner({ annotations: cpu }, { annotations: cpu })), [])
  t.same(found(owner({ labels: { app: 'web' }, annotations: { 'a.example/b': 'c' } })), [])
})

t.test('settings on pods instead of namespaces, and the reverse, are found', async (t) => {
  const free = { labels: {} }
  t.match(found(annotated({ 'sidecar.istio.io/inject': 'true' }), free), [
    /^warning setting-misplaced .*requests nothing/,
  ])
  t.match(found(web({ labels: { 'istio-injection': 'enabled' } }), free), [/it is a label of namespaces/])
  t.match(found(web({ labels: { 'sidecar.istio.io/proxyCPU': '10m' } })), [/proxyCPU is a label of the pod/])
  t.match(found([], { labels: { 'sidecar.istio.io/inject': 'true' } }), [
    /Namespace shop: .*it is a label of pods/,
  ])
  t.match(found([], { labels: {}, annotations: { 'istio-injection': 'enabled' } }), [
    /Namespace shop: the annotation istio-injection=enabled/,
  ])
  t.match(found([], { annotations: { 'proxy.istio.io/config': '{}' } }), [
    /proxy.istio.io\/config on the namespace is not read/,
  ])
  // The webhook of this installation matches namespaces only, which is a separate finding.
  t.match(found(web({ labels: { 'istio.io/rev': 'default' } }), free), [/^error namespace-not-called/])
  t.same(found([], { labels: { team: 'a' }, annotations: { note: 'x' } }), [])
})

t.test('unknown fields of manifests are found', async (t) => {
  const manifest = (spec: JsonObject, container: JsonObject = {}) => [
    object(
      'apps/v1',
      'Deployment',
      { name: 'web', namespace: 'shop' },
      {
        spec: { template: { spec: { containers: [{ name: 'a', image: 'a:1', ...container }] } }, ...spec },
      },
    ),
  ]
  t.match(found(manifest({}, { securityContex: {} })), [
    /^warning manifest-field-unknown .*securityContex is not a field of a Container/,
  ])
  t.match(found(manifest({ replica: 2 })), [/replica is not a field of a DeploymentSpec/])
  t.same(found(manifest({ replicas: 2, strategy: { type: 'Recreate' } })), [])
  t.match(found(manifest({}, { image: '{{ .Values.image }}' })), [/^error manifest-not-rendered/])
  const vault = { 'vault.example/template': '{{ with secret "a" }}{{ .Data.x }}{{ end }}' }
  t.same(found(annotated(vault)), [], 'annotations may contain templates')
})

t.test('mistakes in JSON annotations and ignored values are found', async (t) => {
  const volume = (text: string) => annotated({ 'sidecar.istio.io/userVolume': text })
  t.match(found(volume('[{"name":"a","comfigMap":{}}]')), [
    /^warning annotation-field-unknown .*comfigMap is not a field of a Volume/,
  ])
  // The annotation, the place and what was expected come before what the template says.
  t.match(found(volume('[{"name":')), [
    /^error template-failed Deployment shop\/web: annotation sidecar\.istio\.io\/userVolume is not JSON: .*line 1.*; expected a JSON list of volumes, such as .*; line \d+ of template sidecar reads it: template: sidecar:/,
    /^error annotation-not-json .*: annotation sidecar\.istio\.io\/userVolume is not JSON/,
  ])
  t.match(found(volume('- name: a')), [/userVolume is not JSON/, /is not JSON/])
  t.match(found(volume('"a"')), [/userVolume is JSON without a list or a map; expected a JSON list/])
  t.match(
    found(annotated({ 'sidecar.istio.io/userVolumeMount': 'x', 'sidecar.istio.io/userVolume': '[]' }))[0],
    /: annotation sidecar\.istio\.io\/userVolumeMount is not JSON: .*; expected a JSON list of volume mounts/,
  )
  t.same(found(volume('[{"name":"a","configMap":{"name":"b"}}]')), [])
  t.match(
    found(
      annotated({ 'proxy.istio.io/overrides': '{"containers":[{"name":"istio-proxy","enw":[]}],"x":1}' }),
    ),
    [/enw is not a field of a Container/],
  )
  for (const [name, bad, good, code] of [
    ['nativeSidecar', 'yes', 'true', 'ignored'],
    ['rewriteAppHTTPProbers', 'no', 'F', 'ignored'],
    ['logLevel', 'verbose', 'warning', 'breaks-proxy'],
    ['componentLogLevel', 'http', 'http:debug,filter:trace', 'breaks-proxy'],
    ['agentLogLevel', 'loud', 'default:info,dns:debug', 'breaks-proxy'],
  ] as const) {
    t.match(found(annotated({ [`sidecar.istio.io/${name}`]: bad })), [
      new RegExp(`annotation-value-${code} .*${name}: ${bad}`),
    ])
    t.same(found(annotated({ [`sidecar.istio.io/${name}`]: good })), [], name)
  }
})

t.test('an annotation with a proxy image that no template uses is found', async (t) => {
  const template = TEMPLATE.replace(
    '  containers:\n  - name: istio-proxy\n    image: proxyv2:1\n',
    `  containers:
  - name: istio-proxy
    {{- $image := annotation .ObjectMeta \`sidecar.istio.io/proxyImage\` "" }}
    image: "{{ if contains "/" $image }}{{ $image }}{{ else }}istio/proxyv2:1{{ end }}"
`,
  )
  const image = (value: string) =>
    found(annotated({ 'sidecar.istio.io/proxyImage': value }), { revision: { template } })
  t.match(image(' '), [
    /^warning annotation-value-ignored Deployment shop\/web: sidecar\.istio\.io\/proxyImage: " " is ignored, and the proxy has the image "istio\/proxyv2:1"/,
  ])
  t.match(image('proxyv2:2'), [/^warning annotation-value-ignored/])
  t.same(image('hub.example.com/proxyv2:2'), [])
  const own = {
    containers: [
      { name: 'istio-proxy', image: 'my/proxy:1' },
      { name: 'web', image: 'web:1' },
    ],
  }
  t.same(
    found(web({ spec: own, annotations: { 'sidecar.istio.io/proxyImage': 'x' } }), {
      revision: { template },
    }),
    [],
  )
  for (const blank of [{ hub: ' ' }, { tag: ' ' }, { proxy: { image: ' ' } }]) {
    const values = { global: { hub: 'istio', tag: '1.30.3', proxy: { image: 'proxyv2' }, ...blank } }
    const uses = TEMPLATE.replace(
      '  - name: istio-proxy\n    image: proxyv2:1',
      '  - name: istio-proxy\n    image: "{{ .ProxyImage }}"',
    )
    t.match(
      found(web(), { revision: { template: uses, values } }),
      [/^error image-incomplete/],
      JSON.stringify(blank),
    )
  }
})

t.test('effects of ordinary sidecars on other containers are reported as notes', async (t) => {
  const job = [
    workload('Job shop/report', 'shop', { spec: { restartPolicy: 'Never' } }),
    workload('Job shop/other', 'shop', { spec: { restartPolicy: 'OnFailure' } }),
  ]
  t.match(found(job), [/^note job-does-not-end Job shop\/other, shop\/report:/], 'once')
  t.same(found(job, { revision: { template: NATIVE } }), [])
  const init = { initContainers: [{ name: 'migrate', image: 'm:1' }] }
  t.match(found(web({ spec: init }), { revision: { template: CNI } }), [
    /^note init-container-without-network .*: migrate cannot/,
  ])
  t.same(found(web({ spec: init })), [], 'istio-init runs after it')
  const excluded = { 'traffic.sidecar.istio.io/excludeOutboundPorts': '5432' }
  t.same(found(web({ annotations: excluded, spec: init }), { revision: { template: CNI } }), [])
})

t.test('mistakes in the texts of a configuration are found', async (t) => {
  const config = (rest: JsonObject, templates: { readonly [name: string]: string } = {}) =>
    foundInConfiguration({ config: rest, templates })
  t.match(config({ neverInjectSelector: [{ key: 'a', operator: 'Exists' }] }), [
    /^warning selector-ineffective .*: key, operator are not fields of a label selector, so the selector is empty/,
  ])
  t.match(config({ alwaysInjectSelector: [{ matchLabel: { a: 'b' }, matchLabels: { c: 'd' } }] }), [
    /matchLabel is not a field/,
  ])
  t.match(config({ neverInjectSelector: [{}] }), [/the selector is empty and is ignored/])
  t.same(config({ neverInjectSelector: [{ matchLabels: { a: 'b' } }] }), [])
  t.match(config({ defaultTemplates: ['sidecar', 'custom'] }, { custom: 'containers: []\n' }), [
    /^warning template-field-unknown .*containers is not a field of a Pod/,
  ])
  t.match(
    config(
      { defaultTemplates: ['sidecar', 'custom'] },
      { custom: 'metadata:\n  labels: {a: b}\n  labels: {c: d}\n' },
    ),
    [/^warning key-repeated .*the template writes "labels" twice/],
  )
  t.match(
    foundInConfiguration({
      mesh: 'rootNamespace: a\nrootNamespace: istio-system\ndefaultConfig: {discoveryAddress: "istiod.istio-system.svc:15012"}\n',
    }),
    [/^warning key-repeated .*"rootNamespace" occurs on lines 1 and 2/],
  )
  t.match(
    foundInConfiguration({
      mesh: 'accessLogFormat: "a\u200bb" # \u00a0\ndefaultConfig: {discoveryAddress: "istiod.istio-system.svc:15012"}\n',
    }),
    [/^warning invisible-character .*line 1 has U\+200B \(zero width space\) at column 20$/],
  )
  const discovery = '"defaultConfig": {"discoveryAddress": "istiod.istio-system.svc:15012"}'
  const mesh = (format: string) =>
    foundInConfiguration({ mesh: `{"accessLogFormat": ${format}, ${discovery}}` })
  t.match(
    mesh('"a #\u00a0b"'),
    [/^warning invisible-character .*U\+00A0/],
    'not a comment in one line of JSON',
  )
  t.match(mesh('"a \\" #\u00a0b"'), [/^warning invisible-character/], 'after an escaped quote')
  t.match(mesh("'it''s #\u00a0b'"), [/^warning invisible-character/])
  t.same(mesh('"a"\n #\u00a0b\n'), [], 'a comment between two lines of a flow mapping')
  t.match(
    foundInConfiguration({ mesh: `{"accessLogFormat": a\u00a0#b, ${discovery}}` }),
    [/^warning invisible-character/],
    'a comment needs a blank before it',
  )
})
