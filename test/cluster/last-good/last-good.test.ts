import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { RESOURCES } from '../../../src/cluster/live/resources.ts'
import { BROKEN, GOOD, HEARTBEATS, SECRETS, STORES, setUp, setUpBroken, until } from './replicas.ts'

t.test('a new replica serves the kept configuration and reports it', async (t) => {
  const { putInjector, replica, kept } = await setUp(t)
  putInjector('default')
  putInjector('canary')
  const old = await replica()
  const digest = old.digest('canary')
  await until('both are stored', () => kept().size === 2)
  await old.end()

  putInjector('canary', BROKEN)
  const fresh = await replica()
  await until('it is ready', fresh.ready)
  t.equal(fresh.digest('canary'), digest)
  const revision = fresh.cluster.snapshot().revisions.get('canary')
  t.match(revision?.kept, { place: /^Secret ns\/kept-\d$/, remoraVersion: '0.1.0', digest })
  t.match(
    fresh.cluster.status().problems.find(({ code }) => code === 'kept-configuration-served')?.message,
    /^revision canary: configuration [0-9a-f]{16}, kept in Secret ns\/kept-\d since \d{4}-.* by Remora 0\.1\.0, is served, because the ConfigMap does not build .*sidecar/,
  )
  t.match(fresh.cluster.snapshot().revisions.get('default'), { problem: undefined, kept: undefined })

  await until('it beats', () => fresh.lastGood.status().problems.length === 0)
  putInjector('canary', `${GOOD}# corrected\n`)
  await until('the corrected one serves', () => {
    const now = fresh.cluster.snapshot().revisions.get('canary')
    return now?.kept === undefined && now?.problem === undefined
  })
  t.same(fresh.codes(), [])
})

t.test('without a kept configuration, a new replica is ready and the revision unusable', async (t) => {
  const { putInjector, replica } = await setUp(t)
  putInjector('default')
  putInjector('canary', BROKEN)
  const fresh = await replica()
  await until('it is ready', fresh.ready)
  t.equal(fresh.digest('canary'), undefined)
  t.ok(fresh.digest('default'))
})

t.test(
  'a new replica is unready while another one serves the revision, and takes over when that one ends',
  async (t) => {
    const { old, replica, heartbeats } = await setUpBroken(t)
    const fresh = await replica()
    const waiting = fresh.lastGood.notReadyReason
    t.type(waiting, 'function')
    await until('it knows of the other', () =>
      /replica remora-of-the-test serves it/.test(fresh.lastGood.notReadyReason() ?? ''),
    )
    t.notOk(fresh.ready())
    t.ok(old.ready(), 'once ready, always ready')
    await old.end()
    t.same(heartbeats(), [], 'an orderly end withdraws the heartbeat')
    await until('it is ready', fresh.ready)
    t.ok(fresh.digest('canary'))
  },
)

t.test('the wait for other replicas has a time limit', async (t) => {
  const { old, replica } = await setUpBroken(t)
  const fresh = await replica({ waitMs: 100 })
  await until('it is ready', fresh.ready)
  t.ok(fresh.digest('canary'))
  t.ok(old.ready())
})

t.test('with an invalid ConfigMap only the first of two rollouts waits', async (t) => {
  const { putInjector, replica, kept, heartbeats } = await setUp(t)
  putInjector('canary')
  const old = [await replica(), await replica()]
  await until('stored, and heartbeats', () => kept().size === 1 && heartbeats().length === 2)
  putInjector('canary', BROKEN)
  await until('the old ones keep it in memory', () => old.every((one) => one.codes().length > 0))
  const first = []
  for (const one of old) {
    const fresh = await replica({ waitMs: 50 })
    await until('it is ready', fresh.ready)
    await one.end()
    first.push(fresh)
  }
  await until('they beat', () => heartbeats().length === 2)
  for (const one of first) {
    const fresh = await replica()
    await until('it is ready', fresh.ready)
    t.ok(fresh.digest('canary'))
    await one.end()
  }
})

t.test('replicas that start together with a kept configuration do not wait for each other', async (t) => {
  const { putInjector, replica, kept } = await setUp(t)
  putInjector('canary')
  const old = await replica()
  await until('stored', () => kept().size === 1)
  await old.end()
  putInjector('canary', BROKEN)
  const [one, two] = await Promise.all([replica(), replica()])
  await until('both are ready', () => one.ready() && two.ready())
  t.equal(one.digest('canary'), two.digest('canary'))
})

