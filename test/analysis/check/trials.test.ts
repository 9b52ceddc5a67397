/** Trial injection of built-in pods and of the cluster's own workloads. */
import t from 'tap'
import { builtInGateway, builtInPods } from '../../../src/analysis/findings/configuration/built-in-pods.ts'
import { inject } from '../../../src/inject/index.ts'
import { revision, snapshotOf } from '../../inject/revision-fixture.ts'
import { checkObjects, healthy, install, linesOf, type RevisionSketch, workload } from './check-fixture.ts'

const PROXY =
  'spec: {containers: [{name: istio-proxy, image: "{{ .ProxyImage }}", lifecycle: {postStart: {exec: {command: [wait]}}}}]}\n'
const found = (sketch: RevisionSketch) => checkObjects([...healthy, ...install('x', sketch)]).findings

t.test('a template that fails on a built-in pod is reported once, with its line and the pods', async (t) => {
  const template = `${PROXY}{{- range .Spec.InitContainers }}\n# {{ .Nosuch }}\n{{- end }}\n`
  t.match(found({ template }), [
    {
      severity: 'error',
      code: 'template-failed',
      revision: 'x',
      where: {
        object: 'ConfigMap istio-system/istio-sidecar-injector-x',
        key: 'config',
        template: 'sidecar',
        line: 3,
      },
      message: /template: sidecar:3:.*Nosuch.* \(built-in pods init-containers\)$/,
    },
  ])
})

t.test('a template output that is not a pod or cannot be merged is found', async (t) => {
  t.match(found({ template: 'spec: [\n' })[0], {
    code: 'template-output-invalid',
    where: { template: 'sidecar' },
  })
  t.match(found({ template: 'spec: {containers: 5}\n' })[0], { where: { template: 'sidecar' } })
})

t.test('invalid images are found', async (t) => {
  const global = (facts: object) => ({ values: { global: { proxy: { image: 'proxyv2' }, ...facts } } })
  const messages = (facts: object) => found(global(facts)).map(({ code, message }) => `${code} ${message}`)
  t.match(messages({ tag: '1.30.3' }), [
    /^image-incomplete .*istio-proxy gets the image "\/proxyv2:1\.30\.3"/,
  ])
  t.match(messages({ hub: 'istio' }), [/^image-incomplete .*"istio\/proxyv2:"/])
  for (const hub of ['istio', 'registry.example:5000/mirror/istio', 'localhost/istio'])
    t.same(messages({ hub, tag: '1.30.3-distroless' }), [], hub)
  t.match(found({ template: 'spec: {containers: [{name: istio-proxy}]}\n' })[0], {
    code: 'image-incomplete',
    message: /gets the image ""/,
  })
})

t.test('an image that a template left incomplete names the expression and the missing key', async (t) => {
  const custom =
    'spec:\n  containers:\n  - name: istio-proxy\n    image: {{ .Values.mine.repository }}:{{ .Values.mine.tag | default "1" }}\n'
  const sketch = { templates: { custom }, config: { defaultTemplates: ['sidecar', 'custom'] } }
  const findings = found(sketch)
  t.match(findings[0], {
    code: 'image-incomplete',
    where: { template: 'custom', line: 4 },
    message:
      /written by line 4 of template custom: \{\{ \.Values\.mine\.repository \}\}.*the values have no \.Values\.mine\.repository/,
    fix: /^Set `mine\.repository` .*in the values/,
  })
  t.match(
    findings.find(({ code }) => code === 'template-value-missing'),
    {
      severity: 'warning',
      where: { template: 'custom', line: 4 },
      message:
        '{{ .Values.mine.repository }} writes <no value>, because the values have no .Values.mine.repository',
    },
  )
  t.same(found({ ...sketch, values: { mine: { repository: 'hub/proxy' } } }), [], 'the key is there')
  const ofWorkload = checkObjects([...healthy, ...install('x', sketch)], {
    workloads: [workload('Deployment shop/web', 'shop')],
  }).findings.find(({ where }) => where.object === 'Deployment shop/web')
  t.match(ofWorkload, { code: 'image-incomplete', fix: /^Set `mine\.repository`/ })
})

t.test(
  'an image that is missing because of a wrong name, or invalid in the template, is found',
  async (t) => {
    const misspelt = found({
      template:
        'spec:\n  containers:\n  - name: istio-proxy\n    image: "{{ .ProxyImage }}"\n  - name: istio-prxy\n    args: [a]\n',
    })
    t.match(misspelt[0], {
      code: 'image-incomplete',
      where: { template: 'sidecar', line: 5 },
      expected: 'istio-proxy, or an image',
      fix: /probably istio-proxy/,
    })
    const ofPod = workload('Deployment shop/web', 'shop', {
      spec: {
        containers: [
          { name: 'app', image: 'app:1' },
          { name: 'istio-prox', image: 'auto' },
        ],
      },
    })
    t.match(
      checkObjects(healthy, { workloads: [ofPod] }).findings.find(({ code }) => code === 'image-incomplete'),
      {
        message: /istio-prox gets the image "auto": no template has a container of that name/,
        fix: /^Rename the container to istio-proxy/,
      },
    )
    t.match(found({ template: 'spec:\n  containers:\n  - name: istio-proxy\n    image: "a b"\n' })[0], {
      where: { template: 'sidecar', line: 4 },
      fix: 'Correct the image in the template.',
    })
  },
)

