/** The common part of all fuzz targets: how a case is run, counted and assessed. Not a test. */
import { describeCode, type InjectOptions } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { Random } from './random.ts'
import type { SeedConfig } from './seeds.ts'

/** More than any case may take; what templates may cost is less, but machines are busy. */
export const CASE_LIMIT_MS = 1000

/** Small, so that the caches of all configurations are full soon: what grows after that is a leak. */
export const INJECT_OPTIONS: InjectOptions = { cacheBytes: 4 * 2 ** 20 }

export interface FuzzInput {
  readonly pods: readonly JsonObject[]
  readonly configs: readonly SeedConfig[]
}

export interface FuzzCounts {
  cases: number
  /** Reviews that were answered, by a handler or by the core. */
  reviews: number
  readonly outcomes: Map<string, number>
}

/** A case draws everything from its seed, so that it can be run again alone. */
export interface FuzzTarget {
  readonly name: string
  /** Its share, in percent, of a requested number of reviews. Expensive or narrow targets get less. */
  readonly share: number
  /** The property under test, in a sentence. */
  readonly about: string
  /** The problem, or undefined where all held. What it throws is a problem, too. */
  run(random: Random, input: FuzzInput, counts: FuzzCounts): string | undefined
}

export interface Finding {
  readonly target: string
  readonly seed: number
  readonly problem: string
}

export const noCounts = (): FuzzCounts => ({ cases: 0, reviews: 0, outcomes: new Map() })

/** Reading the CPU time takes a twentieth of a small case, so a reading serves the cases of the next milliseconds. */
const CPU_READING_MS = 20
let reading = { atMs: -Infinity, cpu: process.cpuUsage() }

/** CPU time since a moment at most `CPU_READING_MS` before `startMs`. */
function cpuSince(startMs: number): () => number {
  if (startMs - reading.atMs > CPU_READING_MS) reading = { atMs: startMs, cpu: process.cpuUsage() }
  const { cpu } = reading
  return () => {
    const { user, system } = process.cpuUsage(cpu)
    return (user + system) / 1000
  }
}

/** Runs the case of that seed; undefined where all held. */
export function runCase(
  target: FuzzTarget,
  seed: number,
  input: FuzzInput,
  counts: FuzzCounts,
): Finding | undefined {
  const start = performance.now()
  const cpuMs = cpuSince(start)
  const reviews = counts.reviews
  let problem: string | undefined
  try {
    problem = target.run(new Random(seed), input, counts)
  } catch (error) {
    problem = error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  const elapsedMs = performance.now() - start
  const limitMs = CASE_LIMIT_MS * Math.max(1, counts.reviews - reviews)
  if (problem === undefined && elapsedMs > limitMs) {
    // On a busy machine a process waits; only what it computed counts.
    const ms = Math.min(elapsedMs, cpuMs())
    if (ms > limitMs) problem = `took ${ms.toFixed(0)} ms`
  }
  counts.cases++
  return problem === undefined ? undefined : { target: target.name, seed, problem }
}

export function countOutcome(counts: FuzzCounts, outcome: string): void {
  counts.outcomes.set(outcome, (counts.outcomes.get(outcome) ?? 0) + 1)
}

/** The problem with the form of an answer, regardless of its decision; undefined: none. */
export function checkAnswer(
  { status, body }: { readonly status: number; readonly body: string },
  counts: FuzzCounts,
): string | undefined {
  counts.reviews++
  if (![200, 400, 404, 413, 415, 422, 429, 500, 503].includes(status)) return `status ${status}`
  if (status === 500) return `status 500: ${body.slice(0, 500)}`
  const answer: unknown = JSON.parse(body)
  if (typeof answer !== 'object' || answer === null) return `no object: ${body.slice(0, 200)}`
  const { kind, response } = answer as { kind?: unknown; response?: unknown }
  if (kind !== 'AdmissionReview' && kind !== 'Status')
    return `neither a review nor a Status: ${body.slice(0, 200)}`
  const code = /\[([a-z][a-z0-9-]*)\]"/.exec(body)?.[1] ?? /"code":"([a-z0-9-]+)"/.exec(body)?.[1]
  countOutcome(counts, `${status} ${code ?? (response === undefined ? kind : 'answered')}`)
  if (code !== undefined && describeCode(code) === undefined) return `${code} is no code`
  return body.length > 64 * 2 ** 20 ? `an answer of ${body.length} bytes` : undefined
}
