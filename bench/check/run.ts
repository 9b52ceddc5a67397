/**
 * `npm run bench:check`: the ratios of now against the newest line of bench/history.jsonl, for people to run before a
 * release. Exits with 1 where one is lower by more than the tolerance, and where there is nothing to compare with.
 * Options: --tolerance PERCENT (default 10), --append (add this run's line), and those of `npm run bench` but for
 * --clients, --connections and --rate.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { wrkMissing } from '../load/clients.ts'
import { measureLoad } from '../load/measure.ts'
import { HELP, readLoadOptions } from '../load/options.ts'
import { cpuModel, openStage } from '../load/stage.ts'
import { tableHead, tableRow } from '../load/table.ts'
import { type HistoryLine, judge, lineToCompare, parseHistory, type Verdict } from './history.ts'

const HISTORY = join(import.meta.dirname, '../history.jsonl')
const CONNECTIONS = 8

const args = process.argv.slice(2)
const append = take('--append')
const tolerance = Number(takeValue('--tolerance') ?? 10) / 100
if (!(tolerance >= 0 && tolerance < 1)) throw new Error('--tolerance: expected a percentage from 0 to 99')
const client = wrkMissing() === undefined ? 'wrk' : 'autocannon'
const options = readLoadOptions(
  [...args, '--clients', client, '--connections', String(CONNECTIONS), '--rate', '0'],
  client === 'wrk',
)
if (options === 'help') {
  console.log(`npm run bench:check -- [--tolerance PERCENT] [--append] [options of npm run bench]\n${HELP}`)
  process.exit()
}

const stage = await openStage(options.nodeArgs)
try {
  console.log(`${stage.heading}\n${tableHead()}`)
  const results = await measureLoad(stage, options.plan, (comparison) => console.log(tableRow(comparison)))
  const ratios = results.map(({ mix, throughput }) => [mix, Number((throughput[0]?.ratio ?? 0).toFixed(3))])
  const now: HistoryLine = {
    date: new Date().toISOString(),
    node: process.versions.node,
    cpu: cpuModel(),
    reviews: stage.material.kind,
    client,
    connections: CONNECTIONS,
    ratios: Object.fromEntries(ratios),
  }
  const history = existsSync(HISTORY) ? parseHistory(readFileSync(HISTORY, 'utf8')) : []
  report(lineToCompare(history, now), now)
  if (append) appendFileSync(HISTORY, `${JSON.stringify(now)}\n`)
} finally {
  stage.close()
}

function report(before: HistoryLine | undefined, now: HistoryLine): void {
  if (before === undefined) {
    console.log(
      `Nothing to compare with: no line of ${now.reviews} reviews by ${now.client}; --append makes one.`,
    )
    if (!append) process.exitCode = 1
    return
  }
  const other = [before.node !== now.node && `Node ${before.node}`, before.cpu !== now.cpu && before.cpu]
  const elsewhere = other.filter(Boolean).join(' on ')
  console.log(`\nagainst ${before.date}${elsewhere === '' ? '' : `, which ran on ${elsewhere}`}:`)
  const verdicts = judge(before, now, tolerance)
  for (const verdict of verdicts) console.log(describe(verdict))
  const worse = verdicts.filter((verdict) => verdict.worse)
  console.log(`${worse.length} of ${verdicts.length} lower by more than ${tolerance * 100} %.`)
  if (worse.length > 0) process.exitCode = 1
}

function describe({ mix, before, now, change, worse }: Verdict): string {
  const was = before === undefined ? 'new' : `${before.toFixed(2)} -> ${now.toFixed(2)}`
  const by = change === undefined ? now.toFixed(2) : `${change < 0 ? '' : '+'}${(change * 100).toFixed(0)} %`
  return `  ${mix.padEnd(15)} ${was.padEnd(14)} ${by}${worse ? '  too low' : ''}`
}

function take(flag: string): boolean {
  const at = args.indexOf(flag)
  if (at >= 0) args.splice(at, 1)
  return at >= 0
}

function takeValue(flag: string): string | undefined {
  const at = args.indexOf(flag)
  return at < 0 ? undefined : args.splice(at, 2)[1]
}
