import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { bundleHolds } from '../../src/certs/index.ts'
import { makeAuthority } from '../../src/certs/make-authority.ts'
import { type CaBundleHeal, CaBundles, type CaBundlesOptions } from '../../src/cluster/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { FAST, FakeApi, type FakeRequest, until } from './live/fake-api.ts'

const PATH = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
const SERVICE = { namespace: 'ns', name: 'remora' }
const newCa = (): string => makeAuthority(Date.now()).get('ca.crt') ?? ''
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const LIMITS = {
  spreadMs: 2,
  spacingMs: 20,
  sharedSpacingMs: 40,
  holdMs: 400,
  contestedAt: 3,
  revertShowsMs: 60_000,
}

const webhook = (name: string, bundle?: string, service: object = SERVICE): JsonObject => ({
  name,
  failurePolicy: 'Fail',
  clientConfig: {
    service: { ...service, path: '/inject' },
    ...(bundle === undefined ? {} : { caBundle: base64(bundle) }),
  },
})
const isPatch = ({ method }: FakeRequest): boolean => method === 'PATCH'

async function setUp(t: Test, options: Partial<CaBundlesOptions> = {}) {
  const api = await FakeApi.start([PATH])
  const heals: CaBundleHeal[] = []
  const reported: string[] = []
  const state = { required: [newCa()] }
  const put = (name: string, ...webhooks: JsonObject[]): void =>
    api.put(PATH, { metadata: { name }, webhooks })
  const replica = async (own: Partial<CaBundlesOptions> = {}) => {
    const bundles = new CaBundles({
      configurations: ['a'],
      service: SERVICE,
      required: () => state.required,
      onHeal: (heal) => heals.push(heal),
      onProblems: ({ appeared, resolved }) => {
        reported.push(...appeared.map(({ code }) => `+${code}`), ...resolved.map(({ code }) => `-${code}`))
      },
      endpoints: api,
      timing: FAST,
      limits: LIMITS,
      ...options,
      ...own,
    })
    await bundles.start(new AbortController().signal)
    t.teardown(() => bundles.close())
    return bundles
  }
  t.teardown(() => api.kill())
  /** Of the object as it is now. */
  const bundlesOf = async (name: string): Promise<readonly string[]> => {
    const { server, headers } = await api.current()
    const response = await fetch(new URL(`${PATH}/${name}`, server), { headers })
    // Webhooks as they were put.
    const object = (await response.json()) as { webhooks: { clientConfig: { caBundle?: string } }[] }
    return object.webhooks.map(({ clientConfig }) =>
      Buffer.from(clientConfig.caBundle ?? '', 'base64').toString(),
    )
  }
  const patches = () => api.requests.filter(isPatch)
  return { api, heals, reported, state, put, replica, bundlesOf, patches }
}

t.test('bundles of our webhooks are filled, and those of others are not changed', async (t) => {
  const { api, heals, put, replica, bundlesOf, patches, state } = await setUp(t, {
    configurations: ['a', 'b', 'none'],
  })
  const foreign = newCa()
  put(
    'a',
    webhook('x'),
    webhook('y', 'nonsense'),
    webhook('z', foreign, { namespace: 'other', name: 'remora' }),
  )
  put('b', webhook('x', state.required.join('')))
  const bundles = await replica()
  await until('the heal', () => heals.length > 0)
  t.same(await bundlesOf('a'), [...state.required, ...state.required, foreign])
  t.match(heals, [{ configuration: 'a', webhooks: ['x', 'y'], reverts: 0 }])
  await until('both seen', () => bundles.status().configurations[0]?.state === 'filled')
  t.match(bundles.status().configurations, [
    { name: 'a', state: 'filled', heals: 1 },
    { name: 'b', state: 'filled', heals: 0 },
    { name: 'none', state: 'absent' },
  ])
  t.equal(patches().length, 1)
  t.match(patches()[0]?.query.get('fieldManager'), 'remora-ca-bundle')
  const watched = api.asked(PATH, true).map(({ query }) => query.get('fieldSelector'))
  t.same(new Set(watched), new Set(['a', 'b', 'none'].map((name) => `metadata.name=${name}`)))
})

t.test('repairs an emptied bundle and fills one that appears later', async (t) => {
  const { heals, put, replica, bundlesOf, state } = await setUp(t)
  await replica()
  put('a', webhook('x'))
  await until('the first', () => heals.length === 1)
  put('a', webhook('x'))
  await until('the second', () => heals.length === 2)
  t.same(await bundlesOf('a'), state.required)
})

