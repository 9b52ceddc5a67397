/**
 * Runs a server's entry file in a process of its own and tells the parent, when asked, what the process has used so
 * far: exact on every system, where a process table counts in hundredths of a second. Compiled before it runs, as
 * what it hosts is: stripping types at start would cost memory that no production process has.
 * Arguments: the file, then the server's own arguments.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'

/** What the parent asks. `watch-loop`: from now on, look how long the event loop is held up. */
export type Question = 'usage' | 'watch-loop'

export interface Usage {
  readonly cpuMicros: number
  readonly rssBytes: number
  readonly heapUsedBytes: number
  /** The longest hold-up since `watch-loop`; 0 where nobody watches. */
  readonly longestPauseMs: number
}

const RESOLUTION_MS = 1
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })

const [entry = '', ...args] = process.argv.slice(2)
process.argv.splice(1, process.argv.length - 1, entry, ...args)
process.on('message', (question: Question) => {
  if (question === 'watch-loop') {
    delays.reset()
    delays.enable()
  }
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  // The histogram's timer itself takes its resolution.
  const longestPauseMs = Math.max(0, delays.max / 1e6 - RESOLUTION_MS)
  const usage: Usage = { cpuMicros: user + system, rssBytes: rss, heapUsedBytes: heapUsed, longestPauseMs }
  process.send?.(usage)
})
// The server decides when the process ends.
process.channel?.unref()
// Without its parent nobody would ever stop it.
process.on('disconnect', () => process.exit())
await import(pathToFileURL(entry).href)
