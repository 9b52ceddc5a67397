/** All durations of watching a cluster, with the reasons for their values. */
import type { BackOffLimits } from './back-off.ts'

export interface LiveTiming {
  /** For one complete page or object. */
  readonly requestTimeoutMs: number
  /**
   * A watch is requested with this duration, or up to a fifth less so that the kinds spread out. Its end shows that
   * the connection works: bookmarks come only once a minute, and a connection can be dead without an error. The API
   * server sends a bookmark 2 s before the end, so the next watch starts at a recent version even if nothing changes.
   */
  readonly watchMs: number
  /** A watch that is still open this long after its end has a dead connection. */
  readonly overdueMs: number
  /** Until the first byte of a watch's response, which the API server sends at once. */
  readonly watchStartMs: number
  /**
   * A watch that ends earlier counts as a failure. Otherwise a server that closes watches at once would be called
   * without pause.
   */
  readonly shortWatchMs: number
  /** The interval of complete lists, which correct the state after a lost event. */
  readonly relistMs: number
  /** How soon a kind that is defined later is found. */
  readonly absentMs: number
  readonly backOff: BackOffLimits
  /** From a change to the build of a snapshot, so that a burst is built once. */
  readonly settleMs: number
  /** How long a snapshot waits for the lists that a change of the webhook configurations requires. */
  readonly trustMs: number
  /** For reading one namespace while a review waits; the API server waits 10 s by default. */
  readonly namespaceMs: number
  /** After this time without a ready endpoint, a rollout moves no pods to a control plane. */
  readonly unreadyMs: number
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
  unreadyMs: 10_000,
}