t.test('the heartbeat of a killed replica is watched, and then no longer counts', async (t) => {
  const { putInjector, replica, kept, heartbeats } = await setUp(t)
  putInjector('canary')
  const old = await replica()
  await until('stored, and a heartbeat', () => kept().size === 1 && heartbeats().length === 1)
  await old.kill()
  t.equal(heartbeats().length, 1)
  putInjector('canary', BROKEN)
  const fresh = await replica({ timing: { watchMs: 100 } })
  await until('it is ready', fresh.ready)
  t.ok(fresh.digest('canary'))
})

t.test(
  'the kept configuration of a deleted ConfigMap is removed and is not used for an invalid successor',
  async (t) => {
    const { putInjector, removeInjector, replica, kept } = await setUp(t)
    putInjector('default')
    putInjector('canary')
    const old = await replica()
    await until('both are stored', () => kept().size === 2)
    removeInjector('canary')
    await until('it is removed', () => kept().size === 1)
    t.same([...kept().keys()], ['default'])

    putInjector('canary')
    await until('the new one is stored', () => kept().size === 2)
    await old.end()
    // Nobody is there to see it.
    removeInjector('canary')
    putInjector('canary', BROKEN)
    const fresh = await replica()
    await until('it is ready', fresh.ready)
    t.equal(fresh.digest('canary'), undefined)
    await until('it is removed', () => !kept().has('canary'))
  },
)

t.test(
  'a changed configuration replaces the kept one, and an older replica does not restore its own',
  async (t) => {
    const { putInjector, replica, kept } = await setUp(t)
    putInjector('canary')
    const one = await replica({ timing: { healMs: 10 } })
    const two = await replica({ timing: { healMs: 10 } })
    await until('stored', () => kept().size === 1)
    const first = kept().get('canary')?.['digest']
    putInjector('canary', `${GOOD}# another\n`)
    await until('replaced', () => kept().get('canary')?.['digest'] !== first)
    const second = kept().get('canary')?.['digest']
    await until('both serve it', () => one.digest('canary') === second && two.digest('canary') === second)
    await sleep(60)
    t.equal(kept().get('canary')?.['digest'], second)
    const writes = [...one.changes, ...two.changes]
    t.ok(writes.length <= 3, `${writes.length} writes for two contents by two replicas`)
  },
)

t.test('repairs Secrets that were emptied or overwritten, and reports it', async (t) => {
  const { api, putInjector, replica, kept, dataOf } = await setUp(t)
  putInjector('canary')
  const one = await replica({ timing: { healMs: 10 } })
  await until('stored', () => kept().size === 1)
  for (const name of STORES) api.put(SECRETS, { metadata: { name, namespace: 'ns' } })
  await until('stored again', () => kept().size === 1)

  const garbage = Buffer.from('garbage').toString('base64')
  api.put(SECRETS, {
    metadata: { name: 'kept-0', namespace: 'ns' },
    data: { 'revision.canary': garbage, 'revision.other': garbage, mine: garbage },
  })
  api.put(SECRETS, { metadata: { name: 'kept-1', namespace: 'ns' } })
  await until('the garbage is gone', () => !('revision.other' in dataOf('kept-0')))
  t.equal(dataOf('kept-0')['mine'], garbage, "what is not Remora's stays")
  await until('it is reported', () => one.codes().includes('kept-configuration-invalid'))
  t.match(
    one.problems.map(({ message }) => message),
    [
      /revision\.canary: not a kept configuration/,
      /revision\.other: not a kept/,
      /has a key that Remora did not write/,
    ],
  )
  api.put(SECRETS, { metadata: { name: 'kept-0', namespace: 'ns' } })
  await until('all is well', () => one.codes().length === 0 && kept().size === 1)
})

