/**
 * Decides when kept configurations are stored, when a new replica uses them, and when it becomes ready. The rules are
 * pure (revisions/last-good); kept-secrets.ts and replica-heartbeats.ts make the requests.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { RemoraError } from '../../errors.ts'
import type { KeptConfiguration, Problem, Revision, Snapshot } from '../../inject/index.ts'
import { emptySnapshot, isKeptFor, ReadinessGate, type StoragePlan } from '../../revisions/index.ts'
import { describeSystemError } from '../../system-error.ts'
import { type Cluster, compareProblems } from '../cluster.ts'
import { ApiClient } from '../live/api-client.ts'
import { ApiRefused } from '../live/api-error.ts'
import { type EndpointSource, KubeConfigEndpoint } from '../live/endpoint.ts'
import { KeptSecrets, type ReadSecrets } from './kept-secrets.ts'
import { NamedSecret, type SecretName } from './named-secret.ts'
import { sameForStorage } from './relevant-change.ts'
import { ReplicaHeartbeats } from './replica-heartbeats.ts'
import { StoreServed } from './store-served.ts'
import { DEFAULT_LAST_GOOD_TIMING, type LastGoodTiming } from './timing.ts'

export interface LastGoodOptions {
  readonly cluster: Pick<Cluster, 'synced' | 'snapshot' | 'onChange'> & {
    useKept(kept: ReadonlyMap<string, KeptConfiguration>): void
  }
  /** The Secrets with the configurations. */
  readonly secrets: readonly SecretName[]
  readonly heartbeatSecret: SecretName
  /** How long a new replica stays unready while others serve a revision that it cannot build. */
  readonly waitMs: number
  /** This replica's name, for the messages of others. */
  readonly pod: string
  readonly remoraVersion: string
  readonly onProblems?: (change: {
    readonly appeared: readonly Problem[]
    readonly resolved: readonly Problem[]
  }) => void
  /** Called when configurations were stored or removed. */
  readonly onStored?: (change: StoredChange) => void
  readonly endpoints?: EndpointSource
  readonly timing?: Partial<LastGoodTiming>
  readonly now?: () => number
}

/** Names of revisions. */
export type StoredChange = Readonly<Record<'stored' | 'removed', readonly string[]>>

/** The problems of the last attempt of each. */
type ProblemSource = 'heartbeats' | 'secrets'

export class LastGood {
  readonly #options: LastGoodOptions
  readonly #timing: LastGoodTiming
  readonly #now: () => number
  readonly #api: ApiClient
  readonly #keptSecrets: KeptSecrets
  readonly #served: StoreServed
  readonly #heartbeats: ReplicaHeartbeats
  readonly #gate: ReadinessGate
  readonly #stopped = new AbortController()
  readonly #problems = new Map<ProblemSource, readonly Problem[]>()
  /** Revision and uid of its ConfigMap for which nothing usable is stored. */
  readonly #nothingKept = new Set<string>()
  #kept: ReadonlyMap<string, KeptConfiguration> = new Map()
  #snapshot: Snapshot = emptySnapshot
  #changed = Promise.withResolvers<void>()
  #ended: Promise<unknown> = Promise.resolve()
  #stopListening: () => void = () => undefined

