/**
 * `npm run coverage [-- PACKAGE]`: the share of the lines above the purity line that the project's own tests reach.
 * Only the tests of those packages and the complete cases are counted, without any corpus, because a line that a
 * server test reaches by chance is not tested. With `--from DIR` they have already run (`npm test -- --coverage
 * DIR`). Prints one line per package, and the files of a named one. Exits with 1 below the limit or if a test fails.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { parseArgs } from 'node:util'
import { PURE_PACKAGES } from '../test/packages.ts'
import { runCovered } from './covered-test.ts'
import { PROJECT, pureTests, runAll } from './test-files.ts'

const LIMIT = 95

interface Lines {
  total: number
  covered: number
}

type Summary = Readonly<Record<string, { readonly lines: Lines }>>

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort()
}

/** Runs the tests that count, without any corpus; gives how many files failed. */
async function runTests(data: string): Promise<number> {
  let failed = 0
  await runAll(pureTests(), async (file) => {
    const ran = await runCovered(file, data, false)
    if (!ran.failed) return
    failed += 1
    const reasons = ran.output.split('\n').filter((line) => /^ *not ok/.test(line))
    console.log([`failed: ${file}`, ...(reasons.length > 0 ? reasons : [ran.output])].join('\n'))
  })
  return failed
}

function readSummary(data: string, reports: string): Map<string, Lines> {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join('node_modules', 'c8', 'bin', 'c8.js'),
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
    { cwd: PROJECT, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`c8 report failed:\n${stdout}${stderr}`)
  // The format of istanbul's reporter json-summary: absolute paths, and `total`.
  const summary = JSON.parse(readFileSync(join(reports, 'coverage-summary.json'), 'utf8')) as Summary
  return new Map(Object.entries(summary).map(([file, { lines }]) => [relative(PROJECT, file), lines]))
}

/** A file that no test loads: nothing of it is reached, unless it declares only types and there is nothing to run. */
function unloaded(file: string): Lines {
  const text = readFileSync(join(PROJECT, file), 'utf8')
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
  const { values, positionals } = parseArgs({ options: { from: { type: 'string' } }, allowPositionals: true })
  const folder = mkdtempSync(join(tmpdir(), 'remora-coverage-'))
  try {
    const data = values.from ?? join(folder, 'data')
    const failed = values.from === undefined ? await runTests(data) : 0
    const low = report(readSummary(data, join(folder, 'reports')), positionals[0])
    if (failed > 0) console.log(`${failed} test files failed`)
    if (low.length > 0) console.log(`below ${LIMIT} %: ${low.join(', ')}`)
    return failed > 0 || low.length > 0 ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exitCode = await main()
