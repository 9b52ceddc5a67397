/**
 * The findings of what the server has read anyway: after each change of the cluster, in turns that leave the event loop to
 * reviews, never while a review is answered.
 */
import {
  ClusterFacts,
  type Finding,
  findForServer,
  inOrder,
  type SubjectFindings,
} from '../analysis/index.ts'
import { type Cluster, compileInTurns } from '../cluster/index.ts'
import type { InjectOptions } from '../inject/index.ts'

export interface ServeFindingsOptions {
  readonly cluster: Pick<Cluster, 'snapshot'>
  readonly inject: InjectOptions
  /** A defect in a rule: the findings stay those of before. */
  readonly onDefect: (error: unknown) => void
  /** Changes within this time are judged together. */
  readonly settleMs?: number
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number
}

/** By code and severity, of all that were found. */
export interface FindingCount {
  readonly code: string
  readonly severity: string
  count: number
}

const SETTLE_MS = 1000
/** The pause after a run, as a multiple of its duration: constant changes then cost at most a tenth of the time. */
const PAUSE_LENGTHS = 9
/** Further ones are only counted. */
const MAX_KEPT = 1000

export class ServeFindings {
  readonly #options: ServeFindingsOptions
  #found: readonly Finding[] = []
  #counts: readonly FindingCount[] = []
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #again = false
  #closed = false
  #pausedUntilMs = 0
  readonly #now: () => number

  constructor(options: ServeFindingsOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** The worst first. */
  current(): readonly Finding[] {
    return this.#found
  }

  counts(): readonly FindingCount[] {
    return this.#counts
  }

  /** The cluster has changed. */
  refresh(): void {
    this.#again = true
    if (this.#closed || this.#timer !== undefined || this.#running !== undefined) return
    const delayMs = Math.max(this.#options.settleMs ?? SETTLE_MS, this.#pausedUntilMs - this.#now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      const beganMs = this.#now()
      this.#running = this.#judge().finally(() => {
        this.#running = undefined
        const endedMs = this.#now()
        this.#pausedUntilMs = endedMs + PAUSE_LENGTHS * (endedMs - beganMs)
        if (this.#again) this.refresh()
      })
    }, delayMs).unref()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #judge(): Promise<void> {
    this.#again = false
    const { cluster, inject, onDefect } = this.#options
    const facts = new ClusterFacts({
      snapshot: cluster.snapshot(),
      options: inject,
      problems: [],
      objects: new Map(),
      nowMs: 0,
      seed: 0,
    })
    const job = new FindingJob(findForServer(facts))
    try {
      await compileInTurns([job], () => this.#closed)
    } catch (error) {
      onDefect(error)
      return
    }
    if (job.state !== 'done') return
    this.#found = inOrder(job.kept)
    this.#counts = [...job.counts.values()]
  }
}

/** One rule and one subject at a time. */
class FindingJob {
  state: 'done' | undefined
  readonly kept: SubjectFindings[] = []
  readonly counts = new Map<string, FindingCount>()
  readonly #steps: Iterator<SubjectFindings>
  #size = 0

  constructor(steps: Iterator<SubjectFindings>) {
    this.#steps = steps
  }

  advance(): void {
    const next = this.#steps.next()
    if (next.done === true) {
      this.state = 'done'
      return
    }
    const { subject, findings } = next.value
    for (const { code, severity } of findings) {
      const key = `${code} ${severity}`
      const known = this.counts.get(key)
      if (known === undefined) this.counts.set(key, { code, severity, count: 1 })
      else known.count++
    }
    if (findings.length === 0 || this.#size >= MAX_KEPT) return
    this.#size += findings.length
    this.kept.push({ subject, findings })
  }
}