  constructor(options: LastGoodOptions) {
    this.#options = options
    this.#timing = { ...DEFAULT_LAST_GOOD_TIMING, ...options.timing }
    this.#now = options.now ?? (() => performance.now())
    this.#api = new ApiClient(options.endpoints ?? new KubeConfigEndpoint())
    const secret = (name: SecretName): NamedSecret =>
      new NamedSecret(this.#api, name, this.#timing.requestTimeoutMs)
    this.#heartbeats = new ReplicaHeartbeats({
      secret: secret(options.heartbeatSecret),
      pod: options.pod,
      remoraVersion: options.remoraVersion,
      forgetMs: this.#timing.forgetMs,
      now: this.#now,
    })
    this.#keptSecrets = new KeptSecrets(options.secrets.map(secret))
    this.#served = new StoreServed(options.remoraVersion)
    this.#gate = new ReadinessGate({ ...this.#timing, waitMs: options.waitMs })
  }

  /** Starts without waiting. When the signal is aborted, this replica no longer counts for others. */
  start(signal: AbortSignal): void {
    const { signal: stopped } = this.#stopped
    signal.addEventListener('abort', () => this.#stopped.abort(), { once: true })
    if (signal.aborted) this.#stopped.abort()
    this.#stopListening = this.#options.cluster.onChange(() => this.#noteChange())
    this.#ended = this.#run(stopped).finally(() => this.#heartbeats.withdraw())
  }

  /** Why this replica is not ready although the cluster has been read; undefined if it is. */
  notReadyReason(): string | undefined {
    if (this.#gate.open || !this.#options.cluster.synced) return undefined
    return this.#evaluate().reason
  }

  status(): { readonly problems: readonly Problem[] } {
    return { problems: [...this.#problems.values()].flat() }
  }

  async close(): Promise<void> {
    this.#stopped.abort()
    this.#stopListening()
    await this.#ended
    this.#api.close()
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !(await this.#tryToOpen(signal))) await this.#pause(this.#timing.pollMs, signal)
    await Promise.all([this.#beatOnAndOn(signal), this.#storeOnAndOn(signal)])
  }

  /** Whether this replica may become ready now. */
  async #tryToOpen(signal: AbortSignal): Promise<boolean> {
    if (!this.#options.cluster.synced) return false
    if (this.#evaluate().open) return true
    await this.#attempt('heartbeats', signal, () => this.#heartbeats.read(signal))
    const { open, due } = this.#evaluate()
    const unread = due.filter((revision) => !this.#isGiven(revision))
    if (open || unread.length === 0) return open
    await this.#attempt('secrets', signal, async () =>
      this.#giveKept(unread, await this.#keptSecrets.read(signal)),
    )
    return this.#evaluate().open
  }

  #evaluate() {
    return this.#gate.look({
      revisions: this.#options.cluster.snapshot().revisions.values(),
      heartbeats: this.#heartbeats.observed,
      heartbeatsKnown: this.#heartbeats.known,
      isSettled: (revision) => revision.keptRefused !== undefined || this.#nothingKept.has(keyOf(revision)),
      nowMs: this.#now(),
    })
  }

  #isGiven(revision: Revision): boolean {
    return isFor(this.#kept.get(revision.name), revision)
  }

  /** Gives kept configurations to the cluster to build. If nothing usable is stored, the revision is settled. */
  async #giveKept(revisions: readonly Revision[], read: ReadSecrets): Promise<readonly Problem[]> {
    const problems = [...read.problems]
    const next = new Map(this.#kept)
    for (const revision of revisions) {
      const { kept, problem } = await read.keptOf(revision.name)
      if (problem !== undefined) problems.push(problem)
      if (kept !== undefined && isFor(kept, revision)) next.set(revision.name, kept)
      // Only a new replica uses it.
      else if (!this.#gate.open) this.#nothingKept.add(keyOf(revision))
    }
    if ([...next].some(([name, kept]) => this.#kept.get(name) !== kept)) {
      this.#kept = next
      this.#options.cluster.useKept(next)
    }
    return problems
  }

  async #beatOnAndOn(signal: AbortSignal): Promise<void> {
    // An aborted heartbeat may still arrive after the withdrawal, so it is finished first.
    const late = new AbortController()
    signal.addEventListener('abort', () => void setTimeout(() => late.abort(), FINISH_LIMIT_MS).unref(), {
      once: true,
    })
    while (!signal.aborted) {
      const { cluster } = this.#options
      await this.#attempt('heartbeats', signal, () => this.#heartbeats.beat(cluster.snapshot(), late.signal))
      await this.#rest(this.#timing.beatMs * (0.9 + 0.2 * Math.random()), signal)
    }
  }

  async #storeOnAndOn(signal: AbortSignal): Promise<void> {
    const { settleMs, healMs, retryMs } = this.#timing
    const [leastMs, mostMs] = settleMs
    while (!signal.aborted) {
      await this.#rest(leastMs + (mostMs - leastMs) * Math.random(), signal)
      if (signal.aborted) return
      this.#changed = Promise.withResolvers()
      const done = await this.#attempt('secrets', signal, () => this.#store(signal))
      await this.#pause(done ? healMs : retryMs, signal)
    }
  }

  /** Updates the Secrets with what this replica serves, and reads from them what it cannot build. */
  async #store(signal: AbortSignal): Promise<readonly Problem[]> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const read = await this.#keptSecrets.read(signal)
      const snapshot = this.#options.cluster.snapshot()
      const unusable = [...snapshot.revisions.values()].filter(
        (revision) => revision.config === undefined && !this.#isGiven(revision),
      )
      const problems = await this.#giveKept(unusable, read)
      const { plan, problems: planned } = await this.#served.plan(snapshot, read.states)
      const all = [...problems, ...planned]
      if (plan.changes.size > 0) {
        // The next attempt sees what remains, and no longer finds what was replaced or removed now.
        this.#report('secrets', all)
        const bytesOf = (revision: string): Promise<Buffer> => this.#served.bytesOf(revision)
        if (await this.#keptSecrets.write(plan.changes, bytesOf, signal)) {
          this.#served.noteStored()
          this.#options.onStored?.(changesOf(plan))
        }
        continue
      }
      this.#served.noteStored()
      return all
    }
    throw new RemoraError('last-good-unavailable', 'the Secrets change faster than they can be written')
  }

  /** Kept configurations of revisions that serve or are gone can be dropped from memory. */
  #noteChange(): void {
    const snapshot = this.#options.cluster.snapshot()
    const needed = [...this.#kept].filter(([name]) => {
      const revision = snapshot.revisions.get(name)
      return revision !== undefined && revision.config === undefined
    })
    if (needed.length < this.#kept.size) {
      this.#kept = new Map(needed)
      this.#options.cluster.useKept(this.#kept)
    }
    if (!sameForStorage(this.#snapshot, snapshot)) this.#changed.resolve()
    this.#snapshot = snapshot
  }

  /** Returns problems, or throws, which is a problem too. Another attempt follows later. */
  async #attempt(
    source: ProblemSource,
    signal: AbortSignal,
    run: () => Promise<readonly Problem[]>,
  ): Promise<boolean> {
    try {
      this.#report(source, await run())
      return true
    } catch (error) {
      if (signal.aborted) return false
      // Waiting does not grant a missing right, which must not hold back the other revisions.
      if (error instanceof ApiRefused && error.status === 403) this.#giveUp(source)
      const what = source === 'heartbeats' ? 'the heartbeats of the replicas' : 'kept configurations'
      const message = `${what} cannot be read or written: ${describeSystemError(error)}`
      this.#report(source, [{ code: 'last-good-unavailable', message }])
      return false
    }
  }

  #giveUp(source: ProblemSource): void {
    if (source === 'heartbeats') this.#heartbeats.giveUp()
    else
      for (const one of this.#options.cluster.snapshot().revisions.values()) this.#nothingKept.add(keyOf(one))
  }

  #report(source: ProblemSource, problems: readonly Problem[]): void {
    const before = this.status().problems
    this.#problems.set(source, problems)
    const change = compareProblems(before, this.status().problems)
    if (change.appeared.length > 0 || change.resolved.length > 0) this.#options.onProblems?.(change)
  }

  /** Until the cluster changes or the time is over. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await Promise.race([this.#changed.promise, this.#rest(ms, signal)])
    this.#changed = Promise.withResolvers()
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)
  }
}

/** Time for a write in progress at the end. */
const FINISH_LIMIT_MS = 2_000
/** Each conflict is another replica's success. */
const MAX_ATTEMPTS = 8

function changesOf({ changes }: StoragePlan): StoredChange {
  const all = [...changes.values()]
  const stored = all.flatMap(({ put }) => put)
  return { stored, removed: all.flatMap(({ remove }) => remove).filter((name) => !stored.includes(name)) }
}

function isFor(kept: KeptConfiguration | undefined, { name, namespace, configMapUid }: Revision): boolean {
  return kept !== undefined && isKeptFor(kept.inputs, { name, namespace, configMapUid })
}

function keyOf({ name, configMapUid = '' }: Revision): string {
  return JSON.stringify([name, configMapUid])
}
