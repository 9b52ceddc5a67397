/**
 * Owns: that large reviews are answered one in a turn of the event loop, in the order of their arrival. Many that arrive
 * together would otherwise be answered in one go, and probes and small reviews would wait for all of them: what waits now
 * waits for one. Not here: how many bytes may wait, which in-flight-bytes.ts bounds.
 */

/** Above what nearly all pods have, whose answers take a millisecond or less. */
const LARGE_BYTES = 128 * 1024

export class Turns {
  readonly #waiting: (() => void)[] = []

  /** At once for small bodies. @throws what `answer` throws, where it is asked at once; else the promise rejects */
  take<T>(bodyBytes: number, answer: () => T | Promise<T>): T | Promise<T> {
    if (bodyBytes < LARGE_BYTES) return answer()
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#waiting.push(() => {
      try {
        resolve(answer())
      } catch (error) {
        reject(error)
      }
    })
    if (this.#waiting.length === 1) setImmediate(this.#next)
    return promise
  }

  readonly #next = (): void => {
    // It stays in the list while it runs, so that nothing that it lets in is asked in the same turn.
    this.#waiting[0]?.()
    this.#waiting.shift()
    if (this.#waiting.length > 0) setImmediate(this.#next)
  }
}
