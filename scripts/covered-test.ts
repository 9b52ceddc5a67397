/**
 * Runs a test file and makes V8 write which lines it reached. Only lines reached without the corpora count: a file
 * that reads them is run with them first, and then without them.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runTest, type TestRun } from './test-files.ts'

/** Every test that looks for a corpus imports it. */
const CORPUS_MODULE = /"url":"file:[^"]*\/test\/shared-corpus\.ts"/

/** @param data the folder for V8's files */
export async function runCovered(file: string, data: string, withCorpora: boolean): Promise<TestRun> {
  mkdirSync(data, { recursive: true })
  const own = mkdtempSync(join(data, 'run-'))
  try {
    const ran = await runTest(file, {
      NODE_V8_COVERAGE: own,
      // V8 does not see exactly what it reaches in functions that come out of the cache.
      NODE_DISABLE_COMPILE_CACHE: '1',
      ...(withCorpora ? {} : { REMORA_SHARED: 'none' }),
    })
    const reports = readdirSync(own)
    if (withCorpora && reports.some((name) => CORPUS_MODULE.test(readFileSync(join(own, name), 'utf8')))) {
      const again = await runCovered(file, data, false)
      return again.failed ? again : ran
    }
    for (const name of reports) renameSync(join(own, name), join(data, name))
    return ran
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}
