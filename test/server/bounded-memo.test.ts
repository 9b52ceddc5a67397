import t from 'tap'
import { BoundedMemo } from '../../src/server/bounded-memo.ts'

t.test('what was not used again makes room first', async (t) => {
  const memo = new BoundedMemo<number>({ maxBytes: 1000, maxEntries: 3 })
  for (const [i, key] of ['a', 'b', 'c'].entries()) memo.put(key, i, 10)
  t.equal(memo.get('a'), 0)
  t.equal(memo.get('c'), 2)
  memo.put('d', 3, 10)
  t.equal(memo.get('b'), undefined)
  t.same(
    ['a', 'c', 'd'].map((key) => memo.get(key)),
    [0, 2, 3],
  )
  t.match(memo.counts, { evictions: 1, entries: 3, bytes: 30 })
  for (const key of ['e', 'f', 'g', 'h']) memo.put(key, 9, 10)
  t.match(memo.counts, { evictions: 5, entries: 3, bytes: 30 }, 'also where all was used')
})

t.test('bytes are bounded, and one value never pushes out most of the others', async (t) => {
  const memo = new BoundedMemo<number>({ maxBytes: 800, maxEntries: 100 })
  for (let i = 0; i < 50; i++) {
    memo.put(`k${i}`, i, 1 + ((i * 37) % 100))
    t.ok(memo.counts.bytes <= 800)
  }
  const { entries } = memo.counts
  memo.put('large', 1, 101)
  t.equal(memo.get('large'), undefined)
  t.equal(memo.counts.entries, entries)
})

t.test('a key that is put again is counted once', async (t) => {
  const memo = new BoundedMemo<number>({ maxBytes: 800, maxEntries: 4 })
  memo.put('a', 1, 10)
  memo.put('a', 2, 20)
  t.equal(memo.get('a'), 2)
  t.match(memo.counts, { entries: 1, bytes: 20, evictions: 0 })
  memo.put('a', 3, 500)
  t.equal(memo.get('a'), undefined, 'nor is the old value kept where the new one is too large')
})

t.test('what does not hold any more goes, and is no eviction', async (t) => {
  const memo = new BoundedMemo<number>({ maxBytes: 800, maxEntries: 10 })
  for (let i = 0; i < 6; i++) memo.put(`k${i}`, i, 10)
  memo.keepOnly((value) => value % 2 === 0)
  t.match(memo.counts, { entries: 3, bytes: 30, evictions: 0 })
  memo.clear()
  t.match(memo.counts, { entries: 0, bytes: 0, evictions: 0 })
})
