/** All durations for kept configurations, with the reasons for their values. */

export interface LastGoodTiming {
  /** Between two heartbeats of a replica: three writes of a small Secret a minute. */
  readonly beatMs: number
  /** A heartbeat counts for this long after it was seen to change: three beats may be late or lost. */
  readonly aliveMs: number
  /** A heartbeat of unknown age is watched for this long: a live replica beats at least once in this time. */
  readonly watchMs: number
  /** Secrets that cannot be read delay the readiness of a new replica by at most this. */
  readonly readMs: number
  /** Between two reads of the heartbeats while a new replica waits for others. */
  readonly pollMs: number
  /**
   * The delay from a change to reading the Secrets, random in this range, so that one of many replicas writes and the
   * others find it done.
   */
  readonly settleMs: readonly [number, number]
  /** The Secrets are compared again after this time, in case something removed their data. */
  readonly healMs: number
  /** After a failed read or write. */
  readonly retryMs: number
  /** A heartbeat that has not changed for this long is removed. */
  readonly forgetMs: number
  readonly requestTimeoutMs: number
}

export const DEFAULT_LAST_GOOD_TIMING: LastGoodTiming = {
  beatMs: 20_000,
  aliveMs: 60_000,
  watchMs: 30_000,
  readMs: 30_000,
  pollMs: 3_000,
  settleMs: [1_000, 6_000],
  healMs: 600_000,
  retryMs: 30_000,
  forgetMs: 120_000,
  requestTimeoutMs: 10_000,
}
