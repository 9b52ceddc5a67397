/**
 * Owns: when a caBundle that lacks our CA may be written again. Pure: time and chance are arguments. The first loss is
 * healed at once, since no pod of the revision starts meanwhile; whoever takes the bundle away again and again (a
 * tool that applies its own idea of the object) meets longer and longer pauses, never a fight.
 */

export interface HealLimits {
  /** Replicas spread their first write over this, so that mostly one of them writes. */
  readonly spreadMs: number
  readonly backOffFirstMs: number
  readonly backOffMaxMs: number
  /** A bundle that stayed for so long is no part of a series of reverts any more. */
  readonly holdMs: number
  /** So many reverts in a series are told as a problem. */
  readonly contestedAt: number
}

export const DEFAULT_HEAL_LIMITS: HealLimits = {
  spreadMs: 150,
  backOffFirstMs: 1_000,
  backOffMaxMs: 300_000,
  holdMs: 600_000,
  contestedAt: 3,
}

export interface HealState {
  readonly phase: 'unknown' | 'good' | 'lost'
  /** Reverts in the series that goes on. */
  readonly reverts: number
  readonly goodSinceMs: number
  /** While lost: no write before. */
  readonly notBeforeMs: number
  /** While lost: we have written, and the bundle has not been seen good since. */
  readonly wrote: boolean
}

export const INITIAL_HEAL_STATE: HealState = {
  phase: 'unknown',
  reverts: 0,
  goodSinceMs: 0,
  notBeforeMs: 0,
  wrote: false,
}

export interface Moment {
  readonly nowMs: number
  /** From 0 to 1. */
  readonly chance: number
  readonly limits: HealLimits
}

/** The bundle holds what it must. */
export function seenGood(state: HealState, { nowMs, limits }: Moment): HealState {
  if (state.phase !== 'good') return { ...state, phase: 'good', goodSinceMs: nowMs, wrote: false }
  const held = state.reverts > 0 && nowMs - state.goodSinceMs >= limits.holdMs
  return held ? { ...state, reverts: 0 } : state
}

/**
 * The bundle lacks something. `ours`: because our own CA changed, which is nobody's revert.
 */
export function seenLost(state: HealState, ours: boolean, moment: Moment): HealState {
  if (state.phase === 'lost') return state
  const { nowMs, limits } = moment
  const series = state.phase === 'good' && !ours && state.goodSinceMs + limits.holdMs > nowMs
  const reverts = series ? state.reverts + 1 : ours ? state.reverts : 0
  return { ...state, phase: 'lost', reverts, notBeforeMs: nowMs + delayMs(reverts, moment), wrote: false }
}

/** There is nothing to write to, or nothing to write: the object is gone, or our CA is not known. A series goes on after it. */
export function unseen(state: HealState): HealState {
  return state.phase === 'lost' ? { ...state, phase: 'unknown' } : state
}

/** A write succeeded. Should the bundle not be seen good after it, that counts like a revert. */
export function wroteBundle(state: HealState, moment: Moment): HealState {
  const reverts = state.wrote ? state.reverts + 1 : state.reverts
  const pause = Math.max(2 * moment.limits.backOffFirstMs, delayMs(reverts + 1, moment))
  return { ...state, reverts, notBeforeMs: moment.nowMs + pause, wrote: true }
}

/** A write did not succeed. */
export function failedWrite(state: HealState, waitMs: number, { nowMs }: Moment): HealState {
  return { ...state, notBeforeMs: nowMs + waitMs }
}

/** One revert may be a slip of somebody's hand: only from the second on there are pauses. */
function delayMs(reverts: number, { chance, limits }: Moment): number {
  if (reverts <= 1) return limits.spreadMs * chance
  const full = Math.min(limits.backOffMaxMs, limits.backOffFirstMs * 2 ** Math.min(reverts - 2, 20))
  return full * (0.5 + 0.5 * chance)
}
