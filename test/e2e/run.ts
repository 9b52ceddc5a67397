/**
 * Runs the end-to-end suites, each in its own process with its own control plane, and prints every scenario with its
 * time at the end. `npm run test:e2e`, or `node test/e2e/run.ts canary` for the suites with that in their name.
 * Suites wait most of the time, so two run at once if there are two processors; `REMORA_E2E_LANES=1` runs one at a
 * time.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { findBinaries } from './harness/binaries.ts'

interface Scenario {
  readonly suite: string
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
}

const SUITE_LIMIT_MS = 8 * 60_000
/** First, so that none of them runs alone at the end. */
const LONGEST = ['operations', 'trust', 'live-cluster', 'canary-upgrade', 'tls']
const NAME_WIDTH = 120
/** A scenario is a test point at the left margin; what it asserts is indented. */
const POINT = /^(not )?ok \d+ - (.*?)(?: # time=([\d.]+)ms)?$/

const lanes = Number(process.env['REMORA_E2E_LANES'] ?? Math.min(2, availableParallelism()))
const wanted = process.argv.slice(2)
const suites = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.e2e.ts'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .toSorted((a, b) => orderOf(a) - orderOf(b))
const began = performance.now()
const scenarios: Scenario[] = []

findBinaries()
const waiting = [...suites]
await Promise.all(Array.from({ length: Math.max(1, lanes) }, runLane))

console.log('\nScenarios')
for (const { suite, name, passed, seconds } of scenarios)
  console.log(
    `${passed ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(6)} s  ${shorten(`${suite}: ${name}`)}`,
  )
const failed = scenarios.filter(({ passed }) => !passed).length
const total = ((performance.now() - began) / 1_000).toFixed(0)
console.log(`${scenarios.length - failed} passed, ${failed} failed in ${total} s`)
process.exitCode = failed === 0 && scenarios.length > 0 ? 0 : 1

function shorten(text: string): string {
  return text.length > NAME_WIDTH ? `${text.slice(0, NAME_WIDTH - 3)}...` : text
}

function orderOf(file: string): number {
  const at = LONGEST.findIndex((name) => file.startsWith(name))
  return at === -1 ? LONGEST.length : at
}

async function runLane(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift())
    scenarios.push(...(await runSuite(file)))
}

/** A suite that ends badly without a failed scenario counts as one. */
async function runSuite(file: string): Promise<readonly Scenario[]> {
  const suite = file.replace('.e2e.ts', '')
  const found: Scenario[] = []
  // Printed at the end in one piece: another suite prints meanwhile.
  const lines = [`\n== ${suite}`]
  const started = performance.now()
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SUITE_LIMIT_MS,
    // Lines that are not wrapped can be quoted whole.
    env: { ...process.env, COLUMNS: '100000' },
  })
  const ended = once(child, 'exit')
  const errors = text(child.stderr)
  for await (const line of createInterface({ input: child.stdout })) {
    const [, not, name = '', time = '0'] = POINT.exec(line) ?? []
    if (POINT.test(line))
      found.push({ suite, name, passed: not === undefined, seconds: Number(time) / 1_000 })
    // A pass is one line, a failure the whole output.
    if (!/^ +ok |^ *1\.\.\d+$|^ *# Subtest|^TAP version|^$/.test(line)) lines.push(line)
  }
  const [code, signal] = await ended
  console.log(`${lines.join('\n')}\n${await errors}`)
  if (code !== 0 && found.every(({ passed }) => passed)) {
    const seconds = (performance.now() - started) / 1_000
    found.push({
      suite,
      name: `the suite ended with ${signal ?? `exit code ${code}`}`,
      passed: false,
      seconds,
    })
  }
  return found
}
