import fc from 'fast-check'
import t from 'tap'
import {
  DEFAULT_HEAL_LIMITS,
  failedWrite,
  type HealState,
  INITIAL_HEAL_STATE,
  seenGood,
  seenLost,
  unseen,
  wroteBundle,
} from '../../src/cluster/ca-bundle-policy.ts'

const limits = DEFAULT_HEAL_LIMITS
const at = (nowMs: number, chance = 1) => ({ nowMs, chance, limits })

t.test('the first fill, the first loss and the first revert are written at once', async (t) => {
  const lost = seenLost(INITIAL_HEAL_STATE, false, at(1_000))
  t.match(lost, { phase: 'lost', reverts: 0, notBeforeMs: 1_000 + limits.spreadMs })
  const good = seenGood(lost, at(2_000))
  t.match(seenLost(good, false, at(3_000, 0)), { reverts: 1, notBeforeMs: 3_000 })
})

t.test('further reverts wait longer and longer, up to a limit', async (t) => {
  const pauses: number[] = []
  let state: HealState = seenGood(INITIAL_HEAL_STATE, at(0))
  for (let i = 0, nowMs = 0; i < 14; i++) {
    state = seenLost(state, false, at(nowMs))
    pauses.push(state.notBeforeMs - nowMs)
    nowMs = state.notBeforeMs
    state = seenGood(wroteBundle(state, at(nowMs)), at(nowMs))
  }
  t.same(pauses.slice(0, 6), [150, 1_000, 2_000, 4_000, 8_000, 16_000])
  t.equal(pauses.at(-1), limits.backOffMaxMs)
  t.equal(state.reverts, 14)
})

t.test('a bundle that held long enough ends the series', async (t) => {
  const good = { ...seenGood(INITIAL_HEAL_STATE, at(0)), reverts: 5 }
  t.equal(seenGood(good, at(limits.holdMs - 1)).reverts, 5)
  t.equal(seenGood(good, at(limits.holdMs)).reverts, 0)
  t.equal(seenLost(good, false, at(limits.holdMs + 1)).reverts, 0)
})

t.test("another CA of our own is nobody's revert", async (t) => {
  const good = { ...seenGood(INITIAL_HEAL_STATE, at(0)), reverts: 2 }
  t.match(seenLost(good, true, at(5)), { reverts: 2, phase: 'lost' })
})

t.test('a write after which the bundle is still not seen good counts like a revert', async (t) => {
  const lost = seenLost(INITIAL_HEAL_STATE, false, at(0))
  const once = wroteBundle(lost, at(10))
  t.equal(once.reverts, 0)
  t.ok(once.notBeforeMs >= 10 + 2 * limits.backOffFirstMs)
  t.equal(wroteBundle(once, at(5_000)).reverts, 1)
})

t.test('what is gone is not written to, and a series goes on after it', async (t) => {
  const lost = { ...seenLost(INITIAL_HEAL_STATE, false, at(0)), reverts: 3 }
  t.match(unseen(lost), { phase: 'unknown', reverts: 3 })
  t.equal(unseen(INITIAL_HEAL_STATE), INITIAL_HEAL_STATE)
  t.equal(failedWrite(lost, 70, at(30)).notBeforeMs, 100)
})

t.test('whatever somebody else does, an hour sees a bounded number of writes', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 120_000 }), { minLength: 1, maxLength: 400 }), (gaps) => {
      let state = INITIAL_HEAL_STATE
      let nowMs = 0
      let writes = 0
      // As soon as a bundle is there, somebody waits for a gap and takes it away.
      for (let i = 0; nowMs < 3_600_000; i++) {
        state = seenLost(state, false, at(nowMs, 0))
        nowMs = Math.max(nowMs, state.notBeforeMs)
        state = seenGood(wroteBundle(state, at(nowMs, 0)), at(nowMs))
        writes += 1
        nowMs += gaps[i % gaps.length] ?? 1
      }
      return writes <= 45
    }),
    { numRuns: 100 },
  )
})
