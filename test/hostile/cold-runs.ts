/**
 * Runs each hostile case in a new process that has compiled nothing yet, from a bundle like that of the production
 * build, with the ENTRYPOINT's options of Node, under limits of memory and CPU. Not a test.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { bundleOptions, ROOT } from '../../scripts/bundle-options.ts'
import { entrypointOptions } from '../../scripts/entrypoint-options.ts'
import { FolderCluster } from '../../src/cluster/index.ts'
import { EXAMPLE_INPUTS } from './example-snapshot.ts'
import { casesOf } from './families.ts'
import type { Family, Ran } from './hostile-case.ts'
import { LimitedSlot, type Limits } from './process-limits.ts'

/** The chart's limit of memory, and a CPU time that only what never ends comes to, on a busy machine too. */
export const LIMITS: Limits = { memoryBytes: 512 * 2 ** 20, cpuSeconds: 10 }

export interface ColdRun {
  readonly name: string
  /** Undefined where the process failed. */
  readonly ran: Ran | undefined
  /** What it said, and what ended it. */
  readonly failure: string | undefined
}

export interface ColdRuns {
  readonly runs: readonly ColdRun[]
  /** Node's options and how the limits were kept. */
  readonly description: string
}

/** @param wanted by name; default: all of the family */
export async function runCold(
  family: Family,
  wanted: (name: string) => boolean = () => true,
): Promise<ColdRuns> {
  const folder = mkdtempSync(join(tmpdir(), 'remora-hostile-'))
  const slots = Array.from(
    { length: availableParallelism() },
    (_, i) => new LimitedSlot(LIMITS, `${family}-${i}`),
  )
  try {
    await build(bundleOptions('test/hostile/run-one.ts', join(folder, 'dist')))
    const examples = join(folder, 'example.json')
    writeFileSync(examples, JSON.stringify(await exampleInputs()))
    // Neither the test runner's hooks nor its coverage. Bytecode is shared, which is a third of a process; what V8 optimises is not.
    const env = {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      NODE_COMPILE_CACHE: join(folder, 'bytecode'),
      [EXAMPLE_INPUTS]: examples,
    }
    const waiting = [...(await casesOf(family)).entries()].filter(([, { name }]) => wanted(name))
    const runs: ColdRun[] = []
    const work = async (slot: LimitedSlot): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, { name }] = next
        const args = [...entrypointOptions(), join(folder, 'dist/run-one.js'), family, String(index)]
        const { stdout, stderr, failure } = await slot.run(process.execPath, args, env)
        // What run-one.ts writes.
        const ran = failure === undefined ? (JSON.parse(stdout) as Ran) : undefined
        runs.push({ name, ran, failure: failure && `${failure} ${stderr.slice(-500)}` })
      }
    }
    await Promise.all(slots.map(work))
    const description = `node ${entrypointOptions().join(' ')}; ${slots[0]?.description ?? ''}`
    return { runs, description }
  } finally {
    for (const slot of slots) slot.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function exampleInputs(): Promise<object> {
  const cluster = new FolderCluster({
    folder: join(ROOT, 'examples/canary-upgrade/cluster'),
    snapshot: { istiodEnv: [], istioVersions: [] },
  })
  await cluster.start(new AbortController().signal)
  await cluster.close()
  const inputs = cluster.snapshot().revisions.get('default')?.config?.inputs
  if (inputs === undefined) throw new Error('the example revision default does not serve')
  return inputs
}
