/**
 * Decides when a caBundle that lacks our CA may be written again. Pure: time and randomness are arguments.
 *
 * While the CA is missing, every pod that the webhook matches is refused, so a loss is repaired at once. If something
 * removes the CA repeatedly, writes are evenly spaced and never back off further: when the other writer stops, the
 * next repair is at most one interval away.
 *
 * Replicas share this budget without communicating. The interval counts from the last time the object was seen to be
 * good, and every replica watches the same object, so a repair by one starts the interval of all. The first to write
 * after it makes the bundle good for the others before their own delay (`spreadMs`) has passed. If two write at the
 * same moment, the resource version lets only one succeed.
 */
import type { BackOffLimits } from './live/back-off.ts'

export interface HealLimits {
  /** Replicas spread their writes over this time, so that usually only one writes. */
  readonly spreadMs: number
  /** The interval between repairs of a configuration: at most 29 writes a minute. */
  readonly spacingMs: number
  /** The same while other configurations are contested too: two of them stay within 30 writes a minute. */
  readonly sharedSpacingMs: number
  /** A series of reverts ends if the bundle stays good for this long. */
  readonly holdMs: number
  /** After this many reverts in a series, the configuration is contested. */
  readonly contestedAt: number
  /** After a revert the bundle does not count as good for this long, so that no scrape misses it. */
  readonly revertShowsMs: number
}

export const DEFAULT_HEAL_LIMITS: HealLimits = {
  spreadMs: 150,
  spacingMs: 2_100,
  sharedSpacingMs: 4_000,
  holdMs: 600_000,
  contestedAt: 3,
  revertShowsMs: 60_000,
}

/**
 * For failed reads and writes. If a bundle lacked the CA while the API server was unavailable, pods are refused from
 * the moment it is back, so the next attempt comes sooner than for other objects.
 */
export const HEAL_BACK_OFF: BackOffLimits = { firstMs: 500, maxMs: 3_000 }

export interface HealState {
  readonly phase: 'unknown' | 'good' | 'lost'
  /** Reverts in the current series. */
  readonly reverts: number
  /** When the bundle last became good. */
  readonly goodSinceMs: number
  readonly revertedAtMs: number
  /** While lost: the earliest time of the next write. */
  readonly notBeforeMs: number
  /** While lost: we have written, and the bundle has not been seen to be good since. */
  readonly wrote: boolean
}

export const INITIAL_HEAL_STATE: HealState = {
  phase: 'unknown',
  reverts: 0,
  goodSinceMs: Number.NEGATIVE_INFINITY,
  revertedAtMs: Number.NEGATIVE_INFINITY,
  notBeforeMs: Number.NEGATIVE_INFINITY,
  wrote: false,
}

export interface Moment {
  /** Time of a monotonic clock. */
  readonly nowMs: number
  /** From 0 to 1. */
  readonly random: number
  readonly limits: HealLimits
  /** Whether another configuration is contested too. */
  readonly shared: boolean
}

/** The bundle contains what it must. */
export function seenGood(state: HealState, { nowMs, limits }: Moment): HealState {
  if (state.phase !== 'good') return { ...state, phase: 'good', goodSinceMs: nowMs, wrote: false }
  const held = state.reverts > 0 && nowMs - state.goodSinceMs >= limits.holdMs
  return held ? { ...state, reverts: 0 } : state
}

/** The bundle lacks something. `ours`: because our own CA changed, which is not a revert and never waits. */
export function seenLost(state: HealState, ours: boolean, moment: Moment): HealState {
  if (state.phase === 'lost') return state
  const { nowMs, limits, random } = moment
  const reverted = state.phase === 'good' && !ours
  const series = reverted && state.goodSinceMs + limits.holdMs > nowMs
  const fromMs = ours ? nowMs : Math.max(nowMs, state.goodSinceMs + spacingMs(moment))
  return {
    ...state,
    phase: 'lost',
    reverts: series ? state.reverts + 1 : ours ? state.reverts : 0,
    revertedAtMs: reverted ? nowMs : state.revertedAtMs,
    notBeforeMs: fromMs + limits.spreadMs * random,
    wrote: false,
  }
}

/** The object is gone, or our CA is not known, so there is nothing to write. A series continues afterwards. */
export function unseen(state: HealState): HealState {
  return state.phase === 'lost' ? { ...state, phase: 'unknown' } : state
}

/** A write succeeded. If the bundle is not seen to be good after it, that counts as a revert. */
export function wroteBundle(state: HealState, moment: Moment): HealState {
  const { nowMs, limits, random } = moment
  const reverts = state.wrote ? state.reverts + 1 : state.reverts
  return { ...state, reverts, notBeforeMs: nowMs + spacingMs(moment) + limits.spreadMs * random, wrote: true }
}

/** A write failed. If another replica's repair was seen meanwhile, its interval applies. */
export function failedWrite(state: HealState, waitMs: number, { nowMs }: Moment): HealState {
  return { ...state, notBeforeMs: Math.max(state.notBeforeMs, nowMs + waitMs) }
}

/** Another writer changed the object during a write. The wait is never longer than after a repair. */
export function conflictedWrite(state: HealState, waitMs: number, moment: Moment): HealState {
  return failedWrite(state, Math.min(waitMs, spacingMs(moment)), moment)
}

export function isContested(state: HealState, limits: HealLimits): boolean {
  return state.reverts >= limits.contestedAt
}

/** The value of the gauge; undefined if no bundle needs a CA, or there is no CA yet. */
export function isGood(state: HealState, { nowMs, limits }: Moment): boolean | undefined {
  if (state.phase === 'unknown') return undefined
  return state.phase === 'good' && nowMs - state.revertedAtMs >= limits.revertShowsMs
}

function spacingMs({ limits, shared }: Moment): number {
  return shared ? limits.sharedSpacingMs : limits.spacingMs
}
