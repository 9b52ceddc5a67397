import fc from 'fast-check'
import t from 'tap'
import {
  conflictedWrite,
  DEFAULT_HEAL_LIMITS,
  failedWrite,
  HEAL_BACK_OFF,
  type HealState,
  INITIAL_HEAL_STATE,
  isContested,
  isGood,
  seenGood,
  seenLost,
  unseen,
  wroteBundle,
} from '../../src/cluster/ca-bundle-policy.ts'
import { backOffMs } from '../../src/cluster/live/back-off.ts'

const limits = DEFAULT_HEAL_LIMITS
const at = (nowMs: number, random = 1, shared = false) => ({ nowMs, random, limits, shared })
/** For a write to arrive and for the API server to notice it. */
const LATENCY_MS = 800

t.test('the first fill, and the repair of a loss after the interval, are written at once', async (t) => {
  const lost = seenLost(INITIAL_HEAL_STATE, false, at(1_000))
  t.match(lost, { phase: 'lost', reverts: 0, notBeforeMs: 1_000 + limits.spreadMs })
  const good = seenGood(lost, at(2_000))
  const later = 2_000 + limits.spacingMs
  t.match(seenLost(good, false, at(later, 0)), { reverts: 1, notBeforeMs: later })
})

t.test('repairs of repeated reverts are spaced evenly, however many there are', async (t) => {
  const pauses: number[] = []
  let state: HealState = seenGood(INITIAL_HEAL_STATE, at(0))
  for (let i = 0, nowMs = 0; i < 200; i++) {
    state = seenLost(state, false, at(nowMs, 0))
    pauses.push(state.notBeforeMs - nowMs)
    nowMs = state.notBeforeMs
    state = seenGood(wroteBundle(state, at(nowMs)), at(nowMs))
  }
  t.same(new Set(pauses), new Set([limits.spacingMs]))
  t.equal(state.reverts, 200)
  t.ok(isContested(state, limits))
})

t.test('a repair by another replica starts the interval of this one', async (t) => {
  const lost = seenLost(INITIAL_HEAL_STATE, false, at(0))
  // This replica never wrote: it saw the bundle become good.
  const good = seenGood(lost, at(100))
  t.equal(seenLost(good, false, at(600, 0)).notBeforeMs, 100 + limits.spacingMs)
})

t.test('a bundle that stays good long enough ends the series', async (t) => {
  const good = { ...seenGood(INITIAL_HEAL_STATE, at(0)), reverts: 5 }
  t.equal(seenGood(good, at(limits.holdMs - 1)).reverts, 5)
  t.equal(seenGood(good, at(limits.holdMs)).reverts, 0)
  t.equal(seenLost(good, false, at(limits.holdMs + 1)).reverts, 0)
})

t.test('a changed CA of our own does not count as a revert and is written at once', async (t) => {
  const good = { ...seenGood(INITIAL_HEAL_STATE, at(0)), reverts: 2 }
  t.match(seenLost(good, true, at(5, 0)), { reverts: 2, phase: 'lost', notBeforeMs: 5 })
})

t.test('a write after which the bundle still lacks the CA counts as a revert', async (t) => {
  const lost = seenLost(INITIAL_HEAL_STATE, false, at(0))
  const once = wroteBundle(lost, at(10, 0))
  t.match(once, { reverts: 0, notBeforeMs: 10 + limits.spacingMs })
  t.equal(wroteBundle(once, at(5_000)).reverts, 1)
})

t.test('a deleted object is not written to, and a series continues after it', async (t) => {
  const lost = { ...seenLost(INITIAL_HEAL_STATE, false, at(0)), reverts: 3 }
  t.match(unseen(lost), { phase: 'unknown', reverts: 3 })
  t.equal(unseen(INITIAL_HEAL_STATE), INITIAL_HEAL_STATE)
})

