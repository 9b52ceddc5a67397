/**
 * Limits how long the API server is asked to retry one review. It stores the time of the first failure by UID,
 * so that a permanent problem ends with its message and not with the webhook's timeout.
 */

export interface RetryWindowOptions {
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number
}

/** Counted from the first failed answer to a review. */
const WINDOW_MS = 3_000
/** The cost of `Retry-After: 1`, and of the next attempt. */
const NEXT_ATTEMPT_MS = 1_500
const MAX_ENTRIES = 4_096
const KEPT_MS = 30_000
/** Kubernetes' UIDs have 36 characters. Longer ones are not stored, so that the limit holds in bytes too. */
const MAX_UID_LENGTH = 64

export class RetryWindow {
  readonly #now: () => number
  /** From UID to the time of its first failure, oldest first. */
  readonly #firstMs = new Map<string, number>()

  constructor({ now = () => performance.now() }: RetryWindowOptions = {}) {
    this.#now = now
  }

  get size(): number {
    return this.#firstMs.size
  }

  /**
   * Whether another attempt for a temporary fault makes sense. Call it once per fault.
   * @param uid of the review; undefined if it could not be read
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

  /** Undefined if the UID is unknown and there is no space. */
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

/**
 * The value of `?timeout=10s`, which client-go adds; undefined if there is none. Webhooks have whole seconds up to
 * 30.
 */
function timeoutOf(rawUrl: string): number | undefined {
  const seconds = /[?&]timeout=(\d{1,3})s(?:&|$)/.exec(rawUrl)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}
