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

/** Resolves when no connection is left. The caller has made the server unready before. */
export async function drain(app: WebhookApp, times: DrainTimes): Promise<void> {
  // From the first moment on: what an API server reconnects to meanwhile is ever more likely another replica.
  app.announceClose()
  const announced = performance.now()
  await sleep(times.drainDelayMs)
  while (performance.now() - announced < ANNOUNCE_MS && (await openConnections(app)) > 0) await sleep(LOOK_MS)
  const cutOff = setTimeout(() => app.cutOff(), times.drainTimeoutMs)
  try {
    await app.close()
  } finally {
    clearTimeout(cutOff)
  }
}

function openConnections(app: WebhookApp): Promise<number> {
  return new Promise((resolve) => {
    app.server.getConnections((error, count) => resolve(error === null ? count : 0))
  })
}
