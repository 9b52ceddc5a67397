import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type ClusterChange, LiveCluster } from '../../../src/cluster/index.ts'
import { RESOURCES } from '../../../src/cluster/live/resources.ts'
import type { LiveTiming } from '../../../src/cluster/live/timing.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { FAST, FakeApi, until } from './fake-api.ts'

const PATHS = Object.values(RESOURCES).map(({ path }) => path)
const { namespaces, configmaps, nodes, deployments, mutatingwebhookconfigurations: webhooks } = RESOURCES

const TEMPLATE = 'policy: enabled\ndefaultTemplates: [sidecar]\ntemplates:\n  sidecar: |\n    spec:\n'

function injector(revision: string, config = TEMPLATE, values: JsonObject = {}): JsonObject {
  const name = revision === 'default' ? 'istio-sidecar-injector' : `istio-sidecar-injector-${revision}`
  return {
    metadata: { name, namespace: 'istio-system', labels: { 'istio.io/rev': revision } },
    data: { config, values: JSON.stringify({ global: { tag: '1.24.2' }, ...values }) },
  }
}

const namespace = (name: string, labels: JsonObject = {}): JsonObject => ({ metadata: { name, labels } })

async function setUp(t: Test, timing: Partial<LiveTiming> = {}) {
  const api = await FakeApi.start(PATHS)
  // Without a mesh configuration the revision would have a problem, which these tests do not cover.
  for (const name of ['istio', 'istio-canary', 'istio-old', 'istio-new'])
    api.put(configmaps.path, { metadata: { name, namespace: 'istio-system' }, data: { mesh: '' } })
  const cluster = new LiveCluster({
    snapshot: { istiodEnv: [], istioVersions: [] },
    endpoints: api,
    timing: { ...FAST, ...timing },
  })
  const changes: ClusterChange[] = []
  cluster.onChange((change) => changes.push(change))
  t.teardown(async () => {
    await cluster.close()
    await api.kill()
  })
  return {
    api,
    cluster,
    changes,
    async start() {
      await cluster.start(new AbortController().signal)
      await until('all watches', () =>
        (cluster.status().resources ?? []).every(({ state }) => state === 'watching'),
      )
    },
  }
}

t.test('revisions, tags and namespaces are read from the objects of an installation', async (t) => {
  const { api, cluster, start } = await setUp(t)
  api.put(configmaps.path, injector('default'))
  api.put(configmaps.path, injector('canary'))
  api.put(namespaces.path, namespace('shop', { 'istio.io/rev': 'canary' }))
  api.put(webhooks.path, {
    metadata: {
      name: 'istio-revision-tag-prod',
      labels: { 'istio.io/tag': 'prod', 'istio.io/rev': 'canary' },
    },
    webhooks: [{ name: 'rev.namespace.sidecar-injector.istio.io', clientConfig: { caBundle: 'x' } }],
  })
  t.equal(cluster.synced, false)
  t.same([...cluster.snapshot().revisions], [])
  await start()
  const snapshot = cluster.snapshot()
  t.same([...snapshot.revisions.keys()], ['canary', 'default'])
  t.same([...snapshot.tags], [['prod', 'canary']])
  t.equal(snapshot.namespaces.get('shop')?.labels.get('istio.io/rev'), 'canary')
  t.equal(snapshot.revisions.get('canary')?.config?.version.text, '1.24.2')
  t.match(cluster.status(), { synced: true, staleForMs: 0, problems: [], source: /^cluster http:/ })
  t.same(
    cluster.status().resources?.map(({ resource }) => resource),
    [
      'namespaces',
      'configmaps',
      'deployments',
      'services',
      'mutatingwebhookconfigurations',
      'proxyconfigs',
      'revisionrollouts',
    ],
    'no nodes: no revision needs them',
  )
})

t.test('changes are applied together, and unchanged parts stay the same', async (t) => {
  const { api, cluster, start, changes } = await setUp(t, { settleMs: 30 })
  api.put(configmaps.path, injector('canary'))
  api.put(namespaces.path, namespace('shop'))
  await start()
  const before = cluster.snapshot()
  const builds = changes.length
  for (let i = 0; i < 50; i++) api.put(namespaces.path, namespace(`n${i}`))
  await until('all', () => cluster.snapshot().namespaces.size === 51)
  t.ok(changes.length - builds <= 3, `${changes.length - builds} builds for 50 events`)
  t.equal(cluster.snapshot().revisions.get('canary'), before.revisions.get('canary'))
  t.equal(cluster.snapshot().namespaces.get('shop'), before.namespaces.get('shop'))
  t.equal(before.namespaces.size, 1, 'who holds the old one keeps it')
})

