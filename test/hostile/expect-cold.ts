/** The requirements of every hostile case: it ends, within the limits, with a code of the table. Not a test. */
import type { Test } from 'tap'
import { isCode } from '../../src/inject/index.ts'
import { type ColdRun, runCold } from './cold-runs.ts'
import type { Family } from './hostile-case.ts'

/** Far above what any case takes, even on a busy machine: only what would never end goes beyond it. */
const HANG_CPU_MS = 2000

export async function expectCold(t: Test, family: Family, more?: (run: ColdRun) => void): Promise<void> {
  const { runs, description } = await runCold(family)
  const peak = Math.max(...runs.map(({ ran }) => ran?.peakRssBytes ?? 0))
  t.comment(`${runs.length} cases, ${description}; largest process ${(peak / 2 ** 20).toFixed(0)} MiB`)
  t.ok(runs.length > 10, 'there are cases')
  for (const run of runs) {
    const { name, ran, failure } = run
    if (ran === undefined) {
      t.fail(`${name}: ${failure}`)
      continue
    }
    t.ok(isCode(ran.code) || ran.code === 'decoded', `${name}: ${ran.kind} ${ran.code}`)
    t.ok(ran.cpuMs < HANG_CPU_MS, `${name} does not hang: ${ran.cpuMs.toFixed(1)} ms`)
    more?.(run)
  }
}
