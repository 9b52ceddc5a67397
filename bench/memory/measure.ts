/** Measures one server: startup time, memory at rest and under load, and how long a rebuild blocks the event loop. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, send } from '../load/clients.ts'
import { type ClusterParts, changeImages, clusterWith, writeCluster } from '../load/clusters.ts'
import { Connection, type Target } from '../load/connection.ts'
import { bodyMaker } from '../load/fill.ts'
import { startLiveApi } from '../load/live-api.ts'
import { type Mix, makeMixes } from '../load/mixes.ts'
import { patchOf, type Stage, type Started, startNull, startRemora } from '../load/stage.ts'
import { median } from '../statistics.ts'

export interface Life {
  readonly server: string
  readonly revisions: number
  /** The median of several starts; the other figures are from the last start. */
  readonly readyMs: number
  readonly idleRssBytes: number
  /** The largest value under load. */
  readonly loadedRssBytes: number
  /** The longest blocks of the event loop: at rest, and while that many revisions are rebuilt. */
  readonly pauseMs: { readonly resting: number; readonly one: number; readonly all: number } | undefined
}

export interface LifePlan {
  readonly stage: Stage
  readonly client: Client
  /** How often each is started. */
  readonly starts: number
  /** Of each of the two mixes. */
  readonly seconds: number
}

/** Many workloads, which fill the caches, and then only unseen ones. */
const LOAD_MIXES = ['thousand', 'unseen']

export async function measureNull(plan: LifePlan): Promise<Life> {
  const { stage } = plan
  const body = bodyMaker(mixOf(stage, 'unseen'))(0)
  const sample = await startRemora(stage, { body })
  await sample.process.stop()
  const patch = patchOf(sample.answer)
  const { readyMs, last } = await startOften(plan, () => startNull(stage, { body, patch }))
  try {
    return {
      server: 'null webhook',
      revisions: 0,
      readyMs,
      ...(await memoryOf(plan, last)),
      pauseMs: undefined,
    }
  } finally {
    await last.process.stop()
  }
}

export async function measureFolder(plan: LifePlan, revisions: number): Promise<Life> {
  const { stage } = plan
  const parts = clusterWith(stage.material.clusterFolder, revisions)
  const cluster = join(stage.folder, `cluster-${revisions}`)
  writeCluster(cluster, parts)
  const update = (next: ClusterParts): void => writeCluster(cluster, next)
  return measureRemora(plan, { name: 'folder', cluster, parts, update })
}

/** The API is served by the benchmark's own process. */
export async function measureLive(plan: LifePlan, revisions: number): Promise<Life> {
  const { stage } = plan
  const parts = clusterWith(stage.material.clusterFolder, revisions)
  const api = await startLiveApi(stage.folder, parts)
  const env = { KUBECONFIG: api.kubeconfig }
  try {
    return await measureRemora(plan, { name: 'live', cluster: 'live', parts, update: api.update, env })
  } finally {
    await api.close()
  }
}

interface Source {
  readonly name: string
  readonly cluster: string
  readonly parts: ClusterParts
  readonly update: (parts: ClusterParts) => void
  readonly env?: Readonly<Record<string, string>>
}

async function measureRemora(plan: LifePlan, source: Source): Promise<Life> {
  const { cluster, parts, env } = source
  const body = bodyMaker(mixOf(plan.stage, 'unseen'))(0)
  const { readyMs, last } = await startOften(plan, () =>
    startRemora(plan.stage, { body, cluster, ...(env && { env }) }),
  )
  try {
    const memory = await memoryOf(plan, last)
    const resting = await pauseOf(last, () => sleep(1000))
    const rebuild = (names: readonly string[], label: string): Promise<number> =>
      pauseOf(last, async () => {
        source.update(changeImages(parts, names, label))
        await untilAnswerSays(last.target, body, label)
      })
    const one = await rebuild(['default'], 'bench-one')
    const all = await rebuild([...parts.revisions.keys()], 'bench-all')
    const { revisions } = parts
    const pauseMs = { resting, one, all }
    return { server: source.name, revisions: revisions.size, readyMs, ...memory, pauseMs }
  } finally {
    await last.process.stop()
  }
}

async function startOften(
  { starts }: LifePlan,
  start: () => Promise<Started>,
): Promise<{ readonly readyMs: number; readonly last: Started }> {
  let last = await start()
  const times = [last.readyMs]
  while (times.length < starts) {
    await last.process.stop()
    last = await start()
    times.push(last.readyMs)
  }
  return { readyMs: median(times), last }
}

async function memoryOf(
  plan: LifePlan,
  { process, target }: Started,
): Promise<Pick<Life, 'idleRssBytes' | 'loadedRssBytes'>> {
  await sleep(1500)
  const idleRssBytes = (await process.ask()).rssBytes
  let loadedRssBytes = 0
  const { folder } = plan.stage
  for (const [i, name] of LOAD_MIXES.entries()) {
    const mix = mixOf(plan.stage, name)
    const load = { target, mix, start: (i + 1) * 4_000_000, connections: 8, seconds: plan.seconds, folder }
    let done = false
    const sent = send(plan.client, load).finally(() => {
      done = true
    })
    while (!done) {
      loadedRssBytes = Math.max(loadedRssBytes, (await process.ask()).rssBytes)
      await sleep(100)
    }
    await sent
  }
  return { idleRssBytes, loadedRssBytes }
}

async function pauseOf({ process }: Started, work: () => Promise<void>): Promise<number> {
  await process.ask('watch-loop')
  await work()
  await sleep(200)
  return (await process.ask()).longestPauseMs
}

/** Waits until the patch contains a text, at most ten seconds. */
export async function untilAnswerSays(target: Target, body: string, text: string): Promise<void> {
  const connection = await Connection.open(target)
  try {
    for (const end = performance.now() + 10_000; performance.now() < end; await sleep(20)) {
      const patch = patchOf((await connection.post(body)).body.toString())
      if (Buffer.from(patch, 'base64').includes(text)) return
    }
  } finally {
    connection.close()
  }
  throw new Error(`the change of the cluster was not taken over: no answer says ${text}`)
}

function mixOf(stage: Stage, name: string): Mix {
  const mix = makeMixes(stage.material.reviews).find((one) => one.name === name)
  if (mix === undefined) throw new Error(`no mix is called ${name}`)
  return mix
}
