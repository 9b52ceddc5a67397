/**
 * Runs a server's entry file in its own process and reports, on request, the CPU time and memory of the process:
 * exactly on every system, where a process table counts hundredths of a second. It is compiled in advance, like the
 * hosted file, because stripping types at startup would take memory that no production process uses. Arguments: the
 * file, then the server's own arguments.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'

/** The requests of the parent. `watch-loop`: measure from now on how long the event loop is blocked. */
export type Question = 'usage' | 'watch-loop'

export interface Usage {
  readonly cpuMicros: number
  readonly rssBytes: number
  readonly heapUsedBytes: number
  /** The longest block since `watch-loop`; 0 if it is not measured. */
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
// Ends with its parent.
process.on('disconnect', () => process.exit())
await import(pathToFileURL(entry).href)
