import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { ApiClient } from '../../../src/cluster/live/api-client.ts'
import { Reflector } from '../../../src/cluster/live/reflector.ts'
import { ResourceStore } from '../../../src/cluster/live/resource-store.ts'
import { RESOURCES, type ResourceName } from '../../../src/cluster/live/resources.ts'
import { DEFAULT_TIMING, type LiveTiming } from '../../../src/cluster/live/timing.ts'
import { type JsonObject, own } from '../../../src/json/index.ts'
import { FAST, FakeApi, type FakeRequest, until } from './fake-api.ts'
import { FreezableProxy } from './freezable-proxy.ts'

interface SetUp {
  readonly timing?: Partial<LiveTiming>
  readonly resource?: ResourceName
  readonly defined?: boolean
  /** Puts a proxy that can stop forwarding between the two. */
  readonly proxied?: boolean
}

async function setUp(
  t: Test,
  { timing = {}, resource = 'namespaces', defined = true, proxied = false }: SetUp = {},
) {
  const { path } = RESOURCES[resource]
  const api = await FakeApi.start(defined ? [path] : [])
  const proxy = proxied ? await FreezableProxy.start(api) : undefined
  let changes = 0
  const store = new ResourceStore(() => changes++)
  const stop = new AbortController()
  const problems: (string | undefined)[] = []
  const reflector: Reflector = new Reflector({
    resource: RESOURCES[resource],
    api: new ApiClient(proxy ?? api),
    store,
    timing: { ...FAST, ...timing },
    onStatus: () => problems.push(reflector.problem?.code),
  })
  let ended: Promise<void> | undefined
  t.teardown(async () => {
    stop.abort()
    await ended
    await proxy?.stop()
    api.close()
    await api.kill()
  })
  return {
    api,
    proxy,
    store,
    reflector,
    problems,
    path,
    changes: () => changes,
    keys: () => [...store.objects()].map(({ object }) => nameOf(object)).sort(),
    async start() {
      ended = reflector.run(stop.signal)
      await until('the first watch', () => api.watchers(path) === 1)
    },
    begin() {
      ended = reflector.run(stop.signal)
    },
  }
}

const nameOf = (object: JsonObject): string => String(own(object['metadata'] as JsonObject, 'name'))
const namespace = (name: string, labels: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  metadata: { name, labels, ...more },
})
const isWatch = (request: FakeRequest): boolean => request.query.has('watch')
const isList = (request: FakeRequest): boolean => !request.query.has('watch')

t.test('a resource is listed page by page, and then its events are followed', async (t) => {
  const { api, path, keys, start, reflector, store, changes } = await setUp(t)
  for (let i = 0; i < 1_201; i++) api.put(path, namespace(`n${i}`))
  await start()
  t.equal(store.size, 1_201)
  t.same(
    api.asked(path, false).map(({ query }) => query.get('continue')),
    [null, '500', '1000'],
  )
  t.match(api.asked(path, true)[0]?.query, new URLSearchParams())
  t.equal(api.asked(path, true)[0]?.query.get('allowWatchBookmarks'), 'true')
  t.equal(changes(), 1, 'a whole list is one change')
  api.put(path, namespace('new'))
  api.remove(path, 'n0')
  await until('both events', () => store.get('new') !== undefined && store.get('n0') === undefined)
  t.notOk(keys().includes('n0'))
  t.match(reflector.status(), { state: 'watching', synced: true, objects: 1_201, staleForMs: 0, restarts: 0 })
})

t.test('objects that tenants made large are read in smaller pages', async (t) => {
  const { api, path, start, store } = await setUp(t)
  // Nine megabytes on one page of 500; what is not needed of them is not kept.
  const text = 'x'.repeat(2_900_000)
  for (const name of ['a', 'b', 'c']) api.put(path, namespace(name, {}, { annotations: { text } }), false)
  await start()
  t.equal(store.size, 3)
  t.same(
    api.asked(path, false).map(({ query }) => [query.get('limit'), query.get('continue')]),
    [
      ['500', null],
      ['2', null],
      ['2', '2'],
    ],
  )
})

