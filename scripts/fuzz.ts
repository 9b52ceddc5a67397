/**
 * `npm run fuzz -- --seconds N [--seed S]`: fuzzes the engine for so long, from a seed that is printed. Findings come
 * with the seed of their case, which `--case SEED` runs alone. Exit status 1 where there were findings.
 */
import { parseArgs } from 'node:util'
import { type FuzzCounts, fuzzCase } from '../test/fuzz/run-fuzz.ts'
import { seedConfigs, seedPods } from '../test/fuzz/seeds.ts'

const MAX_FINDINGS = 20

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      seed: { type: 'string' },
      case: { type: 'string' },
    },
  })
  const input = { pods: seedPods(), configs: await seedConfigs() }
  const counts: FuzzCounts = { cases: 0, outcomes: new Map() }
  if (values.case !== undefined) {
    const finding = fuzzCase(Number(values.case), input, counts)
    console.log(finding?.problem ?? 'all held', Object.fromEntries(counts.outcomes))
    return finding === undefined ? 0 : 1
  }
  const first = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)
  const seconds = Number(values.seconds)
  if (!Number.isFinite(first) || !(seconds > 0)) throw new Error('--seconds and --seed take numbers')
  console.log(`from seed ${first}, ${input.pods.length} pods, ${input.configs.length} configurations`)
  const end = performance.now() + seconds * 1000
  let findings = 0
  for (let seed = first; performance.now() < end && findings < MAX_FINDINGS; seed++) {
    const finding = fuzzCase(seed, input, counts)
    if (finding === undefined) continue
    findings++
    console.log(`case ${finding.seed}: ${finding.problem}`)
  }
  for (const [outcome, count] of [...counts.outcomes].sort((a, b) => b[1] - a[1])) {
    console.log(`${String(count).padStart(8)}  ${outcome}`)
  }
  console.log(`${counts.cases} cases, ${findings} findings`)
  return findings === 0 ? 0 : 1
}

process.exitCode = await main()
