/**
 * `npm test [-- FILE...]`: runs the test files, each in its own process, and prints one line for each, the whole
 * output of those that failed, and at the end the number of passed assertions. `--coverage DIR` writes V8's coverage
 * of the tests that count for it to that folder, for `npm run coverage -- --from DIR`. Exits with 1 if a test
 * failed.
 *
 * `tap` itself would start each file with hooks around every module, which takes a third of the time.
 */
import { parseArgs } from 'node:util'
import { runCovered } from './covered-test.ts'
import { allTests, pureTests, runAll, runTest, type TestRun } from './test-files.ts'

const COUNTED = ['total', 'pass', 'fail', 'todo', 'skip'] as const
type Counts = Record<(typeof COUNTED)[number], number>

const { values, positionals } = parseArgs({
  options: { coverage: { type: 'string' } },
  allowPositionals: true,
})
const began = performance.now()
const files = positionals.length > 0 ? positionals : allTests()
const counted = new Set(values.coverage === undefined ? [] : pureTests())
const counts: Counts = { total: 0, pass: 0, fail: 0, todo: 0, skip: 0 }
const failures: string[] = []

await runAll(files, async (file) => {
  const ran =
    values.coverage !== undefined && counted.has(file)
      ? await runCovered(file, values.coverage, true)
      : await runTest(file)
  if (ran.failed) failures.push(file)
  for (const name of COUNTED) counts[name] += countOf(ran, name)
  if (ran.failed) console.log(ran.output)
  console.log(`${ran.failed ? 'not ok' : 'ok'} - ${file} # time=${ran.seconds.toFixed(1)}s`)
})

if (failures.length > 0) console.log(`\nfailed: ${failures.join(' ')}`)
const shown = COUNTED.filter((name) => counts[name] > 0 || name === 'pass')
console.log(`# { ${shown.map((name) => `${name}: ${counts[name]}`).join(', ')} }`)
console.log(`# ${files.length} files in ${((performance.now() - began) / 1000).toFixed(0)} s`)
process.exitCode = failures.length === 0 && files.length > 0 ? 0 : 1

/** From the summary at the end of tap's output; a file that ended without one is one failure. */
function countOf({ output, failed }: TestRun, name: keyof Counts): number {
  const summary = /^# \{ total: .*\}$/m.exec(output)?.[0]
  if (summary === undefined) return failed && (name === 'total' || name === 'fail') ? 1 : 0
  return Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary)?.[1] ?? 0)
}
