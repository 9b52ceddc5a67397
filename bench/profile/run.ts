/**
 * `npm run bench:profile`: Remora's production build under one mix with V8's sampling profiler; prints the functions
 * with the most self time. `--help` lists the options.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { namesAmong, orExplain, readArguments, whole } from '../arguments.ts'
import { send, wrkMissing } from '../load/clients.ts'
import { bodyMaker } from '../load/fill.ts'
import { makeMixes } from '../load/mixes.ts'
import { MIX_NAMES } from '../load/options.ts'
import { openStage, type Stage, startRemora } from '../load/stage.ts'
import { writeReadme } from '../readme-section.ts'
import { type CpuProfile, selfTimes, shareByOwner } from './self-time.ts'
import { inSources } from './source-frames.ts'

const HELP = `npm run bench:profile -- [options]
  --only NAME              a mix (default one-workload): ${MIX_NAMES.join(', ')}
  --seconds N              whole ones (default 5)
  --top N                  functions that are printed (default 30)
  --node-option=OPTION     of Node, for Remora's process only; repeatable
  --out FILE               the .cpuprofile, for a browser's tools
  --write-readme           the top costs into bench/README.md
  --help`

const values = readArguments(HELP, {
  only: { type: 'string', default: 'one-workload' },
  seconds: { type: 'string', default: '5' },
  top: { type: 'string', default: '30' },
  out: { type: 'string' },
  'node-option': { type: 'string', multiple: true, default: [] },
  'write-readme': { type: 'boolean', default: false },
})

const { seconds, top } = orExplain(() => {
  namesAmong('only', values.only, MIX_NAMES)
  return { seconds: whole('seconds', values.seconds, 1), top: whole('top', values.top, 1) }
})

const INTERVAL_US = 200
/** The number of functions in the README. */
const README_TOP = 15

const stage = await openStage(values['node-option'])
try {
  const { profile, since } = await record(stage)
  const root = `${pathToFileURL(resolve(import.meta.dirname, '../..')).href}/`
  const costs = selfTimes(profile, root, since)
  const percent = (share: number): string => (share * 100).toFixed(1)
  console.log(`${stage.heading}\n${values.only}, ${seconds} s; self time in % of the busy time`)
  for (const { name, place, share } of costs.slice(0, top))
    console.log(`${percent(share).padStart(6)}  ${name}  ${place}`)
  const owners = [...shareByOwner(costs)].filter(([, share]) => share >= 0.005)
  console.log(`\nby package: ${owners.map(([owner, share]) => `${owner} ${percent(share)}`).join(', ')}`)
  if (values['write-readme']) {
    const rows = costs
      .slice(0, README_TOP)
      .map((cost) => `| ${percent(cost.share)} | \`${cost.name}\` | ${cost.place} |`)
    const table = ['| % | function | where |', '|---|---|---|', ...rows].join('\n')
    const byOwner = owners.map(([owner, share]) => `${owner} ${percent(share)} %`).join(', ')
    const body = `Mix \`${values.only}\`, self time in % of the busy time.\n\n${table}\n\nBy package: ${byOwner}.`
    writeReadme('profile', { heading: stage.heading, body })
  }
} finally {
  stage.close()
}

interface Recorded {
  readonly profile: CpuProfile
  /** Samples before this belong to startup and warm-up. */
  readonly since: number
}

async function record({ folder, material, ...rest }: Stage): Promise<Recorded> {
  const mix = makeMixes(material.reviews).find(({ name }) => name === values.only)
  if (mix === undefined) throw new Error(`no mix is called ${values.only}`)
  const profiles = join(folder, 'profiles')
  const nodeArgs = ['--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-interval=${INTERVAL_US}`]
  const server = await startRemora({ folder, material, ...rest }, { body: bodyMaker(mix)(0), nodeArgs })
  const client = wrkMissing() === undefined ? 'wrk' : 'autocannon'
  const { target } = server
  let since = 0
  try {
    const load = { target, mix, connections: 8, seconds, folder }
    await send(client, { ...load, start: 1, seconds: 2 })
    since = Number(process.hrtime.bigint() / 1000n)
    await send(client, { ...load, start: 4_000_000 })
  } finally {
    // The profile is written when the process ends.
    await server.process.stop()
  }
  const [file] = readdirSync(profiles)
  if (file === undefined) throw new Error('the server left no profile')
  const profile = inSources(JSON.parse(readFileSync(join(profiles, file), 'utf8')) as CpuProfile) // V8's format
  if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(profile))
  return { profile, since }
}
