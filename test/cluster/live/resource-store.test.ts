/** The objects of a live cluster are kept within their limits. */
import fc from 'fast-check'
import t from 'tap'
import { type Entry, ResourceStore } from '../../../src/cluster/live/resource-store.ts'
import { memoryOfJson, STORE_LIMITS } from '../../../src/cluster/live/store-limits.ts'
import type { JsonObject } from '../../../src/json/index.ts'

const limits = { objectBytes: 1_000, namespaceBytes: 2_000, totalBytes: 5_000 }

const object = (bytes: number, creationTimestamp = ''): JsonObject => {
  const empty = { metadata: { creationTimestamp }, spec: '' }
  return { ...empty, spec: 'x'.repeat(Math.max(0, (bytes - memoryOfJson(empty)) / 2)) }
}

function setUp(bounds: typeof limits | undefined = limits) {
  let changes = 0
  const store = new ResourceStore(() => changes++, bounds)
  return {
    store,
    changes: () => changes,
    keys: () => [...store.objects()].length,
    list(entries: readonly Entry[]) {
      const collector = store.collector()
      for (const entry of entries) collector.add(entry)
      store.replace(collector)
    },
  }
}

t.test('an object that is too large is left out; one that grew too large keeps its last state', async (t) => {
  const { store, changes } = setUp()
  store.put('a/large', '1', object(1_100))
  t.equal(store.size, 0)
  t.strictSame(store.leftOut, { count: 1, examples: ['a/large'] })
  t.equal(changes(), 1, 'so that it is reported')
  store.put('a/large', '2', object(1_200))
  t.equal(changes(), 1, 'once')
  const small = object(500)
  store.put('a/x', '1', small)
  store.put('a/x', '2', object(1_100))
  t.equal(store.get('a/x')?.found.object, small)
  t.equal(store.leftOut.count, 2)
  store.put('a/x', '3', object(600))
  t.equal(store.get('a/x')?.bytes, 600)
  store.delete('a/large')
  t.equal(store.leftOut.count, 0)
})

t.test('one namespace cannot use all the space', async (t) => {
  const { store } = setUp()
  for (let i = 0; i < 20; i++) store.put(`tenant/${i}`, '1', object(900))
  store.put('other/x', '1', object(900))
  t.equal(store.size, 3)
  t.ok(store.get('other/x'))
  t.equal(store.leftOut.count, 18)
})

t.test(
  'a list keeps known objects first, then the oldest, and later objects never displace them',
  async (t) => {
    const { store, list } = setUp()
    list([
      ['a/new', '1', object(900, '2026-03-01T00:00:00Z')],
      ['b/old', '1', object(900, '2026-01-01T00:00:00Z')],
      ['c/older', '1', object(900, '2025-01-01T00:00:00Z')],
      ['d/1', '1', object(900, '2026-02-01T00:00:00Z')],
      ['e/1', '1', object(900, '2026-02-02T00:00:00Z')],
      ['f/1', '1', object(900, '2026-02-03T00:00:00Z')],
    ])
    t.equal(store.size, 5)
    t.equal(store.get('a/new'), undefined)
    t.strictSame(store.leftOut.examples, ['a/new'])
    list([
      ['0/ancient', '1', object(900, '2020-01-01T00:00:00Z')],
      ['b/old', '1', object(900, '2026-01-01T00:00:00Z')],
      ['c/older', '2', object(1_100, '2025-01-01T00:00:00Z')],
      ['d/1', '1', object(900, '2026-02-01T00:00:00Z')],
      ['e/1', '1', object(900, '2026-02-02T00:00:00Z')],
      ['f/1', '1', object(900, '2026-02-03T00:00:00Z')],
    ])
    t.equal(store.get('0/ancient'), undefined)
    t.equal(store.get('c/older')?.resourceVersion, '1', 'the last state of one that grew too large')
  },
)

t.test('after random changes the limits hold and the total size is correct', async (t) => {
  const entry = fc.record({
    key: fc.constantFrom('a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'c/1', 'd/1', 'e/1'),
    bytes: fc.integer({ min: 100, max: 1_300 }),
    kind: fc.constantFrom('put', 'put', 'put', 'delete', 'list'),
  })
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), (steps) => {
      const { store, list } = setUp()
      for (const [index, { key, bytes, kind }] of steps.entries()) {
        if (kind === 'put') store.put(key, String(index), object(bytes))
        else if (kind === 'delete') store.delete(key)
        else {
          const listed = new Map(steps.slice(0, index).map((one) => [one.key, one.bytes]))
          list([...listed].map(([name, size]) => [name, String(index), object(size)]))
        }
        const sum = [...store.objects()].reduce((total, { object }) => total + memoryOfJson(object), 0)
        if (sum !== store.bytes || sum > limits.totalBytes) return false
      }
      return true
    }),
  )
  t.pass()
})

t.test('a long list is never completely in memory', async (t) => {
  const collector = new ResourceStore(() => {}, limits).collector()
  for (let i = 0; i < 2_000; i++) collector.add([`n${i}/x`, '1', object(900)])
  const { objects, leftOut } = collector.finish()
  t.equal(objects.size, 5)
  t.equal(leftOut.size, 1_995)
})

t.test(
  'the limits on objects that tenants create are small compared with a container’s memory',
  async (t) => {
    const total = Object.values(STORE_LIMITS).reduce((sum, { totalBytes }) => sum + totalBytes, 0)
    t.ok(total <= 288 * 2 ** 20)
    t.ok((STORE_LIMITS.proxyconfigs.namespaceBytes ?? 0) * 100 <= 16 * 2 ** 20)
  },
)
