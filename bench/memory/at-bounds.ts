/**
 * One server with everything at its limit at once, in a control group with the chart's memory limit: the
 * configurations and objects of full-cluster.ts, full caches, and as many bytes of bodies as are admitted, each
 * processed while the others wait.
 */
import { once } from 'node:events'
import { readFileSync, rmdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { makeCgroup } from '../../test/hostile/process-limits.ts'
import { Connection, type Target } from '../load/connection.ts'
import { bodyMaker } from '../load/fill.ts'
import { startLiveApi } from '../load/live-api.ts'
import { makeMixes, type Review } from '../load/mixes.ts'
import { type Stage, type Started, startRemora } from '../load/stage.ts'
import { fullCluster, REVISIONS } from './full-cluster.ts'

export interface AtBounds {
  readonly limitBytes: number
  /** Whether there is a cgroup; if not, only the peak shows whether the limit would have been kept. */
  readonly isLimited: boolean
  readonly peakRssBytes: number
  /** After each step, in its order. */
  readonly steps: readonly {
    readonly name: string
    readonly rssBytes: number
    readonly heapUsedBytes: number
  }[]
  /** How the server ended before it was stopped; undefined if it survived. */
  readonly failure: string | undefined
  readonly statuses: string
  readonly caches: string
}

const CHART = new URL('../../charts/remora/values.yaml', import.meta.url)
/** Nearly the largest body, and as many as --max-buffered-bytes admits, plus one that is rejected. */
const BODY_BYTES = 7_500_000
const BODIES = 5
const ROUNDS = 2
/** The workloads that fill the caches: each occurs twice, because only repeated ones are cached. */
const WORKLOADS = 1500

export async function measureAtBounds(stage: Stage): Promise<AtBounds> {
  const limitBytes = chartLimit()
  const cgroup = makeCgroup(limitBytes, 'bounds')
  const parts = fullCluster(stage.material.clusterFolder)
  const api = await startLiveApi(stage.folder, parts)
  const typical = stage.material.reviews.get('typical')
  if (typical === undefined) throw new Error('no review is called typical')
  const steps: { name: string; rssBytes: number; heapUsedBytes: number }[] = []
  let started: Started | undefined
  let failure: string | undefined
  let [peakRssBytes, caches] = [0, '']
  const statuses = new Map<number, number>()
  try {
    started = await startRemora(stage, {
      body: bodyMaker({ text: typical, workloads: 1 })(0),
      cluster: 'live',
      readyWithinMs: 120_000,
      env: { KUBECONFIG: api.kubeconfig },
      ...(cgroup !== undefined && { cgroup }),
    })
    const { process, target, healthPort = 0 } = started
    const step = async (name: string): Promise<void> => {
      peakRssBytes = Math.max(peakRssBytes, peakOf(process.pid))
      const { rssBytes, heapUsedBytes } = await process.ask()
      steps.push({ name, rssBytes, heapUsedBytes })
    }
    await sleep(3000)
    await step('configurations and objects')
    await fillCaches(target, typical)
    caches = await cacheBytes(healthPort)
    await step('caches')
    for (const [name, unit] of UNITS) {
      for (let round = 0; round < ROUNDS; round++)
        for (const status of await sendTogether(target, unit))
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
      await step(`bodies of ${name}`)
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error)
  } finally {
    failure = started?.process.ended ?? failure
    await started?.process.stop()
    await api.close()
    if (cgroup !== undefined) rmdirSync(cgroup)
  }
  return {
    limitBytes,
    isLimited: cgroup !== undefined,
    peakRssBytes,
    steps,
    failure,
    caches,
    statuses: [...statuses].map(([status, count]) => `${count} x ${status}`).join(', '),
  }
}

function chartLimit(): number {
  const mi = /^ {2}limits:\n(?: {4}.*\n)*? {4}memory: (\d+)Mi$/m.exec(readFileSync(CHART, 'utf8'))?.[1]
  if (mi === undefined) throw new Error('charts/remora/values.yaml: expected resources.limits.memory in Mi')
  return Number(mi) * 2 ** 20
}

/** The peak resident memory since the start of the process. */
function peakOf(pid: number): number {
  const kb = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kb ?? 0) * 1024
}

/**
 * Fills the answer cache with many workloads, and the specialised templates with annotations that templates read as
 * constants.
 */
