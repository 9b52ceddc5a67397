/** Only objects in trusted namespaces define revisions and tags. */
import t from 'tap'
import { discoverRevisions, type IstioObjects, type TrustOptions } from '../../src/istio/index.ts'
import type { JsonObject } from '../../src/json/index.ts'

const none: IstioObjects = { configMaps: [], deployments: [], services: [], webhookConfigurations: [] }

const injector = (namespace: string, revision: string, createdAt?: string): JsonObject => ({
  metadata: {
    namespace,
    name: revision === 'default' ? 'istio-sidecar-injector' : `istio-sidecar-injector-${revision}`,
    ...(createdAt === undefined ? {} : { creationTimestamp: createdAt }),
  },
  data: { config: 'policy: enabled', values: '{}' },
})
const tagService = (namespace: string, tag: string, revision: string, name = `tag-${tag}`): JsonObject => ({
  metadata: { namespace, name, labels: { 'istio.io/tag': tag, 'istio.io/rev': revision } },
})
function webhook(name: string, labels: JsonObject, service: JsonObject | undefined): JsonObject {
  return {
    metadata: { name, labels },
    webhooks: [
      {
        name: 'rev.namespace.sidecar-injector.istio.io',
        clientConfig: service === undefined ? { url: 'https://elsewhere' } : { service },
      },
    ],
  }
}
const find = (objects: Partial<IstioObjects>, trust?: TrustOptions) => {
  const found = discoverRevisions({ ...none, ...objects }, trust)
  return {
    revisions: Object.fromEntries([...found.revisions].map(([name, { namespace }]) => [name, namespace])),
    tags: Object.fromEntries(found.tags),
    problems: found.problems.map(({ code, where }) => `${code} ${where}`),
    ignored: found.ignored,
    messages: found.problems.map(({ message }) => message),
  }
}

t.test("a tenant's ConfigMap and Service define no revision or tag", async (t) => {
  const found = find({
    configMaps: [injector('istio-system', 'default'), injector('tenant', 'x'), injector('tenant', 'default')],
    services: [
      tagService('tenant', 'canary', 'x'),
      tagService('tenant', 'default', 'x'),
      { metadata: { name: 'no-namespace', labels: { 'istio.io/tag': 'y', 'istio.io/rev': 'x' } } },
    ],
  })
  t.same(found.revisions, { default: 'istio-system' })
  t.same(found.tags, {})
  t.same(found.problems, [
    'revision-untrusted ConfigMap tenant/istio-sidecar-injector-x',
    'revision-untrusted ConfigMap tenant/istio-sidecar-injector',
    'tag-untrusted Service tenant/tag-canary',
    'tag-untrusted Service tenant/tag-default',
    'tag-untrusted Service default/no-namespace',
  ])
  t.match(found.messages[0], /does not define revision x, since tenant is not a namespace of a control plane/)
  t.match(found.messages[0], /--istio-namespaces=istio-system,tenant.*kubectl delete configmap/)
})

t.test('the listed namespaces count in their listed order, whatever the order of the objects', async (t) => {
  const configMaps = [injector('aaa', 'x'), injector('mesh-b', 'x'), injector('mesh-a', 'x')]
  const trust = { namespaces: ['mesh-b', 'mesh-a'], only: false }
  for (const order of [configMaps, configMaps.toReversed()]) {
    const found = find({ configMaps: order, services: [tagService('mesh-a', 't', 'x')] }, trust)
    t.same(found.revisions, { x: 'mesh-b' })
    t.same(found.tags, { t: 'x' })
  }
  t.same(
    find({ configMaps: [injector('istio-system', 'x')] }, trust).revisions,
    {},
    'istio-system is not listed',
  )
})

t.test("a webhook configuration's namespace counts for its revision and tag, and for no other", async (t) => {
  const found = find({
    configMaps: [injector('mesh', 'blue'), injector('mesh', 'default'), injector('mesh', 'green')],
    services: [tagService('mesh', 'prod', 'blue'), tagService('mesh', 'stolen', 'blue')],
    webhookConfigurations: [
      webhook(
        'istio-sidecar-injector-blue-mesh',
        { 'istio.io/rev': 'blue' },
        { namespace: 'mesh', name: 'istiod-blue' },
      ),
      webhook('external', { 'istio.io/rev': 'green' }, undefined),
    ],
  })
  t.same(found.revisions, { blue: 'mesh' })
  t.same(found.tags, {})
  t.same(found.problems, [
    'revision-untrusted ConfigMap mesh/istio-sidecar-injector',
    'revision-untrusted ConfigMap mesh/istio-sidecar-injector-green',
    'tag-untrusted Service mesh/tag-prod',
    'tag-untrusted Service mesh/tag-stolen',
  ])
  const ofTag = webhook(
    'istio-revision-tag-prod-mesh',
    { 'istio.io/rev': 'blue', 'istio.io/tag': 'prod' },
    { namespace: 'mesh', name: 'istiod-blue' },
  )
  const byTag = find({ configMaps: [injector('mesh', 'blue')], webhookConfigurations: [ofTag] })
  t.same([byTag.revisions, byTag.tags, byTag.problems], [{ blue: 'mesh' }, { prod: 'blue' }, []])
  t.same(
    find({
      configMaps: [injector('mesh', 'blue'), injector('istio-system', 'blue')],
      webhookConfigurations: [ofTag],
    }).revisions,
    { blue: 'istio-system' },
    "a tag's configuration displaces no revision of a listed namespace",
  )
  t.same(
    find({
      configMaps: [injector('mesh', 'blue')],
      webhookConfigurations: [
        webhook('remora', { 'remora/revision': 'blue' }, { namespace: 'mesh', name: 'remora' }),
      ],
    }).revisions,
    {},
    "Remora's own Service says nothing about where an istiod is",
  )
})

