/**
 * Runs one hostile case in a new process: `run-one.js FAMILY INDEX`. It is bundled like the production build and
 * started with the ENTRYPOINT's options (cold-runs.ts). Not a test.
 */
import { casesOf } from './families.ts'
import type { Answer, Family, Ran } from './hostile-case.ts'

const [family, index] = process.argv.slice(2)
const one = (await casesOf(family as Family))[Number(index)] // cold-runs.ts names a family and an index that are there
if (one === undefined) throw new Error(`no case ${index} of ${family}`)
const run = one.prepare()
const began = process.cpuUsage()
const steps = run()
let longestStepMs = 0
let answer: Answer | undefined
while (answer === undefined) {
  const before = process.threadCpuUsage()
  const step = steps.next()
  longestStepMs = Math.max(longestStepMs, millis(process.threadCpuUsage(before)))
  if (step.done === true) answer = step.value
}
const { kind, code } = answer
const ran: Ran = {
  kind,
  code,
  cpuMs: millis(process.cpuUsage(began)),
  longestStepMs,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
}
console.log(JSON.stringify(ran))

function millis({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}
