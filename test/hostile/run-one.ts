/**
 * Runs one hostile case in a process that has done nothing before: `run-one.js FAMILY INDEX`. It is bundled as the
 * production build is and started with the ENTRYPOINT's options (cold-runs.ts). Not a test of its own.
 */
import { casesOf } from './families.ts'
import type { Family, Ran } from './hostile-case.ts'

const [family, index] = process.argv.slice(2)
const one = (await casesOf(family as Family))[Number(index)] // cold-runs.ts names a family and an index that are there
if (one === undefined) throw new Error(`no case ${index} of ${family}`)
const run = one.prepare()
const began = process.cpuUsage()
const { kind, code } = run()
const { user, system } = process.cpuUsage(began)
const ran: Ran = {
  kind,
  code,
  cpuMs: (user + system) / 1000,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
}
console.log(JSON.stringify(ran))
