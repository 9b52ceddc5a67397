/** Counts the growth of all grown pods in separate processes. Not a test. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { build } from 'esbuild'
import { bundleOptions } from '../../scripts/bundle-options.ts'
import { exampleInputs } from './cold-runs.ts'
import type { Growth } from './count-growth.ts'
import { EXAMPLE_INPUTS } from './example-snapshot.ts'

/** @param sizes of the pods' JSON, about; an annotation that Kubernetes bounds stays below its limit */
export async function runGrowth(
  sizes: { readonly small: number; readonly large: number },
  only = '',
): Promise<readonly Growth[]> {
  const folder = mkdtempSync(join(tmpdir(), 'remora-growth-'))
  try {
    await build({
      ...bundleOptions('test/hostile/count-growth.ts', join(folder, 'dist')),
      splitting: false,
      // As a loop in JavaScript, which is counted.
      supported: { 'object-rest-spread': false },
    })
    const examples = join(folder, 'example.json')
    writeFileSync(examples, JSON.stringify(await exampleInputs()))
    const env = { PATH: process.env['PATH'], NODE_ENV: 'production', [EXAMPLE_INPUTS]: examples }
    const shares = availableParallelism()
    const outputs = Array.from({ length: shares }, async (_, share) => {
      const args = [
        join(folder, 'dist/count-growth.js'),
        ...[share, shares, sizes.small, sizes.large].map(String),
        only,
      ]
      const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
      const [out, err, [status]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'exit'),
      ])
      if (status !== 0) throw new Error(`count-growth: ${err.slice(-1000)}`)
      return out.split('\n').filter((line) => line !== '')
    })
    // What count-growth.ts writes.
    return (await Promise.all(outputs)).flat().map((line) => JSON.parse(line) as Growth)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
