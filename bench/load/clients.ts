/**
 * The clients that send as fast as the server answers: wrk, which costs little, and autocannon, which costs more
 * than the null webhook. Both send the same bodies (fill.ts, mix.lua).
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import autocannon from 'autocannon'
import type { Target } from './connection.ts'
import { bodyMaker } from './fill.ts'
import type { Mix } from './mixes.ts'

export const CLIENTS = ['wrk', 'autocannon'] as const
export type Client = (typeof CLIENTS)[number]

export interface Load {
  readonly target: Target
  readonly mix: Mix
  /** Number of the first request: rounds do not repeat each other's requests. */
  readonly start: number
  readonly connections: number
  readonly seconds: number
  /** For files that a client reads. */
  readonly folder: string
}

export interface Sent {
  readonly requests: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** A busy machine may give a round no CPU time at all. */
const ATTEMPTS = 3

/** @throws Error if a response is not 200, or none arrives in three attempts */
export async function send(client: Client, load: Load): Promise<Sent> {
  for (let i = 0; i < ATTEMPTS; i++) {
    const sent = await (client === 'wrk' ? runWrk(load) : runAutocannon(load))
    if (sent.requests > 0) return sent
  }
  throw new Error(`${client} had no answer in ${ATTEMPTS} rounds of ${load.seconds} s`)
}

/** Why wrk cannot be used; undefined if it can. */
export function wrkMissing(): string | undefined {
  const { error } = spawnSync('wrk', ['-v'])
  return error === undefined
    ? undefined
    : 'wrk is not installed (apt-get install wrk): only autocannon is used'
}

const SCRIPT = resolve(import.meta.dirname, 'mix.lua')

async function runWrk({ target, mix, start, connections, seconds, folder }: Load): Promise<Sent> {
  const file = join(folder, 'mix.txt')
  writeFileSync(file, mix.text)
  const url = `https://127.0.0.1:${target.port}/inject`
  // wrk accepts only whole seconds.
  const args = ['-t1', `-c${connections}`, `-d${Math.ceil(seconds)}s`, '-s', SCRIPT, url]
  const env = {
    ...process.env,
    MIX_FILE: file,
    MIX_START: String(start),
    MIX_WORKLOADS: String(mix.workloads),
  }
  const child = spawn('wrk', args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')])
  const last = output.trimEnd().split('\n').at(-1) ?? ''
  if (!last.startsWith('{')) throw new Error(`wrk has not reported:\n${output}`)
  const report = JSON.parse(last) as Record<
    'requests' | 'durationUs' | 'p50Us' | 'p99Us' | 'notOk' | 'errors',
    number
  > // as mix.lua writes it
  check(report.requests, report.notOk, report.errors)
  return {
    requests: report.requests,
    seconds: report.durationUs / 1e6,
    p50Ms: report.p50Us / 1000,
    p99Ms: report.p99Us / 1000,
  }
}

async function runAutocannon({ target, mix, start, connections, seconds }: Load): Promise<Sent> {
  const bodyOf = bodyMaker(mix)
  let n = start
  const result = await autocannon({
    url: `https://127.0.0.1:${target.port}/inject`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(bodyOf(0) === bodyOf(1)
      ? { body: mix.text }
      : { requests: [{ setupRequest: (request) => ({ ...request, body: bodyOf(n++) }) }] }),
    connections,
    duration: seconds,
    tlsOptions: { ca: target.ca, servername: 'localhost' },
  })
  check(result['2xx'], result.non2xx, result.errors)
  return {
    requests: result['2xx'],
    seconds: result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  }
}

function check(answered: number, notOk: number, errors: number): void {
  if (notOk > 0 || errors > 0)
    throw new Error(`${answered} answers, ${notOk} that are not 2xx, ${errors} errors`)
}
