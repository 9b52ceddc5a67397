/**
 * Runs a server's entry file in a process of its own and tells the parent, when asked, what CPU time the process has
 * used so far: exact on every system, where a process table counts in hundredths of a second.
 * Arguments: the file, then the server's own arguments.
 */
import { pathToFileURL } from 'node:url'

const [entry = '', ...args] = process.argv.slice(2)
process.argv.splice(1, process.argv.length - 1, entry, ...args)
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() })
})
// Without its parent nobody would ever stop it.
process.on('disconnect', () => process.exit())
await import(pathToFileURL(entry).href)
