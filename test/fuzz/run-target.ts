/**
 * Runs one fuzz target in this process, for scripts/fuzz.ts: `run-target.ts PLAN`, a JSON file. Prints at the end what was
 * counted, as JSON, and before that to stderr each finding and how far it has come. Not a test.
 */
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Finding, type FuzzCounts, noCounts, runCase } from './fuzz-target.ts'
import { compileSeeds, type SeedTexts } from './seeds.ts'
import { TARGETS } from './targets.ts'

export interface FuzzPlan {
  readonly target: string
  readonly firstSeed: number
  /** Ends at whichever comes first. */
  readonly seconds: number
  readonly reviews: number
  readonly seeds: SeedTexts
}

export interface FuzzResult {
  readonly target: string
  readonly cases: number
  readonly reviews: number
  readonly outcomes: { readonly [outcome: string]: number }
  readonly findings: readonly Finding[]
  /** MiB of heap after a collection, at twenty moments. */
  readonly heapMiB: readonly number[]
}

const MAX_FINDINGS = 20
const MOMENTS = 20
/** Caches fill up at first; from the middle on the heap may move by so much. */
const GROWTH_MIB = 24
/** With fewer reviews than this the caches are not full. */
const REVIEWS_TO_JUDGE_GROWTH = 20_000

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

const plan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as FuzzPlan
// Here, so that the last reading of the heap still has the caches, which belong to the configurations.
const input = compileSeeds(plan.seeds)
process.stdout.write(`${JSON.stringify(run(plan))}\n`)

function run({ target: name, firstSeed, seconds, reviews }: FuzzPlan): FuzzResult {
  const target = TARGETS.find((one) => one.name === name)
  if (target === undefined) throw new Error(`no target ${name}`)
  const counts: FuzzCounts = noCounts()
  const findings: Finding[] = []
  const heapMiB: number[] = []
  const began = performance.now()
  const progress = (): number =>
    Math.max((performance.now() - began) / (seconds * 1000), counts.reviews / reviews)
  for (let seed = firstSeed; progress() < 1 && findings.length < MAX_FINDINGS; seed++) {
    const finding = runCase(target, seed, input, counts)
    if (finding !== undefined) {
      findings.push(finding)
      process.stderr.write(`finding, ${name}, case ${seed}: ${finding.problem}\n`)
    }
    if (progress() * MOMENTS > heapMiB.length + 1) {
      heapMiB.push(heapNow())
      const minutes = ((performance.now() - began) / 60_000).toFixed(1)
      process.stderr.write(
        `${name}: ${counts.reviews} reviews in ${minutes} min, heap ${heapMiB.at(-1)} MiB\n`,
      )
    }
  }
  heapMiB.push(heapNow())
  const growth = growthOf(heapMiB)
  if (counts.reviews >= REVIEWS_TO_JUDGE_GROWTH && growth > GROWTH_MIB)
    findings.push({ target: name, seed: firstSeed, problem: `the heap grew: ${heapMiB.join(', ')} MiB` })
  return {
    target: name,
    cases: counts.cases,
    reviews: counts.reviews,
    outcomes: Object.fromEntries([...counts.outcomes].sort(([, a], [, b]) => b - a)),
    findings,
    heapMiB,
  }
}

function heapNow(): number {
  if (typeof collect === 'function') collect()
  return Math.round(process.memoryUsage().heapUsed / 2 ** 20)
}

/** From the middle to the end. */
function growthOf(heapMiB: readonly number[]): number {
  const middle = heapMiB[Math.floor(heapMiB.length / 2)] ?? 0
  return (heapMiB.at(-1) ?? 0) - middle
}
