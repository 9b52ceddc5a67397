/**
 * `npm run bench:growth`: CPU per request by number of containers, environment variables and annotations (and a plot,
 * bench/growth.svg), by number of revisions, and the longest delay of a request while the configuration is reloaded.
 * `--help` lists the options.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { namesAmong, orExplain, readArguments, whole } from '../arguments.ts'
import { wrkMissing } from '../load/clients.ts'
import { openStage } from '../load/stage.ts'
import { writeReadme } from '../readme-section.ts'
import { median } from '../statistics.ts'
import { type Growth, measureGrowth, measureReload, measureRevisions, type ReloadDelay } from './measure.ts'
import { describeLine, plotGrowth } from './plot.ts'
import { KINDS } from './pods.ts'

const HELP = `npm run bench:growth -- [options]
  --only NAME,...          of containers, env, annotations, revisions, reload (default all)
  --rounds N               of each size (default 3)
  --seconds N              of each round, whole ones (default 1)
  --rate N                 requests a second while the configuration is reloaded (default 1000)
  --node-option=OPTION     of Node, for Remora's process only; repeatable
  --out FILE               all figures as JSON
  --write-readme           the figures into bench/README.md, and bench/growth.svg
  --help`

const values = readArguments(HELP, {
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '1' },
  rate: { type: 'string', default: '1000' },
  only: { type: 'string', default: 'containers,env,annotations,revisions,reload' },
  'node-option': { type: 'string', multiple: true, default: [] },
  out: { type: 'string' },
  'write-readme': { type: 'boolean', default: false },
})

/** A reload may delay a request by this much more than normal. */
const LIMIT_MS = 50
const RELOADED = [
  { revisions: 1, changed: 1, what: 'values' },
  { revisions: 3, changed: 1, what: 'values' },
  { revisions: 3, changed: 1, what: 'templates' },
  { revisions: 3, changed: 3, what: 'templates' },
  { revisions: 20, changed: 1, what: 'values' },
  { revisions: 20, changed: 20, what: 'values' },
  { revisions: 20, changed: 20, what: 'templates' },
] as const
const { wanted, rounds, seconds, rate } = orExplain(() => ({
  wanted: namesAmong('only', values.only, ['containers', 'env', 'annotations', 'revisions', 'reload']),
  rounds: whole('rounds', values.rounds, 1),
  seconds: whole('seconds', values.seconds, 1),
  rate: whole('rate', values.rate, 1),
}))
const lines: string[] = []
const say = (line: string): void => {
  lines.push(line)
  console.log(line)
}

function describeReload({ revisions, changed, what, normal, reloading }: ReloadDelay): string {
  const [worst, usual] = [Math.max(...reloading), Math.max(...normal)]
  const within = worst - usual <= LIMIT_MS ? 'within' : 'beyond'
  const verdict = Number.isFinite(usual)
    ? `${within} ${LIMIT_MS} ms over normal`
    : 'the server could not keep up even without reloads, so there is no verdict'
  const slowest = (all: readonly number[]): string =>
    `${Math.max(...all).toFixed(1)} ms (median of seconds ${median(all).toFixed(1)})`
  return `- ${reloading.length} reloads of the ${what} of ${changed} of ${revisions} revisions at ${values.rate} requests/s: slowest request ${slowest(reloading)}, without reload ${slowest(normal)}: ${verdict}`
}

const stage = await openStage(values['node-option'])
try {
  console.log(stage.heading)
  const client = wrkMissing() === undefined ? 'wrk' : 'autocannon'
  const plan = { stage, client, rounds, seconds, rate } as const
  const growths: Growth[] = []
  for (const kind of KINDS.filter((name) => wanted.includes(name))) {
    const growth = await measureGrowth(plan, kind)
    growths.push(growth)
    const points = growth.points.map(({ x, y }) => `${x}: ${y.toFixed(0)}`).join(', ')
    say(`- CPU µs per request by ${kind} added: ${points}; ${describeLine(growth.line)}`)
  }
  if (wanted.includes('revisions')) {
    const { one, twenty, ratio } = await measureRevisions(plan)
    say(
      `- CPU µs per request with 1 revision ${one.toFixed(1)}, with 20 ${twenty.toFixed(1)}: x ${ratio.toFixed(2)}`,
    )
  }
  const reloads: ReloadDelay[] = []
  for (const how of wanted.includes('reload') ? RELOADED : []) {
    const delay = await measureReload(plan, how)
    reloads.push(delay)
    say(describeReload(delay))
  }
  if (values.out !== undefined)
    writeFileSync(values.out, `${JSON.stringify({ heading: stage.heading, growths, reloads }, null, 1)}\n`)
  if (values['write-readme']) {
    if (growths.length === KINDS.length)
      writeFileSync(join(import.meta.dirname, '../growth.svg'), plotGrowth(growths))
    writeReadme('growth', { heading: stage.heading, body: lines.join('\n') })
  }
} finally {
  stage.close()
}
