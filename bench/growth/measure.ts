/**
 * Measures how a request's cost grows with the pod's size and the number of revisions, and what a reload does to
 * latency.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, send } from '../load/clients.ts'
import { changeImages, changeTemplates, clusterWith, writeCluster } from '../load/clusters.ts'
import { bodyMaker } from '../load/fill.ts'
import { type Mix, makeMixes } from '../load/mixes.ts'
import { runOpenLoop } from '../load/open-loop.ts'
import { RoundNumbers } from '../load/rounds.ts'
import { type Stage, type Started, startRemora } from '../load/stage.ts'
import { untilAnswerSays } from '../memory/measure.ts'
import { fitLine, median } from '../statistics.ts'
import { COUNTS, growPod, type Kind } from './pods.ts'

export interface GrowthPlan {
  readonly stage: Stage
  readonly client: Client
  readonly rounds: number
  /** Of each round. */
  readonly seconds: number
  /** Requests per second while reloading. */
  readonly rate: number
}

export interface Growth {
  readonly kind: Kind
  /** CPU microseconds per request. */
  readonly points: readonly { readonly x: number; readonly y: number }[]
  readonly line: ReturnType<typeof fitLine>
}

/** Every round measures all sizes, so that a machine that slows down does not distort the line. */
export async function measureGrowth(plan: GrowthPlan, kind: Kind): Promise<Growth> {
  const typical = typicalOf(plan.stage)
  const mixes = COUNTS[kind].map((count) => ({
    count,
    mix: growPod(typical, kind, count),
    micros: [] as number[],
  }))
  const numbers = new RoundNumbers()
  const server = await startRemora(plan.stage, { body: typical })
  try {
    for (const { mix } of mixes) await cpuOf(plan, server, { mix, numbers })
    for (let i = 0; i < plan.rounds; i++)
      for (const { mix, micros } of mixes) micros.push(await cpuOf(plan, server, { mix, numbers }))
  } finally {
    await server.process.stop()
  }
  const points = mixes.map(({ count, micros }) => ({ x: count, y: median(micros) }))
  return { kind, points, line: fitLine(points) }
}

export interface ByRevisions {
  readonly one: number
  readonly twenty: number
  /** The ratio of the medians: 20 revisions compared with one. */
  readonly ratio: number
}

const MANY = 20

/** CPU microseconds per request. */
export async function measureRevisions(plan: GrowthPlan): Promise<ByRevisions> {
  const mix = mixOf(plan.stage, 'one-workload')
  const numbers = new RoundNumbers()
  const servers = [await startWith(plan, 1), await startWith(plan, MANY)].map(({ server }) => ({
    server,
    micros: [] as number[],
  }))
  try {
    for (const { server } of servers) await cpuOf(plan, server, { mix, numbers })
    for (let i = 0; i < plan.rounds; i++)
      for (const { server, micros } of i % 2 === 0 ? servers : servers.toReversed())
        micros.push(await cpuOf(plan, server, { mix, numbers }))
  } finally {
    for (const { server } of servers) await server.process.stop()
  }
  const [one = Number.NaN, twenty = Number.NaN] = servers.map(({ micros }) => median(micros))
  return { one, twenty, ratio: twenty / one }
}

export interface ReloadDelay {
  readonly revisions: number
  /** How many of them change at once. */
  readonly changed: number
  /**
   * `values`: a value changes that many pods have, as when a tag is set; `templates`: the templates' texts change
   * too.
   */
  readonly what: 'values' | 'templates'
  /** Milliseconds of the slowest request in each second: without changes, and with one change per second. */
  readonly normal: readonly number[]
  readonly reloading: readonly number[]
}

/** The interval between changes of a revision's values. */
const RELOADS = 5
const RELOAD_EVERY_MS = 1000
/** In the middle of its second, so that the delay is counted there. */
const RELOAD_AFTER_MS = 300

export async function measureReload(
  plan: GrowthPlan,
  { revisions, changed, what }: Pick<ReloadDelay, 'revisions' | 'changed' | 'what'>,
): Promise<ReloadDelay> {
  const { server, cluster, parts } = await startWith(plan, revisions)
  const bodyOf = bodyMaker(mixOf(plan.stage, 'one-workload'))
  const numbers = new RoundNumbers()
  const { target } = server
  const seconds = (RELOADS * RELOAD_EVERY_MS) / 1000
  const load = { target, bodyOf, rate: plan.rate, seconds, connections: 8 }
  const slowest = async (): Promise<readonly number[]> =>
    slowestBySecond(await runOpenLoop({ ...load, start: numbers.take() }), plan.rate)
  try {
    // Warm, and long enough after the start.
    await slowest()
    const normal = await slowest()
    const names = [...parts.revisions.keys()].slice(0, changed)
    const changes = Array.from({ length: RELOADS }, (_, i) => {
      const label = `bench-reload-${i + 1}`
      const changed = changeImages(parts, names, label)
      return what === 'values' ? changed : changeTemplates(changed, names, label)
    })
    const driven = slowest()
    const began = performance.now()
    for (const [i, change] of changes.entries()) {
      await sleep(began + i * RELOAD_EVERY_MS + RELOAD_AFTER_MS - performance.now())
      writeCluster(cluster, change)
    }
    const reloading = await driven
    await untilAnswerSays(target, bodyOf(1), `bench-reload-${RELOADS}`)
    return { revisions, changed, what, normal, reloading }
  } finally {
    await server.process.stop()
  }
}

/** @param latencies in the order in which requests were due, `rate` of them per second */
export function slowestBySecond(latencies: readonly number[], rate: number): readonly number[] {
  const seconds = Math.ceil(latencies.length / rate)
  return Array.from({ length: seconds }, (_, i) => Math.max(...latencies.slice(i * rate, (i + 1) * rate)))
}

async function startWith(plan: GrowthPlan, revisions: number) {
  const parts = clusterWith(plan.stage.material.clusterFolder, revisions)
  const cluster = join(plan.stage.folder, `growth-${revisions}`)
  writeCluster(cluster, parts)
  return { server: await startRemora(plan.stage, { body: typicalOf(plan.stage), cluster }), cluster, parts }
}

async function cpuOf(
  { client, seconds, stage }: GrowthPlan,
  { process, target }: Started,
  { mix, numbers }: { readonly mix: Mix; readonly numbers: RoundNumbers },
): Promise<number> {
  const before = await process.ask()
  const load = { target, mix, start: numbers.take(), connections: 8, seconds, folder: stage.folder }
  const { requests } = await send(client, load)
  return ((await process.ask()).cpuMicros - before.cpuMicros) / requests
}

function typicalOf({ material }: Stage): string {
  const text = material.reviews.get('typical')
  if (text === undefined) throw new Error('the review typical is missing')
  return text
}

function mixOf({ material }: Stage, name: string): Mix {
  const mix = makeMixes(material.reviews).find((one) => one.name === name)
  if (mix === undefined) throw new Error(`no mix is called ${name}`)
  return mix
}
