import t from 'tap'
import {
  planStorage,
  SECRET_BYTES,
  type SecretState,
  type StorageInput,
  type StoredConfiguration,
  type WantedConfiguration,
} from '../../../src/revisions/index.ts'

const stored = (revision: string, over: Partial<StoredConfiguration> = {}): StoredConfiguration => ({
  revision,
  bytes: 6_000,
  contentHash: `hash of ${revision}`,
  configMapUid: `uid of ${revision}`,
  keptSince: '2026-01-01T00:00:00Z',
  ...over,
})
const wanted = (revision: string, over: Partial<WantedConfiguration> = {}): WantedConfiguration => ({
  revision,
  bytes: 6_000,
  contentHash: `hash of ${revision}`,
  registered: false,
  replaces: true,
  ...over,
})
const secret = (name: string, ...entries: StoredConfiguration[]): SecretState => ({
  name,
  foreignBytes: 0,
  stored: entries,
})

function plan(over: Partial<StorageInput>) {
  const all = over.wanted ?? []
  const present = new Map(all.map(({ revision }) => [revision, `uid of ${revision}`]))
  const registered = new Set(all.filter((one) => one.registered).map(({ revision }) => revision))
  const made = planStorage({ secrets: [], wanted: [], present, registered, ...over })
  return { ...made, changes: Object.fromEntries(made.changes) }
}

t.test('configurations that are already stored cause no write', async (t) => {
  const secrets = [secret('one', stored('a')), secret('two', stored('b'))]
  t.same(plan({ secrets, wanted: [wanted('a'), wanted('b')] }), {
    changes: {},
    notStored: [],
    displaced: [],
  })
})

t.test('new configurations are spread over the Secrets, and changed ones stay in their Secret', async (t) => {
  const secrets = [secret('one', stored('a')), secret('two')]
  const made = plan({ secrets, wanted: [wanted('a', { contentHash: 'new' }), wanted('b'), wanted('c')] })
  t.same(made.changes, { one: { put: ['a', 'c'], remove: [] }, two: { put: ['b'], remove: [] } })
})

t.test('different content is replaced only by a replica that has not compared it yet', async (t) => {
  const secrets = [secret('one', stored('a'))]
  const older = wanted('a', { contentHash: 'older', replaces: false })
  t.same(plan({ secrets, wanted: [older] }).changes, {})
  t.same(plan({ secrets: [secret('one')], wanted: [older] }).changes, { one: { put: ['a'], remove: [] } })
})

t.test('a revision that is gone, or whose ConfigMap was created again, is removed', async (t) => {
  const secrets = [secret('one', stored('gone'), stored('again'), stored('unknown-uid'))]
  const present = new Map([
    ['again', 'another uid'],
    ['unknown-uid', undefined],
  ])
  t.same(plan({ secrets, present }).changes, { one: { put: [], remove: ['gone', 'again'] } })
})

t.test('unreadable entries are removed or replaced', async (t) => {
  const broken = { contentHash: undefined, configMapUid: undefined }
  const secrets = [secret('one', stored('a', broken), stored('b', broken))]
  t.same(plan({ secrets, wanted: [wanted('a', { replaces: false })] }).changes, {
    one: { put: ['a'], remove: ['b'] },
  })
})

t.test('if a revision is stored twice, the content in use stays, or else the newer one', async (t) => {
  const old = stored('a', { contentHash: 'old', keptSince: '2025-01-01T00:00:00Z' })
  for (const secrets of [
    [secret('one', old), secret('two', stored('a'))],
    [secret('two', stored('a')), secret('one', old)],
  ]) {
    t.same(plan({ secrets, wanted: [wanted('a')] }).changes, { one: { put: [], remove: ['a'] } })
    const present = new Map([['a', 'uid of a']])
    t.same(plan({ secrets, present }).changes, { one: { put: [], remove: ['a'] } })
  }
})

t.test(
  'in full Secrets registered revisions displace only unregistered ones, the oldest first',
  async (t) => {
    const half = Math.floor(SECRET_BYTES / 2)
    const old = stored('old', { bytes: half, keptSince: '2024-01-01T00:00:00Z' })
    const young = stored('young', { bytes: half - 10 })
    const secrets = [secret('one', young, old)]
    const present = new Map(['old', 'young', 'new'].map((name) => [name, `uid of ${name}`]))
    const given = [wanted('old', { bytes: half }), wanted('young', { bytes: half - 10 })]

    const unregistered = plan({ secrets, present, wanted: [...given, wanted('new')] })
    t.same(unregistered.changes, {})
    t.same(
      unregistered.notStored.map(({ revision }) => revision),
      ['new'],
    )

    const registered = plan({ secrets, present, wanted: [...given, wanted('new', { registered: true })] })
    t.same(registered.changes, { one: { put: ['new'], remove: ['old'] } })
    t.same(registered.displaced, ['old'])
    t.same(
      registered.notStored.map(({ revision }) => revision),
      ['old'],
      'and it does not come back in the place of others',
    )

    const all = [...given, wanted('new')].map((one) => ({ ...one, registered: true }))
    t.same(
      plan({ secrets, present, wanted: all }).changes,
      {},
      'a registered one displaces no registered one',
    )
  },
)

t.test('if a configuration has grown too large, the older one of its revision stays', async (t) => {
  const secrets = [secret('one', stored('a'))]
  const made = plan({ secrets, wanted: [wanted('a', { contentHash: 'new', bytes: SECRET_BYTES + 1 })] })
  t.same(made.changes, {})
  t.equal(made.notStored.length, 1)
})

t.test('other data in the Secrets counts towards the limit', async (t) => {
  const full = { ...secret('one'), foreignBytes: SECRET_BYTES - 10 }
  t.same(plan({ secrets: [full, secret('two')], wanted: [wanted('a')] }).changes, {
    two: { put: ['a'], remove: [] },
  })
})

t.test('the default two Secrets hold 300 configurations of the size of Istio 1.30', async (t) => {
  const many = Array.from({ length: 300 }, (_, index) => wanted(`r${index}`))
  t.same(plan({ secrets: [secret('one'), secret('two')], wanted: many }).notStored, [])
})
