/**
 * Owns: for how long the API server is asked to try one review again. It keeps when the UID of a failed review first
 * came, so that a fault that does not pass ends with its message and not with the webhook's timeout. Not here: which
 * faults may pass (the table of codes).
 */

export interface RetryWindowOptions {
  /** Milliseconds of a clock that only moves forward. */
  readonly now?: () => number
}

/** Counted from the first failed answer to a review. */
const WINDOW_MS = 3_000
/** What `Retry-After: 1` costs, and what the next attempt may take on its way. */
const NEXT_ATTEMPT_MS = 1_500
const MAX_ENTRIES = 4_096
const KEPT_MS = 30_000
/** Kubernetes writes 36 characters. A longer UID is not kept, so that the bound holds in bytes too. */
const MAX_UID_LENGTH = 64

export class RetryWindow {
  readonly #now: () => number
  /** UID to the time of its first failure; the oldest first. */
  readonly #firstMs = new Map<string, number>()

  constructor({ now = () => performance.now() }: RetryWindowOptions = {}) {
    this.#now = now
  }

  get size(): number {
    return this.#firstMs.size
  }

  /**
   * Whether a fault that may pass is worth another attempt. Call it once for each such fault.
   * @param uid of the review; undefined where it could not be read
   * @param rawUrl of the request; the API server writes the webhook's timeout into its query
   */
  mayRetry(uid: string | undefined, rawUrl: string): boolean {
    const now = this.#now()
    this.#forget(now)
    const ageMs = this.#ageMs(uid, now)
    if (ageMs === undefined || ageMs >= WINDOW_MS) return false
    const timeoutMs = timeoutOf(rawUrl)
    return timeoutMs === undefined || ageMs + NEXT_ATTEMPT_MS <= timeoutMs
  }

  /** Undefined where nothing is known of the UID and nothing more can be kept. */
  #ageMs(uid: string | undefined, now: number): number | undefined {
    if (uid === undefined || uid.length > MAX_UID_LENGTH) return undefined
    const firstMs = this.#firstMs.get(uid)
    if (firstMs !== undefined) return now - firstMs
    if (this.#firstMs.size >= MAX_ENTRIES) return undefined
    this.#firstMs.set(uid, now)
    return 0
  }

  #forget(now: number): void {
    for (const [uid, firstMs] of this.#firstMs) {
      if (now - firstMs < KEPT_MS) return
      this.#firstMs.delete(uid)
    }
  }
}

/** Of `?timeout=10s`, which client-go adds; undefined where there is none. Webhooks take whole seconds up to 30. */
function timeoutOf(rawUrl: string): number | undefined {
  const seconds = /[?&]timeout=(\d{1,3})s(?:&|$)/.exec(rawUrl)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}