t.test('a failed write waits as requested, and a conflict at most one interval', async (t) => {
  const lost = seenLost(INITIAL_HEAL_STATE, false, at(0))
  t.equal(failedWrite(lost, 15_000, at(200)).notBeforeMs, 15_200)
  t.equal(conflictedWrite(lost, 15_000, at(200)).notBeforeMs, 200 + limits.spacingMs)
  t.equal(conflictedWrite(lost, 70, at(200)).notBeforeMs, 270)
})

t.test('a repair by another replica during a failed write still starts an interval', async (t) => {
  const healed = seenGood(seenLost(INITIAL_HEAL_STATE, false, at(0)), at(200))
  const lostAgain = seenLost(healed, false, at(210))
  t.equal(lostAgain.notBeforeMs >= 200 + limits.spacingMs, true)
  t.equal(conflictedWrite(lostAgain, 70, at(220)).notBeforeMs, lostAgain.notBeforeMs)
})

t.test('a bundle counts as good one minute after the last revert', async (t) => {
  const good = seenGood(seenLost(INITIAL_HEAL_STATE, false, at(0)), at(100))
  t.equal(isGood(INITIAL_HEAL_STATE, at(0)), undefined)
  t.equal(isGood(good, at(100)), true, 'the first fill is no revert')
  const lost = seenLost(good, false, at(10_000))
  t.equal(isGood(lost, at(10_000)), false)
  const healed = seenGood(lost, at(13_000))
  t.equal(isGood(healed, at(13_000)), false)
  t.equal(isGood(healed, at(10_000 + limits.revertShowsMs)), true)
})

interface Attack {
  /** From one revert to the next. */
  readonly gaps: readonly number[]
  readonly chances: readonly number[]
  readonly untilMs: number
  readonly shared: boolean
}

/** Several replicas against a second writer: the times of their writes, and the longest time from a revert to its heal. */
function fight({ gaps, chances, untilMs, shared }: Attack): { writes: number[]; longestMs: number } {
  let replicas = chances.map(() => seenGood(INITIAL_HEAL_STATE, at(0)))
  const writes: number[] = []
  let longestMs = 0
  let revertAtMs = 0
  for (let i = 0; revertAtMs < untilMs; i++) {
    const gapMs = gaps[i % gaps.length] ?? 1
    // What the other one writes while the CA is missing changes nothing.
    do revertAtMs += gapMs
    while (revertAtMs <= (writes.at(-1) ?? 0))
    replicas = replicas.map((state, r) => seenLost(state, false, at(revertAtMs, chances[r], shared)))
    const healAtMs = Math.max(revertAtMs, Math.min(...replicas.map(({ notBeforeMs }) => notBeforeMs)))
    writes.push(healAtMs)
    longestMs = Math.max(longestMs, healAtMs - revertAtMs)
    replicas = replicas.map((state) => seenGood(state, at(healAtMs, 0, shared)))
  }
  return { writes, longestMs }
}

t.test(
  'with any second writer there are at most 30 writes a minute, and the bundle is good within 5 s of its last write',
  async () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 200 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1_000, max: 600_000 }),
        fc.boolean(),
        (gaps, chances, untilMs, shared) => {
          const { writes, longestMs } = fight({ gaps, chances, untilMs, shared })
          // Two that are contested share the budget.
          const most = shared ? 15 : 30
          const crowded = writes.some(
            (begin, i) => (writes[i + most] ?? Number.POSITIVE_INFINITY) < begin + 60_000,
          )
          return !crowded && longestMs + LATENCY_MS <= 5_000
        },
      ),
      { numRuns: 200 },
    )
  },
)

t.test('the next write is tried within 5 s, however long writes have failed', async (t) => {
  let state = seenLost(seenGood(INITIAL_HEAL_STATE, at(0)), false, at(10_000))
  for (let failures = 1; failures <= 40; failures++) {
    const nowMs = state.notBeforeMs
    state = failedWrite(state, backOffMs(failures, HEAL_BACK_OFF, 1, undefined), at(nowMs))
    t.ok(state.notBeforeMs - nowMs + LATENCY_MS <= 5_000, `after ${failures} failures`)
  }
})
