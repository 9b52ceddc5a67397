/** A live cluster reads and counts only objects in trusted namespaces. */
import t, { type Test } from 'tap'
import { LiveCluster } from '../../../src/cluster/index.ts'
import { RESOURCES } from '../../../src/cluster/live/resources.ts'
import type { TrustOptions } from '../../../src/istio/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import {
  attackConfigMaps,
  attackDeployment,
  attackServices,
  TENANT,
} from '../../hostile/tenant-definitions.ts'
import { FAST, FakeApi, until } from './fake-api.ts'

const { configmaps, services, deployments, namespaces, mutatingwebhookconfigurations: webhooks } = RESOURCES

const TEMPLATE = 'policy: enabled\ndefaultTemplates: [sidecar]\ntemplates:\n  sidecar: |\n    spec:\n'
const injector = (revision: string, namespace = 'istio-system'): JsonObject => ({
  metadata: {
    name: revision === 'default' ? 'istio-sidecar-injector' : `istio-sidecar-injector-${revision}`,
    namespace,
  },
  data: { config: TEMPLATE, values: '{"global":{"tag":"1.24.2"}}' },
})
/** Without it a revision would have another problem. */
const mesh = (revision: string, namespace = 'istio-system'): JsonObject => ({
  metadata: { name: revision === 'default' ? 'istio' : `istio-${revision}`, namespace },
  data: { mesh: '' },
})
const webhook = (revision: string, namespace: string): JsonObject => ({
  metadata: { name: `istio-sidecar-injector-${revision}`, labels: { 'istio.io/rev': revision } },
  webhooks: [
    {
      name: 'rev.namespace.sidecar-injector.istio.io',
      clientConfig: { service: { namespace, name: `istiod-${revision}` } },
    },
  ],
})

async function setUp(t: Test, trust?: TrustOptions, paths: readonly string[] = []) {
  const api = await FakeApi.start([...Object.values(RESOURCES).map(({ path }) => path), ...paths])
  const cluster = new LiveCluster({
    snapshot: { istiodEnv: [], istioVersions: [], ...(trust === undefined ? {} : { trust }) },
    endpoints: api,
    timing: FAST,
  })
  t.teardown(async () => {
    await cluster.close()
    await api.kill()
  })
  const start = () => cluster.start(new AbortController().signal)
  const revisions = () =>
    Object.fromEntries([...cluster.snapshot().revisions].map(([name, { namespace }]) => [name, namespace]))
  const install = (revision: string, namespace?: string) => {
    api.put(configmaps.path, injector(revision, namespace))
    api.put(configmaps.path, mesh(revision, namespace))
  }
  return { api, cluster, start, revisions, install }
}

t.test("a tenant's objects define no revision or tag, are not read, and get one Event each", async (t) => {
  const { api, cluster, start, revisions, install } = await setUp(t)
  install('default')
  install('canary')
  for (const object of attackConfigMaps) api.put(configmaps.path, object)
  for (const object of attackServices) api.put(services.path, object)
  api.put(deployments.path, attackDeployment)
  await start()
  t.same(revisions(), { canary: 'istio-system', default: 'istio-system' })
  t.same([...cluster.snapshot().tags], [])
  t.same([...(cluster.snapshot().revisions.get('default')?.config?.inputs.environment ?? [])], [])
  t.same(
    api.requests.filter(({ path }) => path.startsWith(`/api/v1/namespaces/${TENANT}/configmaps`)),
    [],
    'no content of theirs is asked for',
  )
  t.same(
    cluster.status().problems.map(({ code, where }) => `${code} ${where}`),
    [
      `revision-untrusted ConfigMap ${TENANT}/istio-sidecar-injector-x`,
      `revision-untrusted ConfigMap ${TENANT}/istio-sidecar-injector-canary`,
      `revision-untrusted ConfigMap ${TENANT}/istio-sidecar-injector`,
      `tag-untrusted Service ${TENANT}/tag-default`,
      `tag-untrusted Service ${TENANT}/tag-canary`,
      `tag-untrusted Service ${TENANT}/tag-prod-stable`,
    ],
  )
  t.match(
    cluster.status().resources?.find(({ resource }) => resource === 'configmaps'),
    { objects: 4 },
  )
  await until('the Events', () => api.events.length === 6)
  t.match(api.events[0], {
    metadata: { namespace: TENANT },
    involvedObject: { kind: 'ConfigMap', name: 'istio-sidecar-injector-x', uid: /^uid/ },
    reason: 'RevisionIgnored',
    message: /tenant is not a namespace of a control plane.*--istio-namespaces=istio-system,tenant/,
  })
  t.match(api.events[5], { involvedObject: { kind: 'Service' }, reason: 'RevisionTagIgnored' })

  // Deleted, made again and changed: no further Event.
  api.remove(services.path, 'tag-canary', TENANT)
  await until('one is gone', () => cluster.snapshot().ignored?.length === 5)
  for (const object of attackServices) api.put(services.path, object)
  await until('it is back', () => cluster.snapshot().ignored?.length === 6)
  api.put(namespaces.path, { metadata: { name: 'another' } })
  await until('another build', () => cluster.snapshot().namespaces.has('another'))
  t.equal(api.events.length, 6)
})