t.test('changes of fields that are not needed are ignored', async (t) => {
  const { api, path, start, store, changes } = await setUp(t)
  api.put(path, namespace('shop', { a: 'b' }))
  await start()
  const before = store.get('shop')?.found
  api.put(path, namespace('shop', { a: 'b' }, { annotations: { 'kubectl.kubernetes.io/x': 'y' } }))
  api.put(path, namespace('other'))
  await until('the second event', () => store.get('other') !== undefined)
  t.equal(store.get('shop')?.found, before, 'the same object')
  t.equal(changes(), 2)
  t.equal(Object.isFrozen(before?.object), true)
})

t.test('a watch that the server ends continues without a new list', async (t) => {
  const { api, path, start, store } = await setUp(t)
  await start()
  api.bookmark(path)
  await sleep(30)
  api.endWatches(path)
  await until('the second watch', () => api.asked(path, true).length === 2)
  t.equal(api.asked(path, false).length, 1)
  t.equal(api.asked(path, true)[1]?.query.get('resourceVersion'), '101', 'from the bookmark')
  await until('it is open', () => api.watchers(path) === 1)
  api.put(path, namespace('late'))
  await until('its event', () => store.get('late') !== undefined)
})

t.test('a watch that is interrupted, even within an event, is restarted', async (t) => {
  const { api, path, start, store, reflector } = await setUp(t)
  await start()
  api.write(path, '{"type":"ADDED","object":{"metadata":{"name":"ha')
  await sleep(5)
  api.cutWatches(path)
  api.put(path, namespace('missed'), false)
  await until('the second watch', () => api.asked(path, true).length === 2)
  t.equal(api.asked(path, true)[1]?.query.get('resourceVersion'), '100', 'nothing was skipped')
  t.equal(store.size, 0)
  t.match(reflector.status(), { restarts: 1 })
  t.equal(reflector.problem, undefined, 'once is no problem')
})

t.test('after a 410, as a status or an event, a new list starts at once', async (t) => {
  const { api, path, start, store, problems } = await setUp(t)
  await start()
  api.put(path, namespace('missed'), false)
  api.fail({ status: 410, reason: 'Expired' }, isWatch)
  api.cutWatches(path)
  await until('the list', () => store.get('missed') !== undefined)
  await until('the watch', () => api.watchers(path) === 1)
  api.put(path, namespace('second'), false)
  await sleep(30)
  api.send(path, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })
  await until('the list', () => store.get('second') !== undefined)
  t.equal(api.asked(path, false).length, 3)
  t.same(problems.filter(Boolean), [])
})

t.test('after a 410 between two pages a new list without pages starts', async (t) => {
  const { api, path, start, store } = await setUp(t)
  for (let i = 0; i < 501; i++) api.put(path, namespace(`n${i}`))
  api.fail({ status: 410 }, ({ query }) => query.has('continue'))
  await start()
  t.equal(store.size, 501)
  t.equal(api.asked(path, false)[2]?.query.has('limit'), false)
})

t.test('watches end after their time and are restarted, which is not a failure', async (t) => {
  const { api, path, start, reflector, problems, store } = await setUp(t, { timing: { watchMs: 1_000 } })
  await start()
  await until('three watches', () => api.asked(path, true).length === 3)
  t.equal(api.asked(path, true)[0]?.query.get('timeoutSeconds'), '1')
  t.equal(api.asked(path, false).length, 1, 'without a new list')
  t.match(reflector.status(), { restarts: 0, staleForMs: 0 })
  t.same(problems.filter(Boolean), [])
  api.put(path, namespace('late'))
  await until('an event between two of them', () => store.get('late') !== undefined)
})

t.test('a dead connection is detected and abandoned', async (t) => {
  const timing = { watchMs: 1_000, overdueMs: 100, watchStartMs: 200 }
  const { api, proxy, path, start, reflector, store } = await setUp(t, { timing, proxied: true })
  await start()
  proxy?.freeze()
  api.put(path, namespace('unheard'))
  await until('its age', () => reflector.status().staleForMs > 0)
  await until('the problem', () => reflector.problem !== undefined)
  t.match(reflector.problem, { code: 'cluster-api-unreachable' })
  t.match(reflector.status(), { state: 'interrupted', synced: true })
  t.equal(store.get('unheard'), undefined)
  proxy?.thaw()
  await until('what was missed', () => store.get('unheard') !== undefined)
  await until('all is well', () => reflector.problem === undefined)
  // A watch of one second may just have ended.
  await until('the next watch', () => reflector.status().state === 'watching')
  t.match(reflector.status(), { staleForMs: 0 })
  t.equal(api.asked(path, false).length, 1, 'the watch went on where it was')
})

