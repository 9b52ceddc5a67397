/** The triggers for polling a folder: a timer and file events. */
import { watch } from 'node:fs'

export interface FolderSignals {
  nowMs(): number
  /** Calls back once after the delay, unless the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void
  /**
   * Calls back when something in the folder may have changed; events may be lost. Returns a function that stops it.
   */
  watch(folder: string, onHint: () => void): () => void
}

export const processSignals: FolderSignals = {
  nowMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
  watch(folder, onHint) {
    try {
      const watcher = watch(folder, { recursive: true, persistent: false }, onHint)
      watcher.on('error', () => watcher.close())
      return () => watcher.close()
    } catch {
      return () => {}
    }
  },
}