t.test('an invalid ConfigMap keeps its last good state and gets an Event', async (t) => {
  const { api, cluster, start, changes } = await setUp(t)
  api.put(configmaps.path, injector('default'))
  api.put(configmaps.path, injector('canary'))
  await start()
  const good = cluster.snapshot().revisions.get('canary')?.config
  api.put(configmaps.path, injector('canary', 'templates: {sidecar: "{{ nonsense"}'))
  await until('the problem', () => cluster.snapshot().revisions.get('canary')?.problem !== undefined)
  t.equal(cluster.snapshot().revisions.get('canary')?.config, good)
  t.equal(cluster.snapshot().revisions.get('default')?.problem, undefined)
  await until('the Event', () => api.events.length === 1)
  t.match(api.events, [
    {
      kind: 'Event',
      metadata: { namespace: 'istio-system', name: /^istio-sidecar-injector-canary\.[0-9a-f]{16}$/ },
      involvedObject: { kind: 'ConfigMap', name: 'istio-sidecar-injector-canary', uid: /^uid/ },
      type: 'Warning',
      reason: 'RevisionConfigurationInvalid',
      message: /last good configuration stays in use/,
    },
  ])
  t.ok(changes.some(({ appeared }) => appeared.some(({ message }) => message.includes('revision canary'))))

  api.put(namespaces.path, namespace('another'))
  await until('another build', () => cluster.snapshot().namespaces.has('another'))
  api.put(configmaps.path, injector('canary'))
  await until('it is well', () => cluster.snapshot().revisions.get('canary')?.problem === undefined)
  await sleep(10)
  t.equal(api.events.length, 1, 'reported once')
})

t.test('an invalid mesh ConfigMap gets the Event, and a second replica only updates its time', async (t) => {
  const { api, cluster, start } = await setUp(t)
  api.put(configmaps.path, injector('default'))
  api.fail({ status: 409, reason: 'AlreadyExists' }, ({ method }) => method === 'POST')
  await start()
  api.put(configmaps.path, {
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: 'defaultConfig: 7' },
  })
  await until('the patch', () => api.events.length === 1)
  t.same(Object.keys(api.events[0] ?? {}), ['lastTimestamp'])
  t.match(api.requests.at(-1), { method: 'PATCH', path: /\/istio-system\/events\/istio\.[0-9a-f]+$/ })
  t.equal(cluster.status().problems.length, 1)
})

t.test('a forbidden Event is a problem and has no other effect', async (t) => {
  const { api, cluster, start } = await setUp(t)
  api.put(configmaps.path, injector('default', 'nonsense: ['))
  api.fail({ status: 403, message: 'events is forbidden' }, ({ method }) => method === 'POST')
  await start()
  await until('the problem', () => cluster.status().problems.some(({ code }) => code === 'event-not-written'))
  t.equal(cluster.synced, true)
  t.match(cluster.snapshot().revisions.get('default'), { config: undefined })
})

t.test('Nodes are watched only while a revision needs them', async (t) => {
  const { api, cluster, start } = await setUp(t)
  const native = { global: { tag: '1.28.0' } }
  api.put(nodes.path, { metadata: { name: 'node-1' }, status: { nodeInfo: { kubeletVersion: 'v1.33.1' } } })
  api.put(configmaps.path, injector('old'))
  await start()
  t.same([...cluster.snapshot().nodes.versions], [])
  t.equal(api.asked(nodes.path, false).length, 0)

  api.put(configmaps.path, injector('new', TEMPLATE, native))
  await until('the revision', () => cluster.snapshot().revisions.get('new')?.config !== undefined)
  t.same([...cluster.snapshot().nodes.versions], [['node-1', 'v1.33.1']], 'it never served without them')

  api.remove(configmaps.path, 'istio-sidecar-injector-new', 'istio-system')
  await until('no watch of nodes is left', () => api.watchers(nodes.path) === 0)
  await until('they are forgotten', () => cluster.snapshot().nodes.versions.size === 0)
})

t.test(
  'without permission for Nodes the revisions that need them are unusable, and all others serve',
  async (t) => {
    const { api, cluster } = await setUp(t)
    api.put(configmaps.path, injector('old'))
    api.put(configmaps.path, injector('new', TEMPLATE, { global: { tag: '1.28.0' } }))
    api.fail({ status: 403, message: 'nodes is forbidden' }, ({ path }) => path === nodes.path, 3)
    await cluster.start(new AbortController().signal)
    t.ok(cluster.snapshot().revisions.get('old')?.config)
    t.match(cluster.snapshot().revisions.get('new'), {
      config: undefined,
      problem: { code: 'nodes-not-read' },
    })
    t.match(cluster.status().problems, [
      { code: 'cluster-api-refused', message: /^nodes: .*403 nodes is forbidden/ },
      { code: 'nodes-not-read' },
    ])
    await until('they may be read', () => cluster.snapshot().revisions.get('new')?.config !== undefined)
    await until('all is well', () => cluster.status().problems.length === 0)
  },
)

