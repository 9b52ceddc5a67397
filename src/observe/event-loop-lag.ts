/** Measures how long the event loop was blocked recently. No request is processed while it is blocked. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 10
const WINDOW_MS = 30_000

export interface EventLoopLag {
  /** The longest block, in seconds, of the current window of half a minute and of the one before. */
  seconds(): number
  close(): void
}

/** Node's histogram of delays, in nanoseconds. */
type Delays = Pick<ReturnType<typeof monitorEventLoopDelay>, 'max' | 'enable' | 'disable' | 'reset'>

/**
 * There are two windows, because a value that was reset by each scrape would split between two Prometheus servers.
 * Windows change on a scrape, so no timer is needed.
 */
export function watchEventLoopLag(
  nowMs: () => number = () => performance.now(),
  delays: Delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
): EventLoopLag {
  delays.enable()
  let before = 0
  let began = nowMs()
  return {
    seconds() {
      // The timer's own resolution is subtracted, and nanoseconds become seconds. Without a sample the maximum is 0.
      const longest = Math.max(0, delays.max / 1e9 - RESOLUTION_MS / 1000)
      const shown = Math.max(before, longest)
      if (nowMs() - began >= WINDOW_MS) {
        before = longest
        began = nowMs()
        delays.reset()
      }
      return shown
    },
    close: () => void delays.disable(),
  }
}
