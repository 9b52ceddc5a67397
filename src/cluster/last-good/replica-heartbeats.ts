/** This replica's heartbeat, and the others' as this replica has observed them. */

import type { Problem, Snapshot } from '../../inject/index.ts'
import { ObservedHeartbeats } from '../../revisions/index.ts'
import { HeartbeatSecret, type ReadHeartbeats } from './heartbeat-secret.ts'
import { missingSecret } from './kept-secrets.ts'
import type { NamedSecret } from './named-secret.ts'

export interface ReplicaHeartbeatsOptions {
  readonly secret: NamedSecret
  readonly pod: string
  readonly remoraVersion: string
  /** A heartbeat that has not changed for this long is removed. */
  readonly forgetMs: number
  readonly now: () => number
}

/** Time for the remaining work at the end. */
const WITHDRAW_LIMIT_MS = 5_000

export class ReplicaHeartbeats {
  readonly observed = new ObservedHeartbeats()
  readonly #options: ReplicaHeartbeatsOptions
  readonly #secret: HeartbeatSecret
  #known = false

  constructor(options: ReplicaHeartbeatsOptions) {
    this.#options = options
    this.#secret = new HeartbeatSecret(options.secret)
  }

  /** Whether `observed` is complete. */
  get known(): boolean {
    return this.#known
  }

  /** Without the right to read heartbeats, no other replica is known. */
  giveUp(): void {
    this.#known = true
  }

  /** @returns problems, if any. @throws ApiRefused, ApiUnreachable, JsonError */
  async read(signal: AbortSignal): Promise<readonly Problem[]> {
    return this.#observe(await this.#secret.read(signal))
  }

  /** One write, which returns the others' heartbeats. @throws ApiRefused, ApiUnreachable, JsonError */
  async beat(snapshot: Snapshot, signal: AbortSignal): Promise<readonly Problem[]> {
    const { pod, remoraVersion, forgetMs, now } = this.#options
    const forgotten = this.observed.unchangedFor(forgetMs, now())
    const served = servedBy(snapshot)
    return this.#observe(await this.#secret.beat({ pod, remoraVersion, ...served }, forgotten, signal))
  }

  /** Withdraws the heartbeat, so that other replicas do not wait for it to expire. If that fails, they wait. */
  async withdraw(): Promise<void> {
    await this.#secret.withdraw(AbortSignal.timeout(WITHDRAW_LIMIT_MS)).catch(() => undefined)
  }

  #observe(read: ReadHeartbeats | undefined): readonly Problem[] {
    this.#known = true
    const { place } = this.#secret
    if (read === undefined) return [missingSecret(place)]
    this.observed.observe(read.others, this.#options.now())
    if (read.ignored === 0) return []
    const keys =
      read.ignored === 1 ? 'a key that is not a heartbeat' : `${read.ignored} keys that are not heartbeats`
    return [{ code: 'kept-configuration-invalid', message: `${place} has ${keys}; ignored`, where: place }]
  }
}

function servedBy({ revisions }: Snapshot) {
  const built = new Map<string, string>()
  const kept = new Map<string, string>()
  for (const revision of revisions.values()) {
    if (revision.config === undefined) continue
    const served = revision.kept === undefined ? built : kept
    served.set(revision.name, revision.config.digest)
  }
  return { built, kept }
}
