/**
 * Responsible for: what makes a folder cluster look at its folder, which is a timer and the file system's hints. Not here:
 * when it looks, and what it does then.
 */
import { watch } from 'node:fs'

export interface FolderSignals {
  nowMs(): number
  /** Calls back once, after the delay, unless it is cancelled by the function returned. */
  after(delayMs: number, callback: () => void): () => void
  /** Calls back whenever something in the folder may have changed; hints may be lost. Returns what ends it. */
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
