/**
 * Owns: how serving ends without losing a request: unready first, then for a while every client is served and sent
 * elsewhere with its answer, then the idle connections are closed. Not here: what starts it (signals) and what else must be closed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { WebhookApp } from './webhook-app.ts'

export interface DrainTimes {
  /** From unready until the Service has dropped this server; new connections are still served. */
  readonly drainDelayMs: number
  /** For requests under way; what is still open after it is cut off. */
  readonly drainTimeoutMs: number
}

/**
 * At least, between the announcement and closing the idle connections: a client that is about to use one gets an answer
 * that sends it elsewhere, instead of a reset that loses its POST.
 */
const ANNOUNCE_MS = 1000
const LOOK_MS = 25

export interface DrainClock {
  nowMs(): number
  sleep(ms: number): Promise<unknown>
  /** Calls back once, after the delay, unless it is cancelled by the function returned. */
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

/** Resolves when no connection is left. The caller has made the server unready before. */
export async function drain(app: WebhookApp, times: DrainTimes, clock = PROCESS_CLOCK): Promise<void> {
  // From the first moment on: what an API server reconnects to meanwhile is ever more likely another replica.
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
