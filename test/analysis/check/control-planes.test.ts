/** Addresses, tags, webhooks and namespaces: whether the requested control planes exist. */
import t from 'tap'
import type { ClusterObject } from '../../../src/revisions/index.ts'
import { namespace } from '../../revisions/cluster-objects.ts'
import {
  checkObjects,
  configMaps,
  healthy,
  install,
  linesOf,
  type RevisionSketch,
  service,
  webhook,
  webhookOf,
  without,
} from './check-fixture.ts'

const findings = (objects: readonly ClusterObject[]) => checkObjects(objects).findings
const withMesh = (address: string, sketch: RevisionSketch = {}) => [
  ...healthy,
  ...install('x', { mesh: `defaultConfig:\n  discoveryAddress: ${address}\n`, ...sketch }),
]

t.test("the discovery address is that of the revision's own istiod", async (t) => {
  t.match(findings(withMesh('istiod-canary.istio-system.svc:15012')), [
    {
      severity: 'error',
      code: 'discovery-address-of-other-revision',
      revision: 'x',
      where: { object: 'ConfigMap istio-system/istio-x', path: 'defaultConfig.discoveryAddress', line: 2 },
      message: /Service istio-system\/istiod-canary is of revision canary$/,
    },
  ])
  t.match(findings(withMesh('istiod-y.istio-system.svc:15012')), [
    { code: 'discovery-address-unserved', message: /there is no Service istio-system\/istiod-y$/ },
  ])
  t.match(findings(withMesh('istiod-x.istio-system.svc:15099')), [
    { code: 'discovery-address-unserved', message: /has no port 15099, only 15012, 443$/ },
  ])
  t.same(findings(withMesh('istiod.example.com:15012')), [], 'outside the cluster nothing is known')
})

t.test('the CA address is read from an injected pod', async (t) => {
  const found = findings([...healthy, ...install('x', { values: { revision: 'y' } })])
  t.match(found, [
    {
      code: 'ca-address-unserved',
      where: { key: 'values' },
      message: 'CA_ADDR is istiod-y.istio-system.svc:15012: there is no Service istio-system/istiod-y',
    },
    { code: 'values-revision-disagrees' },
  ])
})

t.test('kinds that were not read are not reported as missing', async (t) => {
  const bare = [...configMaps('default'), namespace('shop', { 'istio-injection': 'enabled' })]
  t.same(linesOf(bare), ['note services-not-known -: the cluster', 'note webhooks-not-known -: the cluster'])
})

t.test('mistakes in tags are found', async (t) => {
  const tag = (name: string, revision: string) =>
    webhook({
      name: `istio-revision-tag-${name}`,
      labels: { 'istio.io/rev': revision, 'istio.io/tag': name },
      service: 'istiod-canary',
      namespaceSelector: { matchLabels: { 'istio.io/rev': name } },
    })
  t.same(linesOf([...healthy, tag('prod', 'canary'), namespace('n', { 'istio.io/rev': 'prod' })]), [])
  t.same(linesOf([...healthy, tag('prod', 'gone'), namespace('n', { 'istio.io/rev': 'prod' })]), [
    'error tag-without-revision gone: revision tag prod',
    'error tag-target-unknown gone: Namespace n',
  ])
  const shadowing = linesOf([...healthy, ...install('x'), tag('x', 'canary')])
  t.same(shadowing, ['warning tag-shadows-revision canary: revision tag x'])
})

t.test('webhooks without their Service or revision are found', async (t) => {
  t.same(linesOf([...without(healthy, 'Service', 'istiod-canary')]), [
    'error discovery-address-unserved canary: ConfigMap istio-system/istio-canary',
    'error ca-address-unserved canary: ConfigMap istio-system/istio-sidecar-injector-canary',
    'error webhook-service-missing canary: MutatingWebhookConfiguration istio-sidecar-injector-canary',
  ])
  t.same(linesOf([...healthy, webhookOf('old')]), [
    'error webhook-service-missing old: MutatingWebhookConfiguration istio-sidecar-injector-old',
    'error webhook-without-revision old: MutatingWebhookConfiguration istio-sidecar-injector-old',
  ])
  const running = [...healthy, webhookOf('old'), service('istiod-old', { 'istio.io/rev': 'old' })]
  t.same(linesOf(running), [
    'warning webhook-without-revision old: MutatingWebhookConfiguration istio-sidecar-injector-old',
  ])
})

t.test('a revision that no webhook calls is found', async (t) => {
  const objects = without(healthy, 'MutatingWebhookConfiguration', 'istio-sidecar-injector-canary')
  t.same(linesOf(objects), [
    'error namespace-not-called canary: Namespace bank',
    'warning revision-not-called canary: revision canary (istio-system)',
  ])
  const idle = webhook({
    name: 'istio-sidecar-injector-canary',
    labels: { 'istio.io/rev': 'canary' },
    service: 'istiod-canary',
    namespaceSelector: { matchLabels: { 'istio.io/deactivated': 'never-match' } },
  })
  t.same(linesOf([...objects, idle]), linesOf(objects), 'a deactivated webhook calls no Service')
  const remora = webhook({
    name: 'remora-canary',
    labels: { 'remora/revision': 'canary' },
    service: 'istiod-canary',
    namespaceSelector: { matchLabels: { 'istio.io/rev': 'canary' } },
  })
  t.same(linesOf([...objects, idle, remora]), [], 'Remora has taken over')
})

t.test('mistakes in labels of namespaces are found', async (t) => {
  const lines = linesOf([
    ...healthy,
    namespace('both', { 'istio-injection': 'enabled', 'istio.io/rev': 'canary' }),
    namespace('lost', { 'istio.io/rev': '1.30.3' }),
    namespace('odd', { 'istio-injection': 'true' }),
    namespace('off', { 'istio-injection': 'disabled' }),
  ])
  t.same(lines, [
    'error revision-label-unserved -: Namespace lost',
    'warning namespace-revision-ignored default: Namespace both',
    'warning injection-label-invalid -: Namespace odd',
  ])
  t.same(linesOf([...install('canary'), namespace('shop', { 'istio-injection': 'enabled' })]), [
    'error no-default-revision -: Namespace shop',
  ])
})

t.test('two webhooks that match the same pods are found', async (t) => {
  const second = webhook({
    name: 'second',
    labels: { 'istio.io/rev': 'canary' },
    service: 'istiod-canary',
    namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
  })
  t.match(findings([...healthy, second]), [
    {
      severity: 'warning',
      code: 'called-twice',
      revision: 'default',
      where: { object: 'Namespace shop' },
      message: 'istio-sidecar-injector/namespace, second/namespace match its pods',
    },
  ])
})

t.test('namespaces on a revision that does not serve are reported once', async (t) => {
  const broken = install('broken', { template: '{{ nosuch }}' })
  const names = ['a', 'b', 'c', 'd', 'e']
  const objects = [
    ...healthy,
    ...broken,
    ...names.map((name) => namespace(name, { 'istio.io/rev': 'broken' })),
  ]
  t.same(linesOf(objects), [
    'error template-parse-error broken: ConfigMap istio-system/istio-sidecar-injector-broken',
    'error revision-unusable broken: Namespace a, b, c and 2 more',
  ])
})