t.test('a kept configuration without its ConfigMap defines no revision', async (t) => {
  const { api, putInjector, removeInjector, replica, kept, dataOf } = await setUp(t)
  putInjector('default')
  putInjector('ghost')
  const old = await replica()
  await until('both are stored', () => kept().size === 2)
  const data = { ...dataOf('kept-0'), ...dataOf('kept-1') }
  await old.end()
  removeInjector('ghost')
  api.put(SECRETS, { metadata: { name: 'kept-0', namespace: 'ns' }, data })
  const fresh = await replica()
  await until('it is removed', () => !kept().has('ghost'))
  t.same([...fresh.cluster.snapshot().revisions.keys()], ['default'])
})

t.test('a broken entry is never served, and a new replica does not wait for it', async (t) => {
  const { api, putInjector, replica } = await setUp(t)
  api.put(SECRETS, {
    metadata: { name: 'kept-0', namespace: 'ns' },
    data: { 'revision.canary': Buffer.from('{"format":1}\nx').toString('base64') },
  })
  putInjector('canary', BROKEN)
  const fresh = await replica()
  await until('it is ready', fresh.ready)
  t.equal(fresh.digest('canary'), undefined)
})

t.test('a replica without permissions, Secrets or API server is ready and reports a problem', async (t) => {
  const { api, putInjector, replica } = await setUp(t)
  putInjector('default')
  putInjector('canary', BROKEN)
  const ofSecrets = ({ path }: { path: string }): boolean => path.includes('/secrets/')
  api.fail({ status: 403, message: 'secrets is forbidden', reason: 'Forbidden' }, ofSecrets, 1000)
  const forbidden = await replica()
  await until('it is ready', forbidden.ready)
  await until('reported', () => forbidden.codes().includes('last-good-unavailable'))
  await forbidden.end()

  const { api: empty, putInjector: put, replica: start } = await setUp(t)
  put('canary', BROKEN)
  for (const name of [...STORES, HEARTBEATS]) empty.remove(SECRETS, name, 'ns')
  const without = await start()
  await until('it is ready', without.ready)
  await until(
    'reported',
    () => without.codes().filter((code) => code === 'last-good-secret-missing').length === 3,
  )

  const { api: failing, putInjector: add, replica: begin } = await setUp(t)
  add('canary', BROKEN)
  failing.fail({ status: 500 }, ofSecrets, 1000)
  const unlucky = await begin({ timing: { readMs: 50 } })
  t.notOk(unlucky.ready())
  await until('it is ready', unlucky.ready)
})

t.test('each heartbeat is one write, and conflicts of many replicas are resolved', async (t) => {
  const { api, putInjector, replica, kept, heartbeats } = await setUp(t)
  putInjector('default')
  putInjector('canary')
  const timing = { beatMs: 60_000 }
  const replicas = await Promise.all(Array.from({ length: 6 }, () => replica({ timing })))
  await until('all beat, all is stored', () => heartbeats().length === 6 && kept().size === 2)
  await until('all have compared', () => replicas.every((one) => one.lastGood.status().problems.length === 0))
  await sleep(50)
  const patches = api.requests.filter(({ method }) => method === 'PATCH')
  t.equal(patches.filter(({ path }) => path.endsWith(HEARTBEATS)).length, 6)
  t.ok(patches.every(({ query }) => query.get('fieldManager') === 'remora-last-good'))
  t.notOk(
    api.requests.some(({ method, path }) => path.endsWith('/secrets') || method === 'POST'),
    'only get and patch by name',
  )
})

t.test('changes by tenants and nodes do not make a replica read the Secrets', async (t) => {
  const { api, putInjector, replica, kept } = await setUp(t)
  putInjector('default')
  const one = await replica()
  await until('stored', () => kept().size === 1)
  await until('compared', () => one.lastGood.status().problems.length === 0)
  await sleep(50)
  const reads = (): number =>
    api.requests.filter(({ method, path }) => method === 'GET' && path.includes('/kept-')).length
  const before = reads()
  for (let i = 0; i < 10; i++) {
    const snapshot = one.cluster.snapshot()
    api.put(RESOURCES.namespaces.path, { metadata: { name: `tenant-${i}`, labels: { i: String(i) } } })
    await until('the change is known', () => one.cluster.snapshot() !== snapshot)
    await sleep(10)
  }
  t.equal(reads(), before)
  putInjector('default', `${GOOD}# changed\n`)
  await until('a configuration that changed is compared', () => reads() > before)
})