async function fillCaches(target: Target, typical: string): Promise<void> {
  const unseen = makeMixes(
    new Map([...['typical', 'skipped', 'rich', 'env-2000'].map((name) => [name, typical] as const)]),
  ).find(({ name }) => name === 'unseen')
  const make = bodyMaker({ text: unseen?.text ?? typical, workloads: 0 })
  const connection = await Connection.open(target)
  try {
    for (let i = 0; i < WORKLOADS; i++) {
      const review = JSON.parse(make(i)) as Review
      const { metadata } = review.request.object
      const annotations = { 'sidecar.istio.io/proxyCPU': `${1 + i}m` }
      const body = JSON.stringify({
        ...review,
        request: {
          ...review.request,
          object: { ...review.request.object, metadata: { ...metadata, annotations } },
        },
      })
      const revision = i % REVISIONS === 0 ? 'default' : `r${i % REVISIONS}`
      for (let again = 0; again < 3; again++) await connection.post(body, `/revisions/${revision}/inject`)
    }
  } finally {
    connection.close()
  }
}

async function cacheBytes(healthPort: number): Promise<string> {
  const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text()
  const read = (metric: string, cache: string): string => {
    const value = new RegExp(`^${metric}\\{cache="${cache}"\\} (\\S+)$`, 'm').exec(text)?.[1]
    return (Number(value) / 2 ** 20).toFixed(0)
  }
  return ['answers', 'injection']
    .map(
      (cache) =>
        `${cache} ${read('remora_cache_bytes', cache)} of ${read('remora_cache_limit_bytes', cache)} MiB`,
    )
    .join(', ')
}

/** What bodies hold: what takes most memory for a byte, most work, and a text that is not a byte a character. */
const UNITS: readonly (readonly [name: string, pod: () => string])[] = [
  ['tolerations', () => `"spec":{"containers":[{"name":"a"}],"tolerations":[${repeat('{},')}{}]}`],
  [
    'init containers',
    () =>
      `"spec":{"containers":[{"name":"a"}],"initContainers":[${repeat((i) => `{"name":"c-${i}"},`)}{"name":"z"}]}`,
  ],
  [
    'labels',
    () =>
      `"metadata":{"labels":{${repeat((i) => `"key-${i}":"v-${i}",`)}"z":"z"}},"spec":{"containers":[{"name":"a"}]}`,
  ],
  [
    'a long text',
    () => `"metadata":{"labels":{"a":"\u2192${repeat('x')}"}},"spec":{"containers":[{"name":"a"}]}`,
  ],
]

function repeat(unit: string | ((i: number) => string)): string {
  if (typeof unit === 'string') return unit.repeat(BODY_BYTES / unit.length)
  const parts: string[] = []
  for (let length = 0; length < BODY_BYTES; ) {
    const part = unit(parts.length)
    parts.push(part)
    length += part.length
  }
  return parts.join('')
}

/**
 * Sends all bodies except their last byte, then the last bytes, so that all are in memory when the first is
 * processed.
 */
async function sendTogether(target: Target, pod: () => string): Promise<readonly number[]> {
  const text = pod()
  const senders: TLSSocket[] = []
  const answers: Promise<number>[] = []
  for (let i = 0; i < BODIES; i++) {
    const socket = connect({ host: '127.0.0.1', port: target.port, ca: target.ca, servername: 'localhost' })
    await once(socket, 'secureConnect')
    // A namespace's share is two of these.
    const head = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-${i}","kind":{"group":"","version":"v1","kind":"Pod"},"namespace":"full-${i}","operation":"CREATE","object":{"apiVersion":"v1","kind":"Pod",`
    const body = Buffer.from(`${head}${text}}}}`)
    answers.push(statusOf(socket))
    socket.write(
      `POST /inject HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    )
    socket.write(body.subarray(0, -1))
    senders.push(socket)
  }
  await sleep(1500)
  for (const socket of senders) socket.write('}')
  const statuses = await Promise.all(answers)
  for (const socket of senders) socket.destroy()
  return statuses
}

/** 0: the connection ended without a response. */
function statusOf(socket: TLSSocket): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  socket.once('data', (chunk: Buffer) => {
    socket.resume()
    resolve(Number(chunk.toString('latin1').split(' ')[1]))
  })
  socket.once('error', () => resolve(0))
  socket.once('close', () => resolve(0))
  return promise
}
