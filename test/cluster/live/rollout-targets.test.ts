import t, { type Test } from 'tap'
import { LiveCluster } from '../../../src/cluster/index.ts'
import { endpointSlicesOf, RESOURCES, serviceNamed } from '../../../src/cluster/live/resources.ts'
import { inject } from '../../../src/inject/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { pod, requestFor } from '../../inject/revision-fixture.ts'
import { FAST, FakeApi, until } from './fake-api.ts'

const PATHS = Object.values(RESOURCES).map(({ path }) => path)
const { namespaces, configmaps, revisionrollouts } = RESOURCES
const ISTIOD = { namespace: 'istio-system', name: 'istiod-new' }
const SERVICE = serviceNamed(ISTIOD).path
const SLICES = endpointSlicesOf(ISTIOD).path

async function setUp(t: Test, paths = [...PATHS, SERVICE, SLICES]) {
  const api = await FakeApi.start(paths)
  for (const name of ['old', 'new']) {
    const metadata = (base: string): JsonObject => ({
      name: `${base}-${name}`,
      namespace: 'istio-system',
      labels: { 'istio.io/rev': name },
    })
    api.put(configmaps.path, {
      metadata: metadata('istio-sidecar-injector'),
      data: { config: 'policy: enabled\ntemplates: {sidecar: "{}"}', values: '{"global":{"tag":"1.30.3"}}' },
    })
    api.put(configmaps.path, {
      metadata: metadata('istio'),
      data: { mesh: `defaultConfig: {discoveryAddress: "istiod-${name}.istio-system.svc:15012"}` },
    })
  }
  api.put(namespaces.path, { metadata: { name: 'shop', labels: { 'istio.io/rev': 'old' } } })
  const cluster = new LiveCluster({
    snapshot: { istiodEnv: [], istioVersions: [] },
    endpoints: api,
    timing: FAST,
  })
  t.teardown(async () => {
    await cluster.close()
    await api.kill()
  })
  const decide = () =>
    inject(requestFor(pod(), { target: { by: 'labels' } }), cluster.snapshot()).decided?.revision
  return {
    api,
    cluster,
    decide,
    start: () => cluster.start(new AbortController().signal),
    becomes: (revision: string) => until(`revision ${revision}`, () => decide() === revision),
    codes: () => cluster.status().problems.map(({ code }) => code),
  }
}

const rollout = (percent: number | string): JsonObject => ({
  metadata: { name: 'to-new', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { from: { revision: 'old' }, to: { revision: 'new' }, percent },
})
const service = (spec: JsonObject = { selector: { app: 'istiod' } }): JsonObject => ({
  metadata: ISTIOD,
  spec,
})
const slice = (ready: boolean): JsonObject => ({
  metadata: { namespace: 'istio-system', name: 'istiod-new-x' },
  endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }],
})

t.test(
  'changes of the percentage are followed, and without a rollout EndpointSlices are not read',
  async (t) => {
    const { api, start, decide, becomes, codes } = await setUp(t)
    api.put(SERVICE, service())
    api.put(SLICES, slice(true))
    await start()
    t.equal(decide(), 'old')
    t.same(api.asked(SLICES, false), [])
    api.put(revisionrollouts.path, rollout('100'))
    await becomes('new')
    t.same(codes(), [])
    t.match(
      [...(api.asked(SLICES, false)[0]?.query.entries() ?? [])],
      [['labelSelector', 'kubernetes.io/service-name=istiod-new']],
    )
    api.put(revisionrollouts.path, rollout(0))
    await becomes('old')
    api.put(revisionrollouts.path, rollout(100))
    await becomes('new')
    api.remove(revisionrollouts.path, 'to-new')
    await becomes('old')
    await until('no watch', () => api.watchers(SLICES) === 0)
  },
)

t.test('pods move to a control plane only while it has ready endpoints', async (t) => {
  const { api, start, decide, becomes, codes } = await setUp(t)
  api.put(SERVICE, service())
  api.put(SLICES, slice(false))
  api.put(revisionrollouts.path, rollout(100))
  await start()
  t.equal(decide(), 'old', 'from the first pod on')
  t.same(codes(), ['rollout-target-not-serving'])
  api.put(SLICES, slice(true))
  await becomes('new')
  t.same(codes(), [])
  api.put(SLICES, slice(false))
  await becomes('old')
  api.put(SERVICE, service({}))
  await becomes('new')
})

t.test('a replica waits until the rollouts and the endpoints are read', async (t) => {
  const { api, cluster, start, decide } = await setUp(t)
  api.put(SERVICE, service())
  api.put(SLICES, slice(false))
  api.put(revisionrollouts.path, rollout(100))
  const refused = { status: 403, reason: 'Forbidden', message: 'revisionrollouts is forbidden' }
  api.fail(refused, ({ path }) => path === revisionrollouts.path, Number.POSITIVE_INFINITY)
  const started = start()
  await until('a problem', () => cluster.status().problems.length > 0)
  t.match(cluster.status().problems, [{ message: /^revisionrollouts: .*forbidden/ }])
  t.equal(cluster.synced, false)
  api.fail({ status: 500 }, ({ path }) => path === SLICES, 2)
  await cluster.close()
  await started
  t.equal(decide(), undefined)
})

t.test('without the CRD there is no rollout, and unreadable endpoints count as serving', async (t) => {
  const without = await setUp(
    t,
    PATHS.filter((path) => path !== revisionrollouts.path),
  )
  await without.start()
  t.equal(without.decide(), 'old')
  t.same(without.codes(), [])

  const forbidden = await setUp(t)
  forbidden.api.put(revisionrollouts.path, rollout(100))
  forbidden.api.fail({ status: 403 }, ({ path }) => path === SLICES, Number.POSITIVE_INFINITY)
  await forbidden.start()
  await forbidden.becomes('new')
  t.same(forbidden.codes(), ['rollout-endpoints-unreadable'])
})