t.test('nothing is written while Remora’s own CA is unknown', async (t) => {
  const { heals, put, replica, state, patches } = await setUp(t)
  const { required } = state
  state.required = []
  put('a', webhook('x'))
  const bundles = await replica()
  await sleep(40)
  t.equal(patches().length, 0)
  state.required = required
  bundles.requiredChanged()
  await until('the heal', () => heals.length === 1)
  t.same(heals[0]?.reverts, 0)
})

t.test('a CA of ours that is added is added to the bundle', async (t) => {
  const { heals, put, replica, state, bundlesOf } = await setUp(t)
  put('a', webhook('x'))
  const bundles = await replica()
  await until('the first', () => bundles.status().configurations[0]?.state === 'filled')
  state.required = [...state.required, newCa()]
  bundles.requiredChanged()
  await until('the second', () => heals.length === 2)
  t.match(heals[1], { reverts: 0 })
  t.ok(bundleHolds((await bundlesOf('a'))[0] ?? '', state.required))
})

t.test('CAs that clients trusted before stay in the bundle while they are valid', async (t) => {
  const { heals, put, replica, bundlesOf, state } = await setUp(t)
  const [other, expired] = [newCa(), makeAuthority(0, 1_000).get('ca.crt') ?? '']
  put('a', webhook('x', expired + other))
  await replica()
  await until('the heal', () => heals.length === 1)
  t.same(await bundlesOf('a'), [state.required.join('') + other])
})

t.test('replicas with different CAs add their own and keep those of the others', async (t) => {
  const { heals, put, replica, bundlesOf } = await setUp(t)
  put('a', webhook('x'))
  const cas = [newCa(), newCa(), newCa()]
  const replicas = await Promise.all(cas.map((ca) => replica({ required: () => [ca] })))
  await until('all see theirs', () =>
    replicas.every((one) => one.status().configurations[0]?.state === 'filled'),
  )
  t.ok(bundleHolds((await bundlesOf('a'))[0] ?? '', cas))
  t.ok(heals.length <= 3)
  const written = heals.length
  await sleep(50)
  t.equal(heals.length, written, 'and then there is peace')
})

t.test(
  'after the first read it is known which CAs the caBundles contain and whether they trust this replica',
  async (t) => {
    const timing = { ...FAST, requestTimeoutMs: 300, watchStartMs: 300 }
    const { api, put, replica, state } = await setUp(t, { configurations: ['a', 'none'], timing })
    const { required } = state
    state.required = []
    const other = newCa()
    put('a', webhook('x', other), webhook('y', other))
    api.fail('hang', ({ method }) => method === 'GET', 2)
    const bundles = await replica()
    t.equal(bundles.held(), undefined)
    await until('all read', () => bundles.held() !== undefined)
    t.same(bundles.held(), [other])
    t.equal(bundles.registered(), false, 'our CA is not known')
    t.equal(bundles.good(), undefined)
    state.required = required
    bundles.requiredChanged()
    t.equal(bundles.good(), false)
    t.equal(bundles.registered(), false)
    await until('the heal', () => bundles.good() === true)
    t.equal(bundles.registered(), true)
    put('a', webhook('x'))
    await until('the loss', () => bundles.good() === false)
    t.equal(bundles.registered(), true, 'never taken back')
    api.remove(PATH, 'a')
    await until('absence', () => bundles.good() === undefined)
  },
)

t.test('a replica that cannot write a caBundle becomes ready after a time limit', async (t) => {
  const { api, put, replica } = await setUp(t, { patienceMs: 40 })
  put('a', webhook('x'))
  api.fail({ status: 403 }, isPatch, 1_000)
  const bundles = await replica()
  bundles.requiredChanged()
  await until('patience to end', () => bundles.registered())
  await until('it is seen to be lacking', () => bundles.good() === false)
})

t.test('replicas do not write over each other', async (t) => {
  const { heals, put, replica, patches } = await setUp(t)
  put('a', webhook('x'))
  const replicas = await Promise.all([replica(), replica(), replica()])
  await until('all see it', () => replicas.every((one) => one.status().configurations[0]?.state === 'filled'))
  await sleep(30)
  t.equal(heals.length, 1)
  t.ok(patches().length <= 3)
  t.same(
    replicas.flatMap((one) => one.status().problems),
    [],
  )
})

t.test('reverts are repaired every time, and reported until they stop', async (t) => {
  const { heals, reported, put, replica } = await setUp(t)
  put('a', webhook('x'))
  const bundles = await replica()
  for (let i = 1; i <= 5; i++) {
    await until(
      `heal ${i}`,
      () => heals.length === i && bundles.status().configurations[0]?.state === 'filled',
    )
    put('a', webhook('x'))
  }
  t.same(
    heals.map(({ reverts }) => reverts),
    [0, 1, 2, 3, 4],
  )
  t.match(bundles.status().problems, [
    { code: 'ca-bundle-contested', message: /a: .*pods are refused.*GitOps.*remora-ca-bundle/ },
  ])
  await until('peace', () => bundles.status().problems.length === 0)
  t.same(reported, ['+ca-bundle-contested', '-ca-bundle-contested'])
  t.match(bundles.status().configurations, [{ reverts: 0, state: 'filled' }])
})