t.test('an Event that a tenant blocks is not reported as a problem', async (t) => {
  const { api, cluster, start, install } = await setUp(t)
  install('default')
  api.put(configmaps.path, injector('x', TENANT))
  api.fail({ status: 403 }, ({ method }) => method === 'POST', 10)
  await start()
  await until('the attempt', () => api.requests.some(({ method }) => method === 'POST'))
  api.put(namespaces.path, { metadata: { name: 'another' } })
  await until('another build', () => cluster.snapshot().namespaces.has('another'))
  t.same(
    cluster.status().problems.map(({ code }) => code),
    ['revision-untrusted'],
  )
})

t.test('many objects of a tenant cause few Events and take no space from those that count', async (t) => {
  const { api, cluster, start, revisions, install } = await setUp(t)
  for (let i = 0; i < 1_500; i++) api.put(configmaps.path, injector(`x${i}`, TENANT))
  await start()
  const known = cluster.snapshot().ignored?.length ?? 0
  t.ok(known > 100 && known < 1_000, `${known} of 1,500 are kept, by name`)
  install('default')
  await until('the revision', () => cluster.snapshot().revisions.has('default'))
  t.same(revisions(), { default: 'istio-system' })
  t.equal(cluster.status().problems.length, 21)
  t.ok(api.events.length <= 100)
})

t.test('a namespace that a webhook configuration calls is trusted, at the start and later', async (t) => {
  const { api, cluster, start, revisions, install } = await setUp(t)
  api.put(webhooks.path, webhook('blue', 'mesh'))
  install('blue', 'mesh')
  install('green', 'mesh')
  await start()
  t.same(revisions(), { blue: 'mesh' }, 'for just that revision')
  t.match(cluster.status().problems, [{ code: 'revision-untrusted', where: /injector-green$/ }])
  const seen: string[] = []
  cluster.onChange(() => seen.push(Object.keys(revisions()).join()))
  api.put(webhooks.path, webhook('green', 'mesh'))
  await until('the other revision', () => cluster.snapshot().revisions.has('green'))
  t.same(cluster.status().problems, [])
  install('blue', 'mesh-2')
  api.put(webhooks.path, webhook('blue', 'mesh-2'))
  await until('blue from the other namespace', () => revisions()['blue'] === 'mesh-2')
  t.notOk(
    seen.some((names) => !names.includes('blue')),
    'there was no moment without it',
  )
  api.remove(webhooks.path, 'istio-sidecar-injector-green')
  await until('it does not count any more', () => !cluster.snapshot().revisions.has('green'))
})

t.test('with --istio-namespaces-only only the listed namespaces are read', async (t) => {
  const listed = ['istio-system', 'mesh']
  const pathsOf = (namespace: string) => ({
    configmaps: `/api/v1/namespaces/${namespace}/configmaps`,
    services: `/api/v1/namespaces/${namespace}/services`,
    deployments: `/apis/apps/v1/namespaces/${namespace}/deployments`,
  })
  const paths = listed.flatMap((namespace) => Object.values(pathsOf(namespace)))
  const { api, cluster, start, revisions, install } = await setUp(
    t,
    { namespaces: listed, only: true },
    paths,
  )
  const everywhere: readonly string[] = [configmaps.path, services.path, deployments.path]
  api.fail({ status: 403 }, ({ path }) => everywhere.includes(path), 1_000)
  // The content of a ConfigMap is read by its own path.
  for (const [revision, namespace] of [
    ['default', 'istio-system'],
    ['blue', 'mesh'],
  ] as const) {
    install(revision, namespace)
    api.put(pathsOf(namespace).configmaps, injector(revision, namespace))
    api.put(pathsOf(namespace).configmaps, mesh(revision, namespace))
  }
  api.put(pathsOf('mesh').services, {
    metadata: { name: 't', namespace: 'mesh', labels: { 'istio.io/tag': 't', 'istio.io/rev': 'blue' } },
  })
  api.put(webhooks.path, webhook('elsewhere', 'other'))
  await start()
  t.same(revisions(), { blue: 'mesh', default: 'istio-system' })
  t.same([...cluster.snapshot().tags], [['t', 'blue']])
  t.match(cluster.status().problems, [
    {
      code: 'webhook-namespace-not-read',
      message: /revision elsewhere calls a Service in the namespace other, which Remora does not read/,
    },
  ])
  t.same(
    cluster.status().resources?.map(({ resource, objects }) => `${resource} ${objects}`),
    [
      'namespaces 0',
      'configmaps 4',
      'deployments 0',
      'services 1',
      'mutatingwebhookconfigurations 1',
      'proxyconfigs 0',
      'revisionrollouts 0',
    ],
    'one row a kind, which names no namespace',
  )
  t.same(
    api.requests.filter(({ path }) => everywhere.includes(path)),
    [],
    'nothing is asked for in all namespaces',
  )
})
