/** Mistakes in versions, values and mesh that Istio silently ignores. */
import t from 'tap'
import { noOptions } from '../../revisions/cluster-objects.ts'
import { checkObjects, healthy, install, linesOf, type RevisionSketch } from './check-fixture.ts'

const found = (sketch: RevisionSketch, options = noOptions) =>
  checkObjects([...healthy, ...install('x', sketch)], { options }).findings
const ADDRESS = 'defaultConfig:\n  discoveryAddress: istiod-x.istio-system.svc:15012\n'

t.test('unknown fields of the mesh config are found', async (t) => {
  t.match(found({ mesh: `trustDomian: td\n${ADDRESS}  tracing:\n    samplng: 5\n` }), [
    {
      severity: 'error',
      code: 'mesh-field-unknown',
      revision: 'x',
      where: { object: 'ConfigMap istio-system/istio-x', key: 'mesh', path: 'trustDomian', line: 1 },
      message: 'Istio 1.30.3 has no field trustDomian there',
      expected: 'probably trustDomain',
    },
    { where: { path: 'defaultConfig.tracing.samplng', line: 5 }, expected: 'probably sampling' },
  ])
  t.match(
    found({
      mesh: `${ADDRESS}serviceScopeConfigs: []\n`,
      labels: { 'app.kubernetes.io/version': '1.26.0' },
      values: { global: { hub: 'istio', tag: '1.26.0' } },
    }),
    [{ message: 'Istio 1.26.0 has no field serviceScopeConfigs there; 1.27 has' }],
  )
})

t.test('deprecated and removed settings are found', async (t) => {
  t.match(found({ mesh: `${ADDRESS}  zipkinAddress: z:9411\n  parentShutdownDuration: 5s\n` }), [
    {
      severity: 'warning',
      code: 'setting-deprecated',
      where: { path: 'defaultConfig.zipkinAddress', line: 3 },
      expected: 'tracing.zipkin.address',
    },
    {
      code: 'setting-deprecated',
      message: 'parentShutdownDuration was removed in Istio 1.17 and is ignored',
    },
  ])
})

t.test('without a mesh configuration the defaults name the istiod of another revision', async (t) => {
  t.same(linesOf([...healthy, ...install('x', { mesh: null })]), [
    'error discovery-address-of-other-revision x: ConfigMap istio-system/istio-x',
    'warning mesh-config-missing x: ConfigMap istio-system/istio-x',
  ])
})

t.test(
  'misspelt keys of values and injector configuration are found, and unrelated ones ignored',
  async (t) => {
    const global = {
      hub: 'istio',
      tag: '1.30.3',
      imagePullPolicyy: 'Always',
      proxy: { image: 'proxyv2', imaeg: 1 },
    }
    const values = { golbal: {}, entirelyMyOwn: {}, sidecarInjectorWebhok: {}, global }
    const config = {
      defaultTemplate: ['sidecar'],
      injectedAnnotation: {},
      PolicY: 'enabled',
      entirelyMyOwn: 1,
    }
    const names = found({ values, config }).map(({ severity, code, where: { key, path } }) =>
      [severity, code, key, path].join(' '),
    )
    // If the right name exists too, this one is not a misspelling.
    t.same(names, [
      'warning key-misspelt config injectedAnnotation',
      'warning key-misspelt values global.imagePullPolicyy',
      'warning key-misspelt values sidecarInjectorWebhok',
    ])
  },
)

t.test(
  'mistyped nested keys are found where the schema is complete and no template reads them',
  async (t) => {
    const proxy = {
      image: 'proxyv2',
      includeIPRange: '10.0.0.0/8',
      resources: { limit: { cpu: '1' }, requests: { cpu: '1', entirelyMyOwn: '1' } },
      entirelyMyOwn: 1,
      seccompProfile: {},
    }
    const waypoint = { tolerations: [], resource: {} }
    const values = {
      global: { hub: 'istio', tag: '1.30.3', proxy, waypoint, multiCluster: { clusterNam: 'a' } },
      pilot: { cni: { enabeld: true }, entirely: { mine: 1 } },
      gateways: { securityContext: { runAsUsr: 1 } },
    }
    const paths = (sketch: RevisionSketch) =>
      found(sketch).flatMap(({ code, where }) => (code === 'key-misspelt' ? [where.path] : []))
    t.same(paths({ values }), [
      'global.proxy.includeIPRange',
      'global.proxy.resources.limit',
      'global.multiCluster.clusterNam',
      'pilot.cni.enabeld',
    ])
    t.same(
      paths({
        values,
        templates: { mine: '{{ .Values.global.proxy.includeIPRange }} {{ .Values.x.limit }}' },
      }),
      ['global.multiCluster.clusterNam', 'pilot.cni.enabeld'],
      'a template reads it',
    )
    t.same(
      paths({ values, labels: { 'app.kubernetes.io/version': '1.99.0' } }),
      [],
      'a release that is not known',
    )
  },
)

t.test('a misspelt name is reported with the refusal that it causes', async (t) => {
  const mesh = `${ADDRESS}  tracing:\n    zipkin:\n      adress: z:9411\n`
  t.match(found({ mesh }), [
    { code: 'mesh-config-invalid', message: /^invalid zipkin config/ },
    { code: 'mesh-field-unknown', where: { path: 'defaultConfig.tracing.zipkin.adress', line: 5 } },
  ])
})

t.test('problems with the detected Istio version are found', async (t) => {
  const labels = (version: string) => ({ 'app.kubernetes.io/version': version })
  t.match(
    found({
      labels: labels('1.99.0'),
      mesh: `${ADDRESS}fieldOfTheFuture: 1\n`,
      values: { global: { hub: 'h', tag: '1.99.0' } },
    }),
    [
      {
        severity: 'warning',
        code: 'istio-version-newer',
        message: /1\.99\.0 is newer than the versions that this build knows/,
      },
      { severity: 'note', code: 'mesh-field-unknown' },
    ],
  )
  t.match(found({ labels: {}, values: { global: { hub: 'h', tag: 'latest' } } }), [
    {
      code: 'istio-version-guessed',
      message: /^it is treated as Istio 1\.13\.0: the sidecar template has \.ProxyImage/,
    },
  ])
  const said = { ...noOptions, istioVersions: [{ revision: 'x', version: '1.30.3' }] }
  t.same(found({ labels: {}, values: { global: { hub: 'h', tag: 'latest' } } }, said), [])
  t.match(found({ values: { global: { hub: 'h', tag: '1.28.3' } } }), [
    {
      code: 'istio-version-disagrees',
      where: { key: 'values', path: 'global.tag' },
      message: 'the ConfigMap is labelled as Istio 1.30.3, but its proxies are 1.28.3',
    },
  ])
  t.same(found({ values: { global: { hub: 'h', tag: '1.30.1-distroless' } } }), [], 'patch levels may differ')
})

t.test('values of another revision are found', async (t) => {
  t.match(found({ values: { revision: 'canary' } }), [
    {
      code: 'values-revision-disagrees',
      where: { path: 'revision' },
      message: /"canary", but the ConfigMap is of revision x/,
    },
  ])
})
