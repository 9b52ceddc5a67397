/**
 * Decides whether a replica that has just started may become ready although it cannot build a revision, and from when
 * on it may serve a kept configuration of it. Pure: times are arguments.
 *
 * While another replica serves a revision that this one cannot build, this one stays unready: a rollout then stops
 * before it replaces the replicas that still have the configuration in memory. Once open, the gate never closes.
 */
import type { Revision } from '../../inject/index.ts'
import type { HeartbeatLimits, ObservedHeartbeats } from './heartbeats.ts'

export interface GateLimits extends HeartbeatLimits {
  /** The longest time for which the gate stays closed, from the first check. */
  readonly waitMs: number
  /** The longest time for which unreadable heartbeats, and then unreadable kept configurations, keep it closed. */
  readonly readMs: number
}

export interface GateFacts {
  readonly revisions: Iterable<Revision>
  readonly heartbeats: ObservedHeartbeats
  /** False: the heartbeats could not be read yet. */
  readonly heartbeatsKnown: boolean
  /** Whether it is known what is kept of this revision, and that this does not serve either. */
  isSettled(revision: Revision): boolean
  readonly nowMs: number
}

export interface GateLook {
  readonly open: boolean
  /** Why the gate is closed. */
  readonly reason?: string
  /** Revisions that cannot be built and whose kept configuration may serve now. */
  readonly due: readonly Revision[]
}

export class ReadinessGate {
  readonly #limits: GateLimits
  #open = false
  #beganAtMs: number | undefined
  /** Since when only reading kept configurations remains to be waited for. */
  #dueSinceMs: number | undefined

  constructor(limits: GateLimits) {
    this.#limits = limits
  }

  get open(): boolean {
    return this.#open
  }

  /** Call it once the cluster has been read. */
  look(facts: GateFacts): GateLook {
    const { nowMs } = facts
    this.#beganAtMs ??= nowMs
    const waitedMs = nowMs - this.#beganAtMs
    const due: Revision[] = []
    const reasons: string[] = []
    for (const revision of facts.revisions) {
      if (!cannotServe(revision) || facts.isSettled(revision)) continue
      const why = this.#open ? undefined : this.#whyToWait(revision, facts, waitedMs)
      if (why === undefined) due.push(revision)
      else reasons.push(why)
    }
    this.#dueSinceMs = reasons.length > 0 ? undefined : (this.#dueSinceMs ?? nowMs)
    // Reading takes a second. Unreadable Secrets must not hold back all other revisions.
    const readInTime = this.#dueSinceMs === undefined || nowMs - this.#dueSinceMs < this.#limits.readMs
    const [first] = due
    if (first !== undefined && readInTime)
      reasons.push(`revision ${first.name} cannot be built; its kept configuration is being read`)
    const [reason] = reasons
    if (reason === undefined) this.#open = true
    return this.#open || reason === undefined ? { open: true, due } : { open: false, reason, due }
  }

  #whyToWait({ name }: Revision, facts: GateFacts, waitedMs: number): string | undefined {
    const { waitMs, readMs } = this.#limits
    if (waitedMs >= waitMs) return undefined
    if (!facts.heartbeatsKnown) {
      const why = `revision ${name} cannot be built, and the heartbeats of other replicas have not been read yet`
      return waitedMs < readMs ? why : undefined
    }
    const other = facts.heartbeats.builtBy(name, facts.nowMs, this.#limits)
    if (other === undefined) return undefined
    const seconds = Math.ceil((waitMs - waitedMs) / 1000)
    return `revision ${name} cannot be built here, and replica ${other.pod} serves it; waiting for ${seconds} s more, or until the ConfigMap is corrected`
  }
}

/** Problems that no kept configuration solves: nodes that the cluster waits for, and a revision beyond the limits. */
const OTHERWISE: ReadonlySet<string> = new Set(['nodes-not-read', 'revision-limit-reached'])

function cannotServe({ config, problem }: Revision): boolean {
  return config === undefined && !OTHERWISE.has(problem?.code ?? '')
}
