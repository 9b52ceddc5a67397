/**
 * Waits for an event, however long a busy machine takes. The limit only ends a test whose event never comes, and
 * names the event.
 */
import { setTimeout as sleep } from 'node:timers/promises'

const HANG_MS = 300_000
const LOOK_MS = 5

export async function waitUntil(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + HANG_MS; !(await holds()); ) {
    if (performance.now() > end) throw new Error(`waited ${HANG_MS} ms for ${what}`)
    await sleep(LOOK_MS)
  }
}
