/** Owns: every duration of following a cluster, with the reasons for the numbers. */
import type { BackOffLimits } from './back-off.ts'

export interface LiveTiming {
  /** One page or object, whole. */
  readonly requestTimeoutMs: number
  /**
   * A watch is asked to end after this, or up to a fifth sooner so that the kinds spread out. Its end is the sign of life:
   * bookmarks come once a minute only, and a connection can be dead without an error. The API server sends a bookmark
   * 2 s before the end, so the next watch begins at a recent version even where nothing changes.
   */
  readonly watchMs: number
  /** A watch that is still open so long after its end has a dead connection. */
  readonly overdueMs: number
  /** To the first byte of a watch's answer, which the API server sends at once. */
  readonly watchStartMs: number
  /** A watch that ends earlier is taken for a failure, or a server that closes at once would be asked without pause. */
  readonly shortWatchMs: number
  /** A complete list, whatever the watches said: heals what a lost event would have left wrong. */
  readonly relistMs: number
  /** How soon a kind that is defined later is found. */
  readonly absentMs: number
  readonly backOff: BackOffLimits
  /** From a change to the snapshot that has it, so that a burst is built once. */
  readonly settleMs: number
  /** How long a snapshot waits for the lists that a change of the webhook configurations asks for. */
  readonly trustMs: number
  /** One namespace, read while a review waits: the API server's default patience is 10 s. */
  readonly namespaceMs: number
}

export const DEFAULT_TIMING: LiveTiming = {
  requestTimeoutMs: 30_000,
  watchMs: 30_000,
  overdueMs: 5_000,
  watchStartMs: 8_000,
  shortWatchMs: 1_000,
  relistMs: 30 * 60_000,
  absentMs: 20_000,
  backOff: { firstMs: 500, maxMs: 15_000 },
  settleMs: 50,
  trustMs: 2_000,
  namespaceMs: 2_000,
}
