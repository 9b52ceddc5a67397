/** Alternating rounds of the null webhook and Remora under one load, and their results. */
import { median, percentile, spread } from '../statistics.ts'
import { type Client, send } from './clients.ts'
import { bodyMaker } from './fill.ts'
import type { Mix } from './mixes.ts'
import { runOpenLoop } from './open-loop.ts'
import type { Stage, Started } from './stage.ts'

/**
 * If a server's core was less busy than this, its client was the bottleneck, and its requests per second mean
 * nothing.
 */
export const BUSY = 0.95

export interface Round {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of the server's process, per request. */
  readonly cpuMicros: number
  /** Of the server's process: 1 is one core all the time. */
  readonly busy: number
}

export interface Comparison {
  readonly mix: string
  readonly client: Client | 'open-loop'
  readonly connections: number
  readonly null: readonly Round[]
  readonly remora: readonly Round[]
  /** CPU time per request of the null webhook divided by Remora's: of the medians, and of each pair of rounds. */
  readonly ratio: number
  readonly ratios: readonly number[]
  readonly spread: number
  /** Remora's requests per second divided by the null webhook's, for the pairs in which both kept their core busy. */
  readonly throughputRatio: number | undefined
  /** Remora's p99 divided by the null webhook's, of the medians. */
  readonly p99Ratio: number
}

/** Requests are numbered across rounds, so that no two rounds send the same bodies. */
export class RoundNumbers {
  #next = 0

  /** Number of the first request of the next round. */
  take(): number {
    return this.#next++ * 4_000_000
  }
}

export interface Plan {
  readonly stage: Stage
  readonly mix: Mix
  readonly limit: Started
  readonly remora: Started
  readonly rounds: number
  readonly seconds: number
  readonly numbers: RoundNumbers
}

/** One client and one server for a while. */
type Drive = (server: Started, start: number) => Promise<Round>

export async function compareThroughput(
  plan: Plan,
  client: Client,
  connections: number,
): Promise<Comparison> {
  const drive: Drive = async ({ process, target }, start) => {
    const before = await process.ask()
    const { folder } = plan.stage
    const sent = await send(client, {
      target,
      mix: plan.mix,
      start,
      connections,
      seconds: plan.seconds,
      folder,
    })
    const cpuMicros = (await process.ask()).cpuMicros - before.cpuMicros
    return {
      requestsPerSecond: sent.requests / sent.seconds,
      p50Ms: sent.p50Ms,
      p99Ms: sent.p99Ms,
      cpuMicros: cpuMicros / sent.requests,
      busy: cpuMicros / 1e6 / sent.seconds,
    }
  }
  return { mix: plan.mix.name, client, connections, ...(await alternate(plan, drive)) }
}

/** If a server gets a fixed rate that it can handle, latency is the result. */
export async function compareLatency(plan: Plan, rate: number, connections: number): Promise<Comparison> {
  const bodyOf = bodyMaker(plan.mix)
  const drive: Drive = async ({ process, target }, start) => {
    const before = await process.ask()
    const { seconds } = plan
    const began = performance.now()
    const latencies = await runOpenLoop({ target, bodyOf, start, rate, seconds, connections })
    const elapsed = (performance.now() - began) / 1000
    const answered = latencies.filter(Number.isFinite).length
    const cpuMicros = (await process.ask()).cpuMicros - before.cpuMicros
    return {
      requestsPerSecond: answered / elapsed,
      p50Ms: percentile(latencies, 50),
      p99Ms: percentile(latencies, 99),
      cpuMicros: cpuMicros / answered,
      busy: cpuMicros / 1e6 / elapsed,
    }
  }
  return { mix: plan.mix.name, client: 'open-loop', connections, ...(await alternate(plan, drive)) }
}

type Compared = Omit<Comparison, 'mix' | 'client' | 'connections'>

async function alternate({ limit, remora, rounds, numbers }: Plan, drive: Drive): Promise<Compared> {
  const [theirs, ours]: [Round[], Round[]] = [[], []]
  for (let i = 0; i < rounds; i++) {
    // Both get the same bodies. The order alternates, so that a machine that slows down favours neither.
    const start = numbers.take()
    if (i % 2 === 1) ours.push(await drive(remora, start))
    theirs.push(await drive(limit, start))
    if (i % 2 === 0) ours.push(await drive(remora, start))
  }
  return summarise(theirs, ours)
}

export function summarise(theirs: readonly Round[], ours: readonly Round[]): Compared {
  const of = (rounds: readonly Round[], pick: (round: Round) => number): number => median(rounds.map(pick))
  const pairs = theirs.flatMap((limit, i) => {
    const remora = ours[i]
    return remora === undefined ? [] : [{ limit, remora }]
  })
  const ratios = pairs.map(({ limit, remora }) => limit.cpuMicros / remora.cpuMicros)
  const busy = pairs.filter(({ limit, remora }) => limit.busy >= BUSY && remora.busy >= BUSY)
  return {
    null: theirs,
    remora: ours,
    ratio: of(theirs, (r) => r.cpuMicros) / of(ours, (r) => r.cpuMicros),
    ratios,
    spread: spread(ratios),
    throughputRatio:
      busy.length === 0
        ? undefined
        : median(busy.map(({ limit, remora }) => remora.requestsPerSecond / limit.requestsPerSecond)),
    p99Ratio: of(ours, (r) => r.p99Ms) / of(theirs, (r) => r.p99Ms),
  }
}
