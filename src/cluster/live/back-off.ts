/** The wait before a retry. */

export interface BackOffLimits {
  readonly firstMs: number
  readonly maxMs: number
}

/** The API server's `Retry-After` is followed up to this limit. */
const MAX_ASKED_MS = 60_000

/**
 * Doubles with every consecutive failure. The result is between half and all of that, so that replicas that lost the
 * API server together do not come back together. The server's `Retry-After` is the minimum, plus jitter.
 * @param failures in a row, 1 or more
 * @param random from 0 to 1
 */
export function backOffMs(
  failures: number,
  limits: BackOffLimits,
  random: number,
  askedMs: number | undefined,
): number {
  const full = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(failures - 1, 20))
  return Math.min(askedMs ?? 0, MAX_ASKED_MS) + full * (0.5 + 0.5 * random)
}

/** Resolves after the time, or when the signal is aborted. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, delayMs)
    signal.addEventListener('abort', done, { once: true })
  })
}
