/**
 * Drains the server without losing a request: first it becomes unready, then for a while it serves every client and
 * asks it to reconnect elsewhere, then it closes idle connections.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { WebhookApp } from './webhook-app.ts'

export interface DrainTimes {
  /** From unready until the Service has removed this server; new connections are still served. */
  readonly drainDelayMs: number
  /** For requests in progress; remaining connections are closed after it. */
  readonly drainTimeoutMs: number
}

/**
 * The minimum time between the announcement and closing idle connections. A client that is about to use one gets an
 * answer that asks it to reconnect, instead of a reset that loses its POST.
 */
const ANNOUNCE_MS = 1000
const LOOK_MS = 25

export interface DrainClock {
  nowMs(): number
  sleep(ms: number): Promise<unknown>
  /** Calls back once after the delay, unless the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void
}

const PROCESS_CLOCK: DrainClock = {
  nowMs: () => performance.now(),
  sleep: (ms) => sleep(ms),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Resolves when no connection is left. The caller must make the server unready first. */
export async function drain(app: WebhookApp, times: DrainTimes, clock = PROCESS_CLOCK): Promise<void> {
  // From the start, because an API server that reconnects meanwhile more and more likely reaches another replica.
  app.announceClose()
  const announced = clock.nowMs()
  await clock.sleep(times.drainDelayMs)
  while (clock.nowMs() - announced < ANNOUNCE_MS && (await openConnections(app)) > 0)
    await clock.sleep(LOOK_MS)
  const cancelCutOff = clock.after(times.drainTimeoutMs, () => app.cutOff())
  try {
    await app.close()
  } finally {
    cancelCutOff()
  }
}

function openConnections(app: WebhookApp): Promise<number> {
  return new Promise((resolve) => {
    app.server.getConnections((error, count) => resolve(error === null ? count : 0))
  })
}