t.test('a revision that begins to need Nodes serves as before until they are known', async (t) => {
  const { api, cluster, start } = await setUp(t)
  api.put(configmaps.path, injector('default'))
  await start()
  const before = cluster.snapshot().revisions.get('default')
  api.fail({ status: 500 }, ({ path }) => path === nodes.path, 6)
  api.put(configmaps.path, injector('default', TEMPLATE, { global: { tag: '1.28.0' } }))
  await until('they are asked for', () => api.asked(nodes.path, false).length > 0)
  t.equal(cluster.snapshot().revisions.get('default'), before)
  await until(
    'the new one',
    () => cluster.snapshot().revisions.get('default')?.config?.version.text === '1.28.0',
  )
})

t.test(
  'a namespace without an event yet is read at once, and concurrent reviews share the read',
  async (t) => {
    const { api, cluster, start } = await setUp(t)
    await start()
    api.put(namespaces.path, namespace('new', { 'istio-injection': 'enabled' }), false)
    const found = await Promise.all([cluster.ensureNamespace('new'), cluster.ensureNamespace('new')])
    for (const snapshot of found) {
      t.equal(snapshot?.namespaces.get('new')?.labels.get('istio-injection'), 'enabled')
    }
    const reads = () => api.requests.filter(({ path }) => path === `${namespaces.path}/new`).length
    t.equal(reads(), 1)
    await cluster.ensureNamespace('new')
    t.equal(reads(), 1, 'known now')
    t.equal(await cluster.ensureNamespace('nowhere'), undefined)
  },
)

t.test('a namespace read that the API server does not answer has a time limit', async (t) => {
  const { api, cluster, start } = await setUp(t, { namespaceMs: 50 })
  await start()
  api.fail('hang', ({ path }) => path.endsWith('/slow'))
  t.equal(await cluster.ensureNamespace('slow'), undefined)
})

t.test('the number of concurrent namespace reads is limited', async (t) => {
  const { api, cluster, start } = await setUp(t, { namespaceMs: 50 })
  await start()
  api.fail('hang', ({ path }) => path.startsWith(`${namespaces.path}/`), 1000)
  await Promise.all(Array.from({ length: 100 }, (_, i) => cluster.ensureNamespace(`n${i}`)))
  t.ok(api.requests.filter(({ path }) => path.startsWith(`${namespaces.path}/n`)).length <= 32)
})

t.test('the API server is not asked for invalid namespace names', async (t) => {
  const { api, cluster, start } = await setUp(t)
  await start()
  const reads = () => api.requests.filter(({ path }) => path.startsWith(`${namespaces.path}/`)).length
  const before = reads()
  // Any client that reaches the port can send them; `..` is another resource, and a long one would be a long request.
  for (const name of ['..', '.', 'a/b', 'x'.repeat(1_000_000), 'A', '-a', '\ufffd'])
    t.equal(await cluster.ensureNamespace(name), undefined)
  t.equal(reads(), before)
})

t.test('a lost API server is one problem, reported once, while the last state serves', async (t) => {
  const { api, cluster, start, changes } = await setUp(t)
  api.put(configmaps.path, injector('default'))
  api.put(namespaces.path, namespace('shop'))
  await start()
  changes.length = 0
  await api.kill()
  await until('the problem', () => cluster.status().problems.length > 0)
  await sleep(100)
  t.match(cluster.status(), { synced: true })
  t.ok(cluster.status().staleForMs >= 50)
  t.equal(cluster.status().problems.length, 1)
  t.match(
    changes.flatMap(({ appeared }) => appeared),
    [{ code: 'cluster-api-unreachable', message: /last good state stays in use/ }],
  )
  t.ok(cluster.snapshot().revisions.get('default')?.config)
  t.ok(await cluster.ensureNamespace('shop'))
  t.equal(await cluster.ensureNamespace('new'), undefined)
  await api.listen()
  await until('all is well', () => cluster.status().problems.length === 0)
  await until('fresh', () => cluster.status().staleForMs === 0)
  t.equal(changes.flatMap(({ resolved }) => resolved).length, 1)
})

t.test('the start waits for an API server, reports it, and can be stopped', async (t) => {
  const { api, cluster } = await setUp(t)
  api.fail({ status: 503 }, ({ path }) => path === deployments.path, 1_000)
  const stop = new AbortController()
  const started = cluster.start(stop.signal)
  await until('the problem', () => cluster.status().problems.length === 1)
  t.match(cluster.status().problems[0]?.message, /^deployments: .*; the cluster is not known yet$/)
  t.equal(cluster.synced, false)
  t.equal(await cluster.ensureNamespace('shop'), undefined)
  stop.abort()
  await started
  t.equal(cluster.synced, false)
  await cluster.close()
  await t.rejects(cluster.start(stop.signal), { name: 'AbortError' })
})
