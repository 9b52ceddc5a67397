/** The test files, and how one of them is run: in its own process, without a test runner's hooks. */
import { spawn } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { PURE_PACKAGES } from '../test/packages.ts'

export const PROJECT = join(import.meta.dirname, '..')

/** Only a stop for a file that hangs. No test fails because a machine is slow. */
const HANG_SECONDS = 3600

/** First, so that none of them runs alone at the end. */
const LONGEST = [
  'test/fuzz/',
  'test/charts/hurtful-values',
  'test/hostile/',
  'test/conformance/',
  'test/cli/',
]

export function allTests(): readonly string[] {
  return globSync('test/**/*.test.ts', { cwd: PROJECT, exclude: ['test/e2e/**'] }).toSorted(
    (a, b) => orderOf(a) - orderOf(b) || a.localeCompare(b),
  )
}

function orderOf(file: string): number {
  const at = LONGEST.findIndex((start) => file.startsWith(start))
  return at === -1 ? LONGEST.length : at
}

/** The tests of the packages above the purity line, and the whole cases: what counts for the coverage. */
export function pureTests(): readonly string[] {
  const folders = [...PURE_PACKAGES.filter((name) => !name.endsWith('.ts')), 'cases']
  const single = PURE_PACKAGES.map((name) => `test/${name.replace(/\.ts$/, '.test.ts')}`)
  return [
    ...folders.flatMap((folder) => globSync(`test/${folder}/**/*.test.ts`, { cwd: PROJECT }).sort()),
    ...single.filter((file) => file.endsWith('.test.ts') && existsSync(join(PROJECT, file))),
  ]
}

export interface TestRun {
  readonly file: string
  readonly failed: boolean
  /** TAP. */
  readonly output: string
  readonly seconds: number
}

export function runTest(file: string, env: Readonly<Record<string, string>> = {}): Promise<TestRun> {
  const began = performance.now()
  const compileCache = process.env['NODE_COMPILE_CACHE'] ?? join(PROJECT, 'node_modules/.cache/compile')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file], {
      cwd: PROJECT,
      env: {
        ...process.env,
        // Outside of `tap` a file has 30 s.
        TAP_TIMEOUT: String(HANG_SECONDS),
        NODE_COMPILE_CACHE: compileCache,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: HANG_SECONDS * 1000,
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({
        file,
        failed: code !== 0,
        output: Buffer.concat(chunks).toString(),
        seconds: (performance.now() - began) / 1000,
      }),
    )
  })
}

/** As many at once as there are processors. */
export async function runAll(files: readonly string[], run: (file: string) => Promise<void>): Promise<void> {
  const waiting = [...files]
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await run(file)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
}
