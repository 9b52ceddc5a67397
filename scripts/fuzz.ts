/**
 * `npm run fuzz`: fuzzes the program as it is released: bundled like the production build, started with the options
 * of the Dockerfile's ENTRYPOINT, with limits of memory and CPU. `--help` lists the options. Each finding has its
 * target and seed; `--target NAME --case SEED` reproduces it. Exits with 1 if there were findings.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { replaceSection } from '../bench/readme-section.ts'
import { noCounts, runCase } from '../test/fuzz/fuzz-target.ts'
import type { FuzzPlan, FuzzResult } from '../test/fuzz/run-target.ts'
import { compileSeeds, readSeeds } from '../test/fuzz/seeds.ts'
import { TARGETS } from '../test/fuzz/targets.ts'
import { LimitedSlot } from '../test/hostile/process-limits.ts'
import { bundleOptions, ROOT } from './bundle-options.ts'
import { entrypointOptions } from './entrypoint-options.ts'

const HELP = `npm run fuzz -- [options]
  --seconds N       over all targets (default 60)
  --reviews N       over all targets; ends at whichever comes first (${TARGETS.map(({ name, share }) => `${name} ${share} %`).join(', ')})
  --target NAME,... of ${TARGETS.map(({ name }) => name).join(', ')} (default all)
  --seed S          the first one of each target (default: the clock)
  --case SEED       this case of one target alone, in this process
  --write-docs      the figures into docs/security.md, those of other targets stay
  --help`

const MEMORY_BYTES = 512 * 2 ** 20
const UNBOUNDED = 1e12

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      reviews: { type: 'string' },
      target: { type: 'string' },
      seed: { type: 'string' },
      case: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const names = values.target?.split(',') ?? TARGETS.map(({ name }) => name)
  const unknown = names.find((name) => !TARGETS.some((target) => target.name === name))
  if (unknown !== undefined) throw new Error(`--target: found ${unknown}\n${HELP}`)
  if (values.case !== undefined) return runAlone(names, Number(values.case))
  const reviews = Number(values.reviews ?? UNBOUNDED)
  const seconds = Number(values.seconds ?? (values.reviews === undefined ? 60 : UNBOUNDED))
  const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31)
  if (![reviews, seconds].every((number) => number > 0) || !Number.isFinite(firstSeed))
    throw new Error(`--seconds, --reviews and --seed take numbers\n${HELP}`)
  const workers = Math.min(names.length, availableParallelism())
  const results = await runAll(names, { firstSeed, seconds: (seconds * workers) / names.length, reviews })
  report(results)
  if (values['write-docs']) writeDocs(results, firstSeed)
  return results.every(({ findings, failure }) => findings.length === 0 && failure === undefined) ? 0 : 1
}

function runAlone(names: readonly string[], seed: number): number {
  const target = TARGETS.find(({ name }) => name === names[0])
  if (target === undefined || names.length !== 1) throw new Error('--case needs one --target')
  const counts = noCounts()
  const finding = runCase(target, seed, compileSeeds(readSeeds()), counts)
  console.log(finding?.problem ?? 'all held', Object.fromEntries(counts.outcomes))
  return finding === undefined ? 0 : 1
}

interface Ran extends FuzzResult {
  /** Why the process ended early. */
  readonly failure?: string
}

/** How the reviews of a run are shared among the targets. */
const shareOf = (name: string): number => TARGETS.find((target) => target.name === name)?.share ?? 0

