/**
 * `npm run bench:micro`: the cost of each step of a request, in microseconds and allocated bytes, without TLS, HTTP,
 * metrics and log. Each mix runs in separate processes: unmodified for the total, and with measured steps. Times use
 * Node's default heap sizes; bytes use a young generation so large that nothing is collected between two
 * measurements. `--help` lists the options.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { namesAmong, orExplain, readArguments, whole } from '../arguments.ts'
import { findMaterial } from '../load/material.ts'
import { MIX_NAMES } from '../load/options.ts'
import { describeMachine } from '../load/stage.ts'
import { writeReadme } from '../readme-section.ts'
import type { Gauge, Report } from './pipeline-process.ts'

const machine = describeMachine()
const HELP = `npm run bench:micro -- [options]
  --only NAME,...          mixes (default one-workload,unseen,skipped,rich,env-2000) of ${MIX_NAMES.join(', ')}
  --requests N             of each mix (default 400)
  --out FILE               all figures as JSON
  --write-readme           the tables into bench/README.md
  --help`

const values = readArguments(HELP, {
  only: { type: 'string', default: 'one-workload,unseen,skipped,rich,env-2000' },
  requests: { type: 'string', default: '400' },
  out: { type: 'string' },
  'write-readme': { type: 'boolean', default: false },
})

const mixes = orExplain(() => {
  whole('requests', values.requests, 1)
  return namesAmong('only', values.only, MIX_NAMES)
})

const NODE_ARGS: Readonly<Record<Gauge, readonly string[]>> = {
  micros: [],
  bytes: ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'],
}

function run(mix: string, mode: 'whole' | 'steps', gauge: Gauge): Report {
  const file = new URL('pipeline-process.ts', import.meta.url).pathname
  const args = [...NODE_ARGS[gauge], file, mix, mode, gauge, values.requests]
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`measuring ${mix} failed`)
  return JSON.parse(stdout) as Report // as pipeline-process.ts prints it
}

interface Row {
  readonly name: string
  readonly calls: number
  readonly micros: number
  readonly bytes: number
}

function measure(
  mix: string,
  mode: 'whole' | 'steps',
): { readonly rows: Row[]; readonly missing: readonly string[] } {
  const times = run(mix, mode, 'micros')
  const bytes = run(mix, mode, 'bytes')
  const rows = times.rows.map(({ name, calls, total }) => {
    const allocated = bytes.rows.find((row) => row.name === name)?.total ?? 0
    return { name, calls, micros: total, bytes: allocated }
  })
  return { rows, missing: times.missing }
}

function sum(rows: readonly Row[]): Row {
  const of = (pick: (row: Row) => number): number => rows.reduce((total, row) => total + pick(row), 0)
  return { name: 'all steps', calls: 1, micros: of((row) => row.micros), bytes: of((row) => row.bytes) }
}

const reports = mixes.map((mix) => {
  const [whole, steps] = [measure(mix, 'whole'), measure(mix, 'steps')]
  console.log(`\n${`${mix}:`.padEnd(22)} calls       us     bytes`)
  for (const { name, calls, micros, bytes } of [...steps.rows, sum(steps.rows), ...whole.rows]) {
    const figures = [calls.toFixed(calls % 1 === 0 ? 0 : 2), micros.toFixed(1), bytes.toFixed(0)]
    console.log(name.padEnd(22) + figures.map((text, i) => text.padStart([6, 9, 10][i] ?? 0)).join(''))
  }
  for (const line of steps.missing) console.log(line)
  return { mix, whole: whole.rows, steps: steps.rows }
})
console.log(
  '\nA step is counted without the steps inside it; `parse to encode` is the same without looking inside.',
)
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(reports, null, 1)}\n`)
if (values['write-readme']) {
  const head = ['step', ...reports.map(({ mix }) => `${mix}: us`), ...reports.map(({ mix }) => `${mix}: KiB`)]
  const names = [
    ...new Set(reports.flatMap(({ steps, whole }) => [...steps, ...whole].map(({ name }) => name))),
  ]
  const rows = names.map((name) => {
    const found = reports.map(({ steps, whole }) => [...steps, ...whole].find((row) => row.name === name))
    const micros = found.map((row) => row?.micros.toFixed(1) ?? '')
    const kib = found.map((row) => (row === undefined ? '' : (row.bytes / 1024).toFixed(1)))
    return [name, ...micros, ...kib]
  })
  const body = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
  const material = findMaterial()
  material.close()
  const heading = `${machine}; ${material.description}`
  writeReadme('micro', { heading, body })
}
