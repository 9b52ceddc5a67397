/** Responsible for: every duration of keeping configurations, with the reasons for the numbers. */

export interface LastGoodTiming {
  /** Between two heartbeats of a replica: three writes of a small Secret a minute. */
  readonly beatMs: number
  /** A heartbeat that was seen to change counts for this long: three beats may be late or lost. */
  readonly aliveMs: number
  /** A heartbeat of unknown age is watched for this long: a replica that is alive beats once in this time. */
  readonly watchMs: number
  /** Secrets that cannot be read hold back a new replica for this long. */
  readonly readMs: number
  /** Between two looks at the heartbeats while a new replica waits for others. */
  readonly pollMs: number
  /** From a change to the Secrets: a random time in this range, so that of many replicas one writes and the others find it done. */
  readonly settleMs: readonly [number, number]
  /** The Secrets are compared again after this, in case something took their data away. */
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
