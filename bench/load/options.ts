/** The options of the load benchmark; the other commands that drive servers have the same ones. */
import { parseArgs } from 'node:util'
import { namesAmong, whole } from '../arguments.ts'
import { CLIENTS, type Client } from './clients.ts'
import type { LoadPlan } from './measure.ts'

export const HELP = `npm run bench -- [options]
  --only NAME,...          mixes (default all): typical, one-workload, managed-fields, thousand, unseen, skipped, rich, env-2000
  --clients NAME,...       wrk, autocannon (default both)
  --connections N,...      default 1,8,64 for wrk and 8 for autocannon
  --rounds N               alternating rounds of each server (default 5)
  --seconds N              of each round, whole ones (default 1)
  --warm-up N              seconds before the first round (default 20)
  --rate N                 requests a second of the open loop (default 1000; 0: leave it out)
  --rate-rounds N          of the open loop: more, since a slow moment of the machine makes a percentile (default 15)
  --rate-seconds N         of each of them (default 2)
  --rate-only NAME,...     mixes that it runs for (default typical,one-workload,unseen,skipped)
  --node-option=OPTION     of Node, for Remora's process only; repeatable
  --out FILE               all figures as JSON
  --write-readme           the table into bench/README.md
  --help`

export interface LoadOptions {
  readonly plan: LoadPlan
  readonly nodeArgs: readonly string[]
  readonly out: string | undefined
  readonly writeReadme: boolean
}

/** In the order of the table. */
export const MIX_NAMES: readonly string[] = [
  'typical',
  'one-workload',
  'managed-fields',
  'thousand',
  'unseen',
  'skipped',
  'rich',
  'env-2000',
]

/** @throws Error that names the option and the expected value */
export function readLoadOptions(args: readonly string[], haveWrk: boolean): LoadOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: MIX_NAMES.join() },
      clients: { type: 'string', default: haveWrk ? 'wrk,autocannon' : 'autocannon' },
      connections: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '1' },
      'warm-up': { type: 'string', default: '20' },
      rate: { type: 'string', default: '1000' },
      'rate-rounds': { type: 'string', default: '15' },
      'rate-seconds': { type: 'string', default: '2' },
      'rate-only': { type: 'string' },
      'node-option': { type: 'string', multiple: true, default: [] },
      out: { type: 'string' },
      'write-readme': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const mixes = namesAmong('only', values.only, MIX_NAMES)
  const connections = values.connections?.split(',').map((text) => whole('connections', text, 1))
  const rateMixes =
    values['rate-only'] === undefined
      ? ['typical', 'one-workload', 'unseen', 'skipped'].filter((name) => mixes.includes(name))
      : namesAmong('rate-only', values['rate-only'], MIX_NAMES)
  return {
    plan: {
      mixes,
      clients: values.clients.split(',').map(readClient),
      connections: connections ?? [1, 8, 64],
      autocannonConnections: connections ?? [8],
      rounds: whole('rounds', values.rounds, 1),
      seconds: whole('seconds', values.seconds, 1),
      warmUpSeconds: whole('warm-up', values['warm-up'], 1),
      rate: whole('rate', values.rate, 0),
      rateRounds: whole('rate-rounds', values['rate-rounds'], 1),
      rateSeconds: whole('rate-seconds', values['rate-seconds'], 1),
      rateMixes,
    },
    nodeArgs: values['node-option'],
    out: values.out,
    writeReadme: values['write-readme'],
  }
}

function readClient(name: string): Client {
  const client = CLIENTS.find((known) => known === name)
  if (client === undefined) throw new Error(`--clients: found ${name}; expected ${CLIENTS.join(' or ')}`)
  return client
}
