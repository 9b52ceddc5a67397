/**
 * Measures the rows of the load benchmark: for each mix, starts both servers anew, warms them up, and runs each
 * client and number of connections, then the fixed rate.
 */
import { type Client, send } from './clients.ts'
import { bodyMaker } from './fill.ts'
import { type Mix, makeMixes } from './mixes.ts'
import { type Comparison, compareLatency, compareThroughput, RoundNumbers } from './rounds.ts'
import { patchOf, type Stage, startNull, startRemora } from './stage.ts'

export interface LoadPlan {
  readonly mixes: readonly string[]
  readonly clients: readonly Client[]
  readonly connections: readonly number[]
  /** autocannon uses more CPU than the servers that it measures, so it runs with fewer numbers of connections. */
  readonly autocannonConnections: readonly number[]
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
  /** Requests per second of the open loop; 0: none. */
  readonly rate: number
  readonly rateRounds: number
  readonly rateSeconds: number
  readonly rateMixes: readonly string[]
}

export interface MixResult {
  readonly mix: string
  readonly what: string
  readonly bodyBytes: number
  readonly patchBytes: number
  readonly throughput: readonly Comparison[]
  readonly latency: Comparison | undefined
  /** After all rounds. */
  readonly rssBytes: { readonly null: number; readonly remora: number }
}

/** For the open loop: enough that one is always free. */
const RATE_CONNECTIONS = 8

export async function measureLoad(
  stage: Stage,
  plan: LoadPlan,
  onRow: (comparison: Comparison) => void,
): Promise<readonly MixResult[]> {
  const mixes = makeMixes(stage.material.reviews)
  const unknown = [...plan.mixes, ...plan.rateMixes].find((name) => !mixes.some((mix) => mix.name === name))
  if (unknown !== undefined)
    throw new Error(`no mix is called ${unknown}; have ${mixes.map(({ name }) => name).join(', ')}`)
  const results: MixResult[] = []
  for (const mix of mixes.filter(({ name }) => plan.mixes.includes(name)))
    results.push(await measureMix(stage, plan, { mix, onRow }))
  return results
}

async function measureMix(
  stage: Stage,
  plan: LoadPlan,
  { mix, onRow }: { readonly mix: Mix; readonly onRow: (comparison: Comparison) => void },
): Promise<MixResult> {
  const numbers = new RoundNumbers()
  const body = bodyMaker(mix)(numbers.take())
  const remora = await startRemora(stage, { body })
  try {
    const patch = patchOf(remora.answer)
    const limit = await startNull(stage, { body, patch })
    try {
      const client = plan.clients[0] ?? 'autocannon'
      for (const { target } of [limit, remora]) {
        const load = { target, mix, start: numbers.take(), connections: 8, folder: stage.folder }
        await send(client, { ...load, seconds: plan.warmUpSeconds })
      }
      const { rounds, seconds } = plan
      const pair = { stage, mix, limit, remora, rounds, seconds, numbers }
      const throughput: Comparison[] = []
      for (const client of plan.clients) {
        const counts = client === 'autocannon' ? plan.autocannonConnections : plan.connections
        for (const connections of counts) {
          const comparison = await compareThroughput(pair, client, connections)
          onRow(comparison)
          throughput.push(comparison)
        }
      }
      const latency =
        plan.rate > 0 && plan.rateMixes.includes(mix.name)
          ? await compareLatency(
              { ...pair, rounds: plan.rateRounds, seconds: plan.rateSeconds },
              plan.rate,
              RATE_CONNECTIONS,
            )
          : undefined
      if (latency !== undefined) onRow(latency)
      const [nulls, ours] = [await limit.process.ask(), await remora.process.ask()]
      return {
        mix: mix.name,
        what: mix.what,
        bodyBytes: body.length,
        patchBytes: patch.length,
        throughput,
        latency,
        rssBytes: { null: nulls.rssBytes, remora: ours.rssBytes },
      }
    } finally {
      await limit.process.stop()
    }
  } finally {
    await remora.process.stop()
  }
}
