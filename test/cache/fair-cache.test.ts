/** A cache stays within its bytes, and no tenant evicts entries of others. */
import fc from 'fast-check'
import t from 'tap'
import { FairCache } from '../../src/cache/index.ts'

t.test('a flooding tenant evicts only its own entries', async (t) => {
  const cache = new FairCache<number>(100_000)
  for (const tenant of ['a', 'b', 'c'])
    for (let i = 0; i < 10; i++) cache.put(`${tenant}${i}`, tenant, i, 700)
  for (let i = 0; i < 10_000; i++) {
    cache.put(`flood${i}`, 'flood', i, 3_000)
    if (i % 100 === 0) cache.get('a1', 'a')
  }
  for (const tenant of ['a', 'b', 'c'])
    for (let i = 0; i < 10; i++) t.equal(cache.get(`${tenant}${i}`, tenant), i, `${tenant}${i}`)
  t.equal(cache.get('flood9999', 'flood'), 9_999)
  const { evictions, bytes, maxBytes } = cache.counts
  t.ok(evictions > 9_000)
  t.ok(bytes <= maxBytes && bytes > maxBytes * 0.9)
})

t.test('within a tenant the least recently used entry is evicted first', async (t) => {
  const cache = new FairCache<number>(8_000)
  for (let i = 0; i < 8; i++) cache.put(`k${i}`, 'a', i, 700)
  cache.get('k0', 'a')
  cache.put('k8', 'a', 8, 700)
  t.equal(cache.peek('k0'), 0)
  t.equal(cache.peek('k1'), undefined)
})

t.test('an entry that two tenants use is shared, and neither evicts it alone', async (t) => {
  const cache = new FairCache<string>(50_000)
  cache.put('common', 'a', 'x', 5_000)
  t.equal(cache.get('common', 'b'), 'x')
  for (let i = 0; i < 1_000; i++) cache.put(`a${i}`, 'a', 'y', 2_000)
  t.equal(cache.get('common', 'b'), 'x')
})

t.test('a tenant with two namespaces does not evict what others use together', async (t) => {
  const cache = new FairCache<string>(100_000)
  for (let i = 0; i < 5; i++) {
    cache.put(`common${i}`, 'good', 'x', 2_000)
    cache.get(`common${i}`, 'other')
  }
  for (let i = 0; i < 1_000; i++) {
    cache.put(`flood${i}`, 'dev', 'y', 2_000)
    cache.get(`flood${i}`, 'prod')
  }
  for (let i = 0; i < 5; i++) t.equal(cache.get(`common${i}`, 'other'), 'x')
})

t.test('an entry that is too large is not cached, and one that grows too large is evicted', async (t) => {
  const cache = new FairCache<number>(80_000)
  t.equal(cache.put('large', 'a', 1, 10_000), false)
  t.equal(cache.put('grows', 'a', 1, 5_000), true)
  t.equal(cache.grow('grows', 3_000), true)
  t.equal(cache.grow('grows', 3_000), false)
  t.equal(cache.peek('grows'), undefined)
  t.equal(cache.grow('grows', 1), false)
  t.match(cache.counts, { entries: 0, bytes: 0, evictions: 1 })
})

t.test('a smaller limit takes effect at once', async (t) => {
  const cache = new FairCache<number>(80_000)
  for (let i = 0; i < 20; i++) cache.put(`k${i}`, 'a', i, 3_000)
  cache.limitTo(10_000)
  t.ok(cache.counts.bytes <= 10_000)
  cache.limitTo(0)
  t.match(cache.counts, { entries: 0, bytes: 0 })
})

t.test('after any operations the size is the sum of the entries and within the limit', async () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '__proto__', 'constructor')
  const tenant = fc.constantFrom('x', 'y', 'z', '', '__proto__')
  const step = fc.record({
    kind: fc.constantFrom('get', 'put', 'grow', 'delete', 'limit', 'keep', 'clear'),
    key,
    tenant,
    bytes: fc.nat(3_000),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cache = new FairCache<string>(12_000, 4)
      for (const { kind, key, tenant, bytes } of steps) {
        if (kind === 'put' && cache.put(key, tenant, `${key}!`, bytes) && cache.peek(key) !== `${key}!`)
          throw new Error('kept, but not there')
        if (kind === 'get') {
          const found = cache.get(key, tenant)
          if (found !== undefined && found !== `${key}!`) throw new Error('another entry')
        }
        if (kind === 'grow') cache.grow(key, bytes)
        if (kind === 'delete') cache.delete(key)
        if (kind === 'limit') cache.limitTo(bytes * 5)
        if (kind === 'keep') cache.keepOnly((value) => value !== `${key}!`)
        if (kind === 'clear' && bytes < 300) cache.clear()
        const { bytes: used, maxBytes, entries } = cache.counts
        const keys = ['a', 'b', 'c', 'd', 'e', 'f', '__proto__', 'constructor']
        const sum = keys.reduce((all, one) => all + cache.bytesOf(one), 0)
        if (used !== sum || used > maxBytes) throw new Error(`${used} of ${maxBytes}, sum ${sum}`)
        if (entries !== keys.filter((one) => cache.peek(one) !== undefined).length) throw new Error('entries')
      }
    }),
    { numRuns: 500 },
  )
})
