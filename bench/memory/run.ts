/**
 * `npm run bench:memory`: memory at rest and under load, startup time, and the longest pause of the event loop while
 * the configuration is rebuilt: with 1, 3 and 20 revisions, from a folder and live, compared with the null webhook.
 * Live mode uses the test suite's API (test/cluster/live/fake-api.ts), so no cluster is needed. Finally it runs one
 * server with everything at its limit at once, in a control group with the chart's memory limit, and exits with 1 if
 * that does not survive. `--help` lists the options.
 */
import { writeFileSync } from 'node:fs'
import { orExplain, readArguments, whole } from '../arguments.ts'
import { wrkMissing } from '../load/clients.ts'
import { openStage } from '../load/stage.ts'
import { writeReadme } from '../readme-section.ts'
import { type AtBounds, measureAtBounds } from './at-bounds.ts'
import { type Life, measureFolder, measureLive, measureNull } from './measure.ts'

const HELP = `npm run bench:memory -- [options]
  --revisions N,...        of the cluster (default 1,3,20)
  --starts N               of each server; the median counts (default 5)
  --seconds N              of each mix, whole ones (default 3)
  --node-option=OPTION     of Node, for Remora's process only; repeatable
  --only-bounds            only the server with everything at its limit
  --out FILE               all figures as JSON
  --write-readme           the table into bench/README.md
  --help`

const values = readArguments(HELP, {
  revisions: { type: 'string', default: '1,3,20' },
  starts: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '3' },
  'node-option': { type: 'string', multiple: true, default: [] },
  'only-bounds': { type: 'boolean', default: false },
  out: { type: 'string' },
  'write-readme': { type: 'boolean', default: false },
})

const { revisions: counts, ...numbers } = orExplain(() => ({
  revisions: values.revisions.split(',').map((text) => whole('revisions', text, 1)),
  starts: whole('starts', values.starts, 1),
  seconds: whole('seconds', values.seconds, 1),
}))

const HEAD = [
  'server',
  'revisions',
  'ready ms',
  'RSS idle MiB',
  'RSS loaded MiB',
  'of null',
  'pause ms: resting',
  'one rebuilt',
  'all rebuilt',
]

function cells(life: Life, limit: Life): readonly string[] {
  const pause = (ms: number | undefined): string => ms?.toFixed(0) ?? ''
  return [
    life.server,
    life.revisions === 0 ? '' : String(life.revisions),
    life.readyMs.toFixed(0),
    mib(life.idleRssBytes),
    mib(life.loadedRssBytes),
    (life.loadedRssBytes / limit.loadedRssBytes).toFixed(2),
    pause(life.pauseMs?.resting),
    pause(life.pauseMs?.one),
    pause(life.pauseMs?.all),
  ]
}

const line = (texts: readonly string[]): string =>
  texts.map((text, i) => text.padEnd(Math.max(12, HEAD[i]?.length ?? 0) + 2)).join('')

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)

function describeBounds(found: AtBounds): string {
  const how = found.isLimited ? 'by cgroup' : 'not enforced, because no cgroup can be created'
  return [
    `everything at its limit at once, memory limit ${mib(found.limitBytes)} MiB ${how}: ${found.failure ?? 'survived'}, peak resident memory ${mib(found.peakRssBytes)} MiB including file pages`,
    ...found.steps.map(
      ({ name, rssBytes, heapUsedBytes }) =>
        `  after ${name}: ${mib(rssBytes)} MiB resident, ${mib(heapUsedBytes)} MiB of heap in use`,
    ),
    `  caches: ${found.caches}; answers: ${found.statuses}`,
  ].join('\n')
}

const stage = await openStage(values['node-option'])
try {
  if (!values['only-bounds']) await measureLives()
  else console.log(stage.heading)
  const atBounds = await measureAtBounds(stage)
  console.log(describeBounds(atBounds))
  if (values['write-readme'])
    writeReadme('memory-bounds', {
      heading: stage.heading,
      body: `\`\`\`\n${describeBounds(atBounds)}\n\`\`\``,
    })
  if (atBounds.failure !== undefined) process.exitCode = 1
} finally {
  stage.close()
}

async function measureLives(): Promise<void> {
  console.log(`${stage.heading}\n${line(HEAD)}`)
  const client = wrkMissing() === undefined ? 'wrk' : 'autocannon'
  const plan = { stage, client, ...numbers } as const
  const limit = await measureNull(plan)
  const lives = [limit]
  console.log(line(cells(limit, limit)))
  for (const measure of [measureFolder, measureLive]) {
    for (const revisions of counts) {
      const life = await measure(plan, revisions)
      lives.push(life)
      console.log(line(cells(life, limit)))
    }
  }
  console.log(
    `ready: start of the process to /readyz (null webhook: to its first answer), median of ${plan.starts}; loaded: the most while ${client} sends the mixes thousand and unseen, 8 connections`,
  )
  if (values.out !== undefined)
    writeFileSync(values.out, `${JSON.stringify({ heading: stage.heading, lives }, null, 1)}\n`)
  if (values['write-readme']) {
    const rows = [HEAD, HEAD.map(() => '---'), ...lives.map((life) => cells(life, limit))]
    writeReadme('memory', {
      heading: stage.heading,
      body: rows.map((row) => `| ${row.join(' | ')} |`).join('\n'),
    })
  }
}