t.test('with the default timing a dead connection is reported within 45 seconds', async (t) => {
  const { watchMs, overdueMs, watchStartMs, backOff } = DEFAULT_TIMING
  t.ok(watchMs + overdueMs < 45_000, 'its age is seen')
  t.ok(
    watchMs + overdueMs + watchStartMs + backOff.firstMs < 45_000,
    'and it is a problem after another attempt',
  )
})

t.test('an unresponsive server does not block', async (t) => {
  const { api, path, begin, problems, reflector } = await setUp(t, {
    timing: { requestTimeoutMs: 300, watchStartMs: 300 },
  })
  api.fail('hang', isList)
  begin()
  await until('synced', () => reflector.synced)
  t.equal(problems[0], 'cluster-api-unreachable')
  api.fail('hang', isWatch)
  await until('the watch', () => api.watchers(path) === 1)
})

t.test('after a 429 the wait is as long as the server requests', async (t) => {
  const { api, path, begin } = await setUp(t)
  api.fail({ status: 429, retryAfter: '1' }, isList)
  const began = performance.now()
  begin()
  await until('the watch', () => api.watchers(path) === 1)
  t.ok(performance.now() - began >= 1_000)
})

t.test('a watch that always ends at once is retried with growing delays', async (t) => {
  const { api, path, begin } = await setUp(t, { timing: { backOff: { firstMs: 16, maxMs: 1000 } } })
  api.fail('end', isWatch, 1000)
  begin()
  const began = performance.now()
  await until('seven watches', () => api.asked(path, true).length >= 7)
  // At least half of 16, 32, 64, 128, 256 and 512 ms lie between them; six equal pauses would take 96 ms at most. The
  // event loop counts a timer from the start of its turn, so on a busy machine each fires early by a part of a turn.
  const lastedMs = performance.now() - began
  t.ok(lastedMs >= 250, `seven watches in ${lastedMs} ms`)
})

t.test('invalid JSON leads to a new list', async (t) => {
  const { api, path, start, store } = await setUp(t)
  api.fail('garbage', isList)
  await start()
  api.put(path, namespace('missed'), false)
  api.write(path, '<html>\n')
  await until('the list', () => store.get('missed') !== undefined)
  await until('the watch', () => api.watchers(path) === 1)
  for (const line of ['{"type":"ADDED"}', '{"type":"STRANGE","object":{}}', '[]', '']) {
    api.write(path, `${line}\n`)
    await sleep(10)
    await until('a watch', () => api.watchers(path) === 1)
  }
  t.same(store.size, 1)
})

t.test('a token that expired is read again and the request repeated', async (t) => {
  const { api, path, start, reflector } = await setUp(t)
  await start()
  api.token = 'second'
  api.cutWatches(path)
  await until('the repeated request', () => api.asked(path, true).length === 3)
  t.equal(api.requests.at(-1)?.authorization, 'Bearer second')
  t.ok(api.renewed >= 1)
  t.equal(reflector.problem, undefined)
})

t.test(
  'while the API server is unreachable the last state stays with its age, and then updates resume',
  async (t) => {
    const { api, path, start, reflector, store, problems } = await setUp(t)
    api.put(path, namespace('shop'))
    await start()
    await api.kill()
    await until('the problem', () => reflector.problem !== undefined)
    await sleep(30)
    t.match(reflector.status(), { state: 'interrupted', synced: true, objects: 1 })
    t.ok(reflector.status().staleForMs >= 20)
    t.ok(store.get('shop'))
    t.match(reflector.problem, { code: 'cluster-api-unreachable', message: /ECONNREFUSED/ })
    await api.listen()
    await until('the watch', () => api.watchers(path) === 1)
    await until('all is well', () => reflector.problem === undefined)
    t.match(reflector.status(), { state: 'watching', staleForMs: 0 })
    t.same(problems, [undefined, 'cluster-api-unreachable', undefined], 'reported once')
  },
)

