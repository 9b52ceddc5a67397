/**
 * `npm run bench:check` compares the current ratios with the newest line of bench/history.jsonl, before a release. A
 * ratio that is too low is measured twice more, and the median counts, so that a slow moment of the machine is no
 * failure. Exits with 1 if a ratio is lower by more than the tolerance, or if there is nothing to compare with.
 * `--help` lists the options.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { orExplain } from '../arguments.ts'
import { wrkMissing } from '../load/clients.ts'
import { measureLoad } from '../load/measure.ts'
import { type LoadOptions, MIX_NAMES, readLoadOptions } from '../load/options.ts'
import { cpuModel, openStage } from '../load/stage.ts'
import { tableHead, tableRow } from '../load/table.ts'
import { median } from '../statistics.ts'
import { type HistoryLine, judge, lineToCompare, parseHistory, type Verdict } from './history.ts'

const HISTORY = join(import.meta.dirname, '../history.jsonl')
const CONNECTIONS = 8
/** How often a low ratio is measured again. */
const AGAIN = 2

const HELP = `npm run bench:check -- [options]
  --tolerance PERCENT      a ratio may be lower by so much (default 10)
  --append                 add this run's line to bench/history.jsonl
  --only NAME,...          mixes (default all): ${MIX_NAMES.join(', ')}
  --rounds N               alternating rounds of each server (default 5)
  --seconds N              of each round, whole ones (default 1)
  --warm-up N              seconds before the first round (default 20)
  --node-option=OPTION     of Node, for Remora's process only; repeatable
  --help`

interface CheckOptions extends LoadOptions {
  readonly append: boolean
  /** Of 1. */
  readonly tolerance: number
}

const client = wrkMissing() === undefined ? 'wrk' : 'autocannon'
const { append, tolerance, ...options } = orExplain(readCheckOptions)

const stage = await openStage(options.nodeArgs)
try {
  console.log(`${stage.heading}\n${tableHead()}`)
  const history = existsSync(HISTORY) ? parseHistory(readFileSync(HISTORY, 'utf8')) : []
  const measured = new Map<string, number[]>()
  let now = await measure(measured, options.plan.mixes)
  const before = lineToCompare(history, now)
  for (let i = 0; i < AGAIN; i++) {
    const low = judge(before, now, tolerance).filter(({ worse }) => worse)
    if (low.length === 0) break
    const mixes = low.map(({ mix }) => mix)
    console.log(`measured again because the ratio is too low: ${mixes.join(', ')}`)
    now = await measure(measured, mixes)
  }
  report(before, now)
  if (append) appendFileSync(HISTORY, `${JSON.stringify(now)}\n`)
} finally {
  stage.close()
}

/** Measures the mixes once, in addition to earlier measurements; the line has the medians. */
async function measure(measured: Map<string, number[]>, mixes: readonly string[]): Promise<HistoryLine> {
  const plan = { ...options.plan, mixes }
  const results = await measureLoad(stage, plan, (comparison) => console.log(tableRow(comparison)))
  for (const { mix, throughput } of results)
    measured.set(mix, [...(measured.get(mix) ?? []), throughput[0]?.ratio ?? 0])
  const ratios = [...measured].map(([mix, all]) => [mix, Number(median(all).toFixed(3))])
  return {
    date: new Date().toISOString(),
    node: process.versions.node,
    cpu: cpuModel(),
    reviews: stage.material.kind,
    client,
    connections: CONNECTIONS,
    ratios: Object.fromEntries(ratios),
  }
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
  console.log(`\ncompared with ${before.date}${elsewhere === '' ? '' : `, which ran on ${elsewhere}`}:`)
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

/** @throws Error that names the option and the expected value */
function readCheckOptions(): CheckOptions {
  const { values, tokens } = parseArgs({
    tokens: true,
    options: {
      tolerance: { type: 'string', default: '10' },
      append: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      'node-option': { type: 'string', multiple: true },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    console.log(HELP)
    process.exit()
  }
  const tolerance = Number(values.tolerance) / 100
  if (!(tolerance >= 0 && tolerance < 1))
    throw new Error(`--tolerance: found ${values.tolerance}; expected a percentage from 0 to 99`)
  const ours = ['tolerance', 'append']
  const handedOn = tokens.flatMap((token) =>
    token.kind === 'option' && !ours.includes(token.name) ? [`--${token.name}=${token.value}`] : [],
  )
  const fixed = ['--clients', client, '--connections', String(CONNECTIONS), '--rate', '0']
  const load = readLoadOptions([...handedOn, ...fixed], client === 'wrk')
  if (load === 'help') throw new Error('--help was not expected here')
  return { ...load, append: values.append, tolerance }
}
