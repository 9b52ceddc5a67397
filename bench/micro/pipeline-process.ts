/**
 * One process of bench:micro. Arguments: mix, `whole` or `steps`, `micros` or `bytes`, requests per round. Prints a
 * report as JSON.
 */
import { PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { bodyMaker } from '../load/fill.ts'
import { findMaterial } from '../load/material.ts'
import { makeMixes } from '../load/mixes.ts'
import { median } from '../statistics.ts'
import { describeMissing, installSteps, STEPS, StepMeter } from './steps.ts'

export type Gauge = 'micros' | 'bytes'

export interface Report {
  /** Per request; without the steps inside it. */
  readonly rows: readonly { readonly name: string; readonly calls: number; readonly total: number }[]
  /** Steps that were not found where the table says. */
  readonly missing: readonly string[]
}

const ROUNDS = 7
const WARM_UP_MS = 3000
const [name = '', mode = '', gaugeName = '', count = ''] = process.argv.slice(2)

const meter = new StepMeter()
const missing = mode === 'steps' ? installSteps(meter) : []
// After the hook, and only through the packages' indexes.
const { answerOutcome, decodeReview, toInjectionRequest } = await import('../../src/admission/index.ts')
const { FolderCluster } = await import('../../src/cluster/index.ts')
const { inject } = await import('../../src/inject/index.ts')

const material = findMaterial()
const mix = makeMixes(material.reviews).find((one) => one.name === name)
if (mix === undefined) throw new Error(`no mix is called ${name}`)
const bodyOf = bodyMaker(mix)
const cluster = new FolderCluster({
  folder: material.clusterFolder,
  snapshot: { istiodEnv: [], istioVersions: [] },
})
await cluster.start(new AbortController().signal)
const snapshot = cluster.snapshot()
await cluster.close()

let next = 0

function handle(body: Buffer): number {
  const review = decodeReview(body, 'application/json')
  if (review.kind === 'failure') throw new Error(review.message)
  const from = { target: { by: 'labels' }, proxyEnv: new Map(), nowMs: 0, seed: 1 } as const
  const outcome = inject(toInjectionRequest(review, from), snapshot)
  return answerOutcome(outcome, review).body.length
}

const gauges: Readonly<Record<Gauge, () => number>> = {
  micros: () => performance.now() * 1000,
  bytes: () => getHeapStatistics().used_heap_size,
}

/** Batches of that many requests; their bodies are created outside the measurement. */
function round(requests: number, gauge: () => number): Report['rows'] {
  const bodies = Array.from({ length: requests }, () => Buffer.from(bodyOf(next++)))
  meter.measure(mode === 'steps' ? gauge : undefined)
  const before = gauge()
  for (const body of bodies) handle(body)
  const total = (gauge() - before) / requests
  const rows = STEPS.flatMap((step) => {
    const measured = meter.steps.get(step.name)
    return measured === undefined
      ? []
      : [{ name: step.name, calls: measured.calls / requests, total: measured.total / requests }]
  })
  meter.measure(undefined)
  return mode === 'steps' ? rows : [{ name: 'parse to encode', calls: 1, total }]
}

function timeRounds(requests: number): Report['rows'] {
  const rounds = Array.from({ length: ROUNDS }, () => round(requests, gauges.micros))
  return (rounds[0] ?? []).map((row, i) => ({
    ...row,
    total: median(rounds.map((rows) => rows[i]?.total ?? Number.NaN)),
  }))
}

/** A round without garbage collection; retries with fewer requests until there is none. */
async function countBytes(most: number): Promise<Report['rows']> {
  let collections = 0
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length
  })
  observer.observe({ entryTypes: ['gc'] })
  for (let requests = most; requests >= 5; requests = Math.floor(requests / 2)) {
    globalThis.gc?.()
    // Collections are reported with a delay.
    await sleep(50)
    collections = 0
    const look = lookCost()
    const rows = round(requests, gauges.bytes)
    await sleep(50)
    if (collections > 0) continue
    observer.disconnect()
    return rows.map((row) => ({ ...row, total: Math.max(0, row.total - look * row.calls) }))
  }
  throw new Error('five requests already allocate more than the young generation holds')
}

/** The allocation of a measurement itself, which each step contains once. */
function lookCost(): number {
  const looks = 1000
  const before = gauges.bytes()
  for (let i = 0; i < looks; i++) gauges.bytes()
  return (gauges.bytes() - before) / (looks + 1)
}

const requests = Number(count)
for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) round(50, gauges.micros)
const rows = gaugeName === 'bytes' ? await countBytes(requests) : timeRounds(requests)
const report: Report = { rows, missing: missing.map(describeMissing) }
material.close()
console.log(JSON.stringify(report))