t.test('a mount without its volume is found', async (t) => {
  const template =
    'spec: {containers: [{name: istio-proxy, image: "{{ .ProxyImage }}", volumeMounts: [{name: data, mountPath: /d}]}]}\n'
  t.match(found({ template }), [
    { code: 'volume-missing', expected: 'a volume data', message: /istio-proxy mounts volume data/ },
  ])
})

t.test('every template that pods can select is tested, alone or with the default templates', async (t) => {
  const overlay =
    'spec: {containers: [{name: istio-proxy, volumeMounts: [{name: s, mountPath: /s}]}], volumes: [{name: s, emptyDir: {}}]}\n'
  const controller = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: "{{ .DeploymentName }}"}\n'
  t.same(found({ templates: { overlay, gateway: PROXY, controller } }), [])
  const { revisions } = checkObjects(install('x', { templates: { overlay, controller } }))
  t.match(revisions[0], { templatesNotTried: ['controller'] })
  t.match(found({ templates: { gateway: `${PROXY}# {{ .Nosuch }}\n` } })[0], {
    code: 'template-failed',
    where: { template: 'gateway', line: 2 },
    message: /inject\.istio\.io\/templates: gateway/,
  })
  t.match(found({ config: { aliases: { both: ['sidecar', 'nosuch'] } } })[0], {
    code: 'template-not-found',
    message: /inject\.istio\.io\/templates: both/,
  })
  t.match(found({ config: { defaultTemplates: ['sidecat'] } })[0], { code: 'template-not-found' })
})

t.test('built-in pods are injected whatever the policy, except with host network', async (t) => {
  const config = revision({ config: { policy: 'disabled' }, templates: { sidecar: PROXY } })
  const snapshot = snapshotOf(config)
  for (const { name, pod } of [...builtInPods, builtInGateway]) {
    const request = {
      target: { by: 'revision', name: 'default' },
      namespace: 'shop',
      operation: 'CREATE',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      subResource: '',
      object: pod,
      proxyEnv: new Map(),
      nowMs: 0,
      seed: 0,
    } as const
    const { kind, code } = inject(request, snapshot)
    t.same(
      [kind, code],
      name === 'host-network' ? ['skipped', 'host-network'] : ['patched', 'injected'],
      name,
    )
  }
})

const needsLevel = `${PROXY}{{- if not (index .ObjectMeta.Annotations "level") }}{{ fail "no level" }}{{ end }}\n`

t.test(
  "failures of the cluster's workloads are errors under their revision or the target, and warnings under others",
  async (t) => {
    const template = `${PROXY}{{- if eq (index .ObjectMeta.Annotations "level") "x" }}\n{{ fail "level x" }}{{ end }}\n`
    const objects = [...healthy, ...install('next', { template })]
    const workloads = [
      workload('Deployment shop/web', 'shop', { annotations: { level: 'x' } }),
      workload('Deployment shop/api', 'shop'),
      workload('Deployment plain/web', 'plain', { annotations: { level: 'x' } }),
    ]
    const lines = linesOf(objects, { workloads })
    t.same(lines, ['warning template-failed next: Deployment shop/web'], 'plain asks for nothing')
    t.same(linesOf(objects, { workloads, target: 'next' }), [
      'error template-failed next: Deployment shop/web',
    ])
    t.same(linesOf(objects, { workloads, target: 'canary' }), [])
  },
)

t.test('a workload that is refused everywhere is reported once', async (t) => {
  const wrong = workload('StatefulSet shop/db', 'shop', {
    annotations: { 'status.sidecar.istio.io/port': 'x' },
  })
  const { findings } = checkObjects(healthy, { workloads: [wrong] })
  t.match(findings, [
    {
      severity: 'error',
      code: 'annotation-invalid',
      revision: 'default',
      where: { object: 'StatefulSet shop/db' },
      message: /status\.sidecar\.istio\.io\/port.*\(under revision canary, revision default\)$/,
    },
  ])
  t.equal(findings.length, 1)
  // Templates refuse a pod with `fail`; here every built-in pod lacks what the template requires.
  t.match(found({ template: needsLevel })[0], { code: 'template-failed', message: /no level/ })
})

t.test('warnings about a workload and unknown fields of its ProxyConfig are reported', async (t) => {
  const annotations = { 'proxy.istio.io/config': 'concurency: 2\nzipkinAddress: z:9411\n' }
  const workloads = [workload('Deployment shop/web', 'shop', { annotations, spec: { dnsPolicy: 'Default' } })]
  t.match(checkObjects(healthy, { workloads }).findings, [
    { severity: 'warning', code: 'dns-policy', where: { object: 'Deployment shop/web' } },
    {
      severity: 'warning',
      code: 'proxy-config-field-unknown',
      revision: 'default',
      where: { path: 'annotation proxy.istio.io/config: concurency' },
      expected: 'probably concurrency',
    },
    { code: 'setting-deprecated', where: { path: 'annotation proxy.istio.io/config: zipkinAddress' } },
  ])
})