t.test('if webhook configurations name two namespaces equally, the older ConfigMap counts', async (t) => {
  const of = (namespace: string) =>
    webhook(`x-${namespace}`, { 'istio.io/rev': 'x' }, { namespace, name: 'istiod-x' })
  const webhookConfigurations = [of('aaa'), of('zzz')]
  const configMaps = [
    injector('aaa', 'x', '2026-02-01T00:00:00Z'),
    injector('zzz', 'x', '2026-01-01T00:00:00Z'),
  ]
  const found = find({ configMaps, webhookConfigurations })
  t.same(found.revisions, { x: 'zzz' }, 'what is made later displaces nothing')
  t.match(found.problems, ['revision-in-two-namespaces ConfigMap aaa/istio-sidecar-injector-x'])
})

t.test(
  'with --istio-namespaces-only only the listed namespaces count, and webhooks elsewhere are reported',
  async (t) => {
    const objects = {
      configMaps: [injector('mesh', 'blue'), injector('istio-system', 'default')],
      webhookConfigurations: [
        webhook('blue', { 'istio.io/rev': 'blue' }, { namespace: 'mesh', name: 'istiod-blue' }),
        webhook(
          'prod',
          { 'istio.io/rev': 'blue', 'istio.io/tag': 'prod' },
          { namespace: 'mesh', name: 'istiod-blue' },
        ),
        webhook('default', { 'istio.io/rev': 'default' }, { namespace: 'istio-system', name: 'istiod' }),
      ],
    }
    const found = find(objects, { namespaces: ['istio-system'], only: true })
    t.same(found.revisions, { default: 'istio-system' })
    t.same(found.problems.slice(0, 2), [
      'webhook-namespace-not-read MutatingWebhookConfiguration blue',
      'webhook-namespace-not-read MutatingWebhookConfiguration prod',
    ])
    t.match(
      found.messages[0],
      /revision blue calls a Service in the namespace mesh, which Remora does not read/,
    )
    t.same(find(objects, { namespaces: ['istio-system', 'mesh'], only: true }).problems, [])
  },
)

t.test('for tags Istio webhooks take precedence over those of Remora, and these over Services', async (t) => {
  const configMaps = ['a', 'b', 'c', 'prod'].map((revision) => injector('istio-system', revision))
  const istio = webhook(
    'istio-revision-tag-t',
    { 'istio.io/rev': 'a', 'istio.io/tag': 't' },
    { namespace: 'zzz' },
  )
  const remora = webhook(
    'remora-revision-tag-t',
    { 'remora/revision': 'b', 'remora/tag': 't' },
    { namespace: 'r' },
  )
  const service = tagService('istio-system', 't', 'c')
  const tags = (...webhookConfigurations: JsonObject[]) =>
    find({ configMaps, webhookConfigurations, services: [service] }).tags
  t.same(tags(remora, istio), { t: 'a' })
  t.same(tags(remora), { t: 'b' })
  t.same(tags(), { t: 'c' })
})

t.test('a Service does not override a revision, as in Istio, but a webhook configuration does', async (t) => {
  const configMaps = ['a', 'prod', 'default'].map((revision) => injector('istio-system', revision))
  const services = [tagService('istio-system', 'prod', 'a'), tagService('istio-system', 'default', 'default')]
  const byService = find({ configMaps, services })
  t.same(byService.tags, { default: 'default' })
  t.same(byService.problems, ['tag-service-shadows-revision Service istio-system/tag-prod'])
  const istio = webhook(
    'istio-revision-tag-prod',
    { 'istio.io/rev': 'a', 'istio.io/tag': 'prod' },
    { namespace: 'istio-system' },
  )
  const byWebhook = find({ configMaps, services, webhookConfigurations: [istio] })
  t.same([byWebhook.tags, byWebhook.problems], [{ default: 'default', prod: 'a' }, []])
})

t.test(
  'a Deployment in another namespace does not set the environment of a revision, whatever its name and labels',
  async (t) => {
    const istiod = (namespace: string, value: string): JsonObject => ({
      metadata: { namespace, name: 'istiod', labels: { app: 'istiod', 'istio.io/rev': 'default' } },
      spec: { template: { spec: { containers: [{ name: 'discovery', env: [{ name: 'A', value }] }] } } },
    })
    const env = (...deployments: JsonObject[]) =>
      discoverRevisions({ ...none, configMaps: [injector('istio-system', 'default')], deployments })
        .revisions.get('default')
        ?.deploymentEnv.get('A')
    t.equal(env(istiod('tenant', 'stolen')), undefined)
    t.equal(env(istiod('tenant', 'stolen'), istiod('istio-system', 'own')), 'own')
  },
)

t.test('many ignored objects are reported as a bounded number of problems', async (t) => {
  const configMaps = Array.from({ length: 5_000 }, (_, i) => injector('tenant', `x${i}`))
  const found = find({ configMaps })
  t.equal(found.ignored.length, 5_000)
  t.equal(found.problems.length, 21)
  t.match(found.messages.at(-1), /^4980 more objects/)
})
