/** Owns: every duration of following a cluster, with the reasons for the numbers. */
import type { BackOffLimits } from './back-off.ts'

export interface LiveTiming {
  /** One page or object, whole; of a watch the beginning. */
  readonly requestTimeoutMs: number
  /** A watch is asked to end after this or up to twice as long, as client-go does: connections spread over servers. */
  readonly watchMs: number
  /** A bookmark is due every minute or a little more: two missed ones mean that nobody is there. */
  readonly silentMs: number
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
  watchMs: 5 * 60_000,
  silentMs: 150_000,
  shortWatchMs: 1_000,
  relistMs: 30 * 60_000,
  absentMs: 20_000,
  backOff: { firstMs: 500, maxMs: 15_000 },
  settleMs: 50,
  trustMs: 2_000,
  namespaceMs: 2_000,
}
