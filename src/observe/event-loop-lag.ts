/** Owns: how long the event loop was held up lately: while it is, no request moves. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 10
const WINDOW_MS = 30_000

export interface EventLoopLag {
  /** The longest hold-up, in seconds, of this window of half a minute and of the one before. */
  seconds(): number
  close(): void
}

/** Of Node's histogram of delays, in nanoseconds. */
type Delays = Pick<ReturnType<typeof monitorEventLoopDelay>, 'max' | 'enable' | 'disable' | 'reset'>

/**
 * Two windows, because a figure that began anew with each scrape would tell two Prometheus servers half the truth
 * each. Windows change when somebody asks, so no timer of ours is needed.
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
      // The timer itself takes its resolution, and nanoseconds become seconds; without a sample the maximum is 0.
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
