/**
 * `npm run -s conformance -- DIR... [--case ID]`: runs corpus folders through the product's own code. Prints a line
 * per folder, the ids of the first failing cases, and a last line `N passed, N failed`; exits with 1 on any failure.
 */
import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { CaseResult } from '../test/conformance/suite.ts'
import { type CorpusFolder, findCorpusFolders, loadSuite } from '../test/conformance/suites.ts'

const SHOWN_FAILURES = 20

interface Totals {
  passed: number
  failed: number
  /** Folders that could not be run. */
  broken: number
}

async function runFolder(folder: CorpusFolder, caseId: string | undefined, totals: Totals): Promise<void> {
  const suite = await loadSuite(folder)
  if (suite === undefined) {
    console.log(`${folder.path}: nothing to compare (${folder.kind})`)
    return
  }
  const failures: CaseResult[] = []
  const differences = new Map<string, number>()
  let passed = 0
  for (const result of suite.run(folder.path, caseId === undefined ? {} : { caseId })) {
    if (result.passed) passed += 1
    else failures.push(result)
    if (result.difference !== undefined) {
      differences.set(result.difference, (differences.get(result.difference) ?? 0) + 1)
    }
    if (caseId !== undefined)
      console.log(`${result.id}: ${result.passed ? 'passed' : 'failed'}\n${result.detail ?? ''}`)
  }
  totals.passed += passed
  totals.failed += failures.length
  const applied = [...differences.values()].reduce((sum, count) => sum + count, 0)
  const named = applied === 0 ? '' : `, ${applied} named differences applied`
  console.log(`${folder.path}: ${passed} passed, ${failures.length} failed${named}`)
  for (const [reason, count] of differences) console.log(`  difference (${count}): ${reason}`)
  for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(`  failed: ${failure.id}`)
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { case: { type: 'string' } } })
  if (positionals.length === 0) {
    console.error('usage: npm run -s conformance -- DIR... [--case ID]')
    return 2
  }
  let folders = 0
  const totals: Totals = { passed: 0, failed: 0, broken: 0 }
  for (const path of positionals) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      console.error(`${path}: not a folder`)
      return 2
    }
    for (const folder of findCorpusFolders(path)) {
      folders++
      try {
        await runFolder(folder, values.case, totals)
      } catch (error) {
        totals.broken += 1
        console.error(error instanceof Error ? error.message : error)
      }
    }
  }
  if (folders === 0) {
    console.error(`no recorded answers in ${positionals.join(', ')}: expected folders with a meta.json`)
    return 2
  }
  if (values.case !== undefined && totals.broken === 0 && totals.passed + totals.failed === 0) {
    console.error(`no case ${values.case} in these folders`)
    return 2
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed`)
  return totals.failed === 0 && totals.broken === 0 ? 0 : 1
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  return 2
})