async function runAll(
  names: readonly string[],
  { firstSeed, seconds, reviews }: Pick<FuzzPlan, 'firstSeed' | 'seconds' | 'reviews'>,
): Promise<readonly Ran[]> {
  const folder = mkdtempSync(join(tmpdir(), 'remora-fuzz-'))
  // A busy machine gives a process less CPU time than the elapsed time, never more.
  const limits = { memoryBytes: MEMORY_BYTES, cpuSeconds: Math.min(86_400, Math.ceil(2 * seconds + 60)) }
  const slots = Array.from(
    { length: Math.min(names.length, availableParallelism()) },
    (_, i) => new LimitedSlot(limits, `fuzz-${i}`),
  )
  try {
    await build(bundleOptions('test/fuzz/run-target.ts', join(folder, 'dist')))
    const seeds = readSeeds()
    console.log(
      `from seed ${firstSeed}, ${seeds.pods.length} pods, ${seeds.defaults.length + 3} configurations; ` +
        `node ${entrypointOptions().join(' ')}; ${slots[0]?.description}`,
    )
    const allShares = names.reduce((sum, name) => sum + shareOf(name), 0)
    const waiting = [...names]
    const results: Ran[] = []
    const work = async (slot: LimitedSlot): Promise<void> => {
      for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
        const plan = join(folder, `${target}.json`)
        const part = (reviews * shareOf(target)) / allShares
        writeFileSync(
          plan,
          JSON.stringify({ target, firstSeed, seconds, reviews: part, seeds } satisfies FuzzPlan),
        )
        const args = [...entrypointOptions(), join(folder, 'dist/run-target.js'), plan]
        const env = { PATH: process.env['PATH'], NODE_ENV: 'production' }
        const { stdout, stderr, failure } = await slot.run(process.execPath, args, env, (text) =>
          process.stderr.write(text),
        )
        results.push(
          failure === undefined
            ? // The format of run-target.ts.
              (JSON.parse(stdout) as FuzzResult)
            : {
                target,
                cases: 0,
                reviews: 0,
                outcomes: {},
                findings: [],
                heapMiB: [],
                failure: `${failure} ${stderr.slice(-2000)}`,
              },
        )
      }
    }
    await Promise.all(slots.map(work))
    return results.toSorted((a, b) => names.indexOf(a.target) - names.indexOf(b.target))
  } finally {
    for (const slot of slots) slot.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function report(results: readonly Ran[]): void {
  for (const { target, cases, reviews, outcomes, findings, heapMiB, failure } of results) {
    console.log(`\n${target}: ${cases} cases, ${reviews} reviews, heap ${heapMiB.join(' ')} MiB`)
    for (const [outcome, count] of Object.entries(outcomes))
      console.log(`${String(count).padStart(9)}  ${outcome}`)
    for (const { seed, problem } of findings) console.log(`finding, case ${seed}: ${problem}`)
    if (failure !== undefined) console.log(`the process failed: ${failure}`)
  }
  const sum = (of: (ran: Ran) => number): number => results.reduce((total, ran) => total + of(ran), 0)
  const failed = sum(({ findings, failure }) => findings.length + (failure === undefined ? 0 : 1))
  console.log(
    `\n${sum(({ cases }) => cases)} cases, ${sum(({ reviews }) => reviews)} reviews, ${failed} findings`,
  )
}

/** Rows of targets that did not run stay as they are, so that the targets may run one after the other. */
function writeDocs(results: readonly Ran[], firstSeed: number): void {
  const file = join(ROOT, 'docs/security.md')
  const docs = readFileSync(file, 'utf8')
  const before = docs.slice(docs.indexOf('<!-- fuzz:'), docs.indexOf('<!-- end of fuzz'))
  const rows = TARGETS.map(({ name, about }) => {
    const ran = results.find(({ target }) => target === name)
    if (ran === undefined) return before.split('\n').find((line) => line.startsWith(`| ${name} |`)) ?? []
    const { cases, reviews, findings, heapMiB, failure } = ran
    const heap =
      heapMiB.length === 0 ? '' : `${heapMiB[Math.floor(heapMiB.length / 2)]} to ${heapMiB.at(-1)} MiB`
    const found = findings.length + (failure === undefined ? 0 : 1)
    return `| ${name} | ${about} | ${firstSeed} | ${cases} | ${reviews} | ${found} | ${heap} |`
  })
  const table = [
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node} with \`${entrypointOptions().join(' ')}\`:`,
    '',
    '| target | invariant | first seed | cases | reviews | findings | heap at half time and at the end |',
    '|---|---|---:|---:|---:|---:|---:|',
    ...rows.flat(),
  ].join('\n')
  writeFileSync(file, replaceSection(docs, 'fuzz', table, 'npm run fuzz'))
}

process.exitCode = await main()
