/** A clock that only the test advances. */
interface Timer {
  readonly dueMs: number
  readonly callback: () => void
}

export class ManualClock {
  #nowMs = 0
  readonly #timers = new Set<Timer>()
  #asked = Promise.withResolvers<void>()

  readonly nowMs = (): number => this.#nowMs

  readonly after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { dueMs: this.#nowMs + delayMs, callback }
    this.#timers.add(timer)
    this.#asked.resolve()
    return () => {
      this.#timers.delete(timer)
    }
  }

  readonly sleep = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      this.after(delayMs, resolve)
    })

  get timers(): number {
    return this.#timers.size
  }

  /** Runs what is due until then, in order of time. */
  advance(ms: number): void {
    this.#nowMs += ms
    this.#asked = Promise.withResolvers()
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= this.#nowMs)
    for (const timer of due.toSorted((a, b) => a.dueMs - b.dueMs)) {
      this.#timers.delete(timer)
      timer.callback()
    }
  }

  /** Until a timer is set that was not there when the clock was moved last. */
  nextTimer(): Promise<void> {
    return this.#asked.promise
  }
}