t.test('repeated refusals are reported and retried with a new list', async (t) => {
  const { api, path, start, reflector } = await setUp(t)
  await start()
  api.fail({ status: 403, message: 'namespaces is forbidden' }, isWatch, 4)
  api.cutWatches(path)
  await until('the problem', () => reflector.problem?.code === 'cluster-api-refused')
  t.match(reflector.problem?.message, /403 namespaces is forbidden/)
  await until('the watch', () => api.watchers(path) === 1)
  t.ok(api.asked(path, false).length > 1)
  await until('all is well', () => reflector.problem === undefined)
})

t.test('periodic complete lists repair changes that no event reported', async (t) => {
  const { api, path, start, store } = await setUp(t, { timing: { relistMs: 100 } })
  await start()
  api.put(path, namespace('untold'), false)
  await sleep(150)
  api.bookmark(path)
  await until('the list', () => store.get('untold') !== undefined)
})

t.test(
  'a kind that the cluster does not define is absent, is found when it is defined, and may be removed again',
  async (t) => {
    const { api, path, begin, reflector, store } = await setUp(t, {
      resource: 'proxyconfigs',
      defined: false,
      timing: { absentMs: 300 },
    })
    begin()
    await until('synced', () => reflector.synced)
    await until('it is fresh', () => reflector.status().staleForMs === 0)
    t.match(reflector.status(), { state: 'absent' })
    api.define(path)
    api.put(path, { metadata: { name: 'p', namespace: 'shop' }, spec: { concurrency: 1 } })
    await until('it is there', () => store.get('shop/p') !== undefined)
    await until('the watch', () => api.watchers(path) === 1)
    api.undefine(path)
    await until('it is gone', () => store.size === 0)
    await until('absent', () => reflector.status().state === 'absent')
    t.equal(reflector.problem, undefined)
  },
)

t.test('ConfigMaps are listed as metadata, and only those of revisions are read', async (t) => {
  const { api, path, start, store, reflector } = await setUp(t, { resource: 'configmaps' })
  const configMap = (name: string, mesh: string): JsonObject => ({
    metadata: { name, namespace: 'istio-system' },
    data: { mesh },
  })
  api.put(path, configMap('istio', 'a: 1'))
  api.put(path, configMap('istio-sidecar-injector-canary', ''))
  api.put(path, configMap('other', ''))
  await start()
  t.same(
    [...store.objects()].map(({ object }) => nameOf(object)),
    ['istio', 'istio-sidecar-injector-canary'],
  )
  const [list] = api.asked(path, false)
  t.match(list?.accept, /as=PartialObjectMetadataList/)
  t.match(list?.query.get('fieldSelector'), /metadata\.name!=kube-root-ca\.crt/)
  t.match(api.asked(path, true)[0]?.accept, /as=PartialObjectMetadata;/)
  const reads = () => api.requests.filter((request) => request.path.includes('/namespaces/')).length
  t.equal(reads(), 2)

  api.put(path, configMap('istio', 'a: 2'))
  api.put(path, configMap('other', 'x'))
  api.put(path, configMap('istio-canary', 'b: 1'))
  await until('both', () => store.get('istio-system/istio-canary') !== undefined)
  t.match(store.get('istio-system/istio')?.found.object, { data: { mesh: 'a: 2' } })
  t.equal(reads(), 4)

  api.fail({ status: 500 }, ({ path }) => path.endsWith('/configmaps/istio'))
  api.put(path, configMap('istio', 'a: 3'))
  await until('the watch is begun again', () => api.watchers(path) === 0 || api.asked(path, true).length > 1)
  t.match(reflector.status(), { synced: true })
  await until('the watch', () => api.watchers(path) === 1)
  api.put(path, configMap('istio', 'a: 4'))
  await until('the newest', () =>
    JSON.stringify(store.get('istio-system/istio')?.found.object).includes('a: 4'),
  )
  api.remove(path, 'istio', 'istio-system')
  await until('it is gone', () => store.get('istio-system/istio') === undefined)
})

t.test('names such as __proto__ are ordinary names', async (t) => {
  const { api, path, start, store } = await setUp(t)
  api.put(
    path,
    JSON.parse('{"metadata":{"name":"constructor","labels":{"__proto__":"x","a":"b"}}}') as JsonObject,
  )
  await start()
  const metadata = store.get('constructor')?.found.object['metadata'] as JsonObject
  t.same(Object.keys(metadata['labels'] as JsonObject), ['__proto__', 'a'])
})
