/**
 * `npm run coverage [-- PACKAGE]`: which share of the lines above the purity line the project's own tests reach. Only the
 * tests of those packages and the whole cases count, without any corpus: what runs by chance in a test of the server
 * proves nothing. Prints one line per package, and the files of a named one. Exit 1 below the limit or when a test fails.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { PURE_PACKAGES } from '../test/packages.ts'

const LIMIT = 95
const project = join(import.meta.dirname, '..')

interface Lines {
  total: number
  covered: number
}

type Summary = Readonly<Record<string, { readonly lines: Lines }>>

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort()
}

interface Finished {
  readonly code: number | null
  readonly output: string
}

function run(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: project,
      env: { ...process.env, ...env },
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }))
  })
}

/** Only a stop for a file that hangs, as in .taprc: outside the runner a file has 30 s, which a busy machine exceeds. */
const HANG_SECONDS = '3600'

/** Runs the test files, each a process of its own that leaves its coverage in `data`; gives how many failed. */
async function runTests(data: string): Promise<number> {
  const folders = [...PURE_PACKAGES.filter((name) => !name.endsWith('.ts')), 'cases']
  const single = PURE_PACKAGES.map((name) => join('test', name.replace(/\.ts$/, '.test.ts')))
  const waiting = [
    ...folders.flatMap((folder) => filesIn(join('test', folder), '.test.ts')),
    ...single.filter((file) => file.endsWith('.ts') && existsSync(join(project, file))),
  ]
  let failed = 0
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const { code, output } = await run(file, [], {
        NODE_V8_COVERAGE: data,
        REMORA_SHARED: 'none',
        TAP_TIMEOUT: HANG_SECONDS,
      })
      if (code === 0) continue
      failed += 1
      const reasons = output.split('\n').filter((line) => /^ *not ok/.test(line))
      console.log([`failed: ${file}`, ...(reasons.length > 0 ? reasons : [output])].join('\n'))
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return failed
}

async function readSummary(data: string, reports: string): Promise<Map<string, Lines>> {
  const { code, output } = await run(
    join('node_modules', 'c8', 'bin', 'c8.js'),
    [
      'report',
      '--temp-directory',
      data,
      '--reports-dir',
      reports,
      '--reporter',
      'json-summary',
      '--include',
      'src/**',
    ],
    {},
  )
  if (code !== 0) throw new Error(`c8 report failed:\n${output}`)
  // The format of istanbul's reporter json-summary: absolute paths, and `total`.
  const summary = JSON.parse(readFileSync(join(reports, 'coverage-summary.json'), 'utf8')) as Summary
  return new Map(Object.entries(summary).map(([file, { lines }]) => [relative(project, file), lines]))
}

/** A file that no test loads: nothing of it is reached, unless it declares only types and there is nothing to run. */
function unloaded(file: string): Lines {
  const text = readFileSync(join(project, file), 'utf8')
  const runs = /^(?:export )?(?:default |async )*(?:const|let|function|class)\b/m.test(text)
  return { total: runs ? text.split('\n').length - 1 : 0, covered: 0 }
}

function percent({ total, covered }: Lines): number {
  return total === 0 ? 100 : (100 * covered) / total
}

function row(name: string, lines: Lines): string {
  const missing = lines.total - lines.covered
  return `${name.padEnd(44)} ${percent(lines).toFixed(2).padStart(6)} % ${String(lines.total).padStart(6)} lines ${String(missing).padStart(5)} not reached`
}

/** Prints the table; returns the packages below the limit. */
function report(summary: ReadonlyMap<string, Lines>, shownPackage: string | undefined): string[] {
  const low: string[] = []
  for (const name of PURE_PACKAGES) {
    const files = name.endsWith('.ts') ? [join('src', name)] : filesIn(join('src', name), '.ts')
    const sum: Lines = { total: 0, covered: 0 }
    for (const file of files) {
      const lines = summary.get(file) ?? unloaded(file)
      sum.total += lines.total
      sum.covered += lines.covered
      if (name === shownPackage) console.log(`  ${row(file.split(sep).slice(2).join('/'), lines)}`)
    }
    console.log(row(name, sum))
    if (percent(sum) < LIMIT) low.push(name)
  }
  return low
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'remora-coverage-'))
  try {
    const data = join(folder, 'data')
    mkdirSync(data)
    const failed = await runTests(data)
    const low = report(await readSummary(data, join(folder, 'reports')), process.argv[2])
    if (failed > 0) console.log(`${failed} test files failed`)
    if (low.length > 0) console.log(`below ${LIMIT} %: ${low.join(', ')}`)
    return failed > 0 || low.length > 0 ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exitCode = await main()