t.test('replicas share the spacing between their writes', async (t) => {
  // Longer than a busy machine takes to deliver one replica's write to another.
  const limits = { ...LIMITS, spacingMs: 500, sharedSpacingMs: 500 }
  const { heals, put, replica, bundlesOf, state } = await setUp(t, { limits })
  put('a', webhook('x'))
  const replicas = await Promise.all([replica(), replica(), replica()])
  const filled = () => replicas.every((one) => one.status().configurations[0]?.state === 'filled')
  await until('all see the first fill', filled)
  const began = performance.now()
  for (let i = 0; i < 100; i++) {
    put('a', webhook('x'))
    await sleep(20)
  }
  const lastedMs = performance.now() - began
  t.ok(heals.length >= 2)
  t.ok(heals.length <= lastedMs / limits.spacingMs + 2, `${heals.length} writes in ${lastedMs} ms`)
  await until('the last heal', filled)
  t.same(await bundlesOf('a'), state.required)
})

t.test('a refused write is reported and retried; a conflict is normal', async (t) => {
  const { api, heals, reported, put, replica } = await setUp(t)
  put('a', webhook('x'))
  api.fail({ status: 409 }, isPatch, 2)
  await replica()
  await until('the heal', () => heals.length === 1)
  t.same(reported, [])
  api.fail({ status: 403, message: 'patch is forbidden' }, isPatch, 2)
  put('a', webhook('x'))
  await until('the second heal', () => heals.length === 2)
  await until('all is well', () => reported.length === 2)
  t.same(reported, ['+ca-bundle-not-written', '-ca-bundle-not-written'])
})

t.test('an object that is deleted before a write is forgotten', async (t) => {
  const { api, put, replica, patches } = await setUp(t)
  put('a', webhook('x'))
  api.fail({ status: 500 }, isPatch, 1_000)
  const bundles = await replica()
  await until('a try', () => patches().length > 0)
  api.remove(PATH, 'a')
  await until('absence', () => bundles.status().configurations[0]?.state === 'absent')
  await sleep(50)
  const tries = patches().length
  await sleep(100)
  t.equal(patches().length, tries)
})

t.test(
  'a configuration without our webhooks is reported, and without --service-name all webhooks are ours',
  async (t) => {
    const wrong = await setUp(t, { service: { namespace: 'ns', name: 'typo' } })
    wrong.put('a', webhook('x'))
    const bundles = await wrong.replica()
    await until('the problem', () => bundles.status().problems.length > 0)
    t.match(bundles.status().problems, [{ code: 'ca-bundle-no-webhook', message: /ns\/typo/ }])
    const all = await setUp(t, { service: undefined })
    all.put('a', webhook('x'))
    await all.replica()
    await until('the heal', () => all.heals.length === 1)
  },
)

t.test('a lost API server is reported as a problem, and the caBundles stay', async (t) => {
  const { api, put, replica, heals } = await setUp(t)
  put('a', webhook('x'))
  const bundles = await replica()
  await until('the heal', () => heals.length === 1)
  await api.kill()
  await until('the problem', () => bundles.status().problems.length > 0)
  t.match(bundles.status().problems, [{ code: 'cluster-api-unreachable' }])
  await api.listen()
  await until('the watch', () => api.watchers(PATH) === 1)
  put('a', webhook('x'))
  await until('the heal after it', () => heals.length === 2)
  t.same(bundles.status().problems, [])
})

t.test('malformed objects are ignored', async (t) => {
  const { api, put, replica } = await setUp(t, { configurations: ['a', 'b', 'c'] })
  api.put(PATH, { metadata: { name: 'a' } })
  api.put(PATH, { metadata: { name: 'b' }, webhooks: 'none' })
  put(
    'c',
    { name: 1, clientConfig: { caBundle: {}, service: [] } },
    { clientConfig: null },
    { __proto__: null },
  )
  const bundles = await replica()
  await until('all read', () => bundles.status().configurations.every(({ state }) => state !== 'unread'))
  t.equal(bundles.status().problems.length, 3)
})

t.test('filling caBundles starts and stops without an API server', async (t) => {
  const { api, replica } = await setUp(t)
  await api.kill()
  const bundles = await replica()
  await bundles.close()
  await api.listen()
})
