/**
 * The heartbeats of replicas in their Secret: one key per replica, so that writes do not conflict, and each write
 * returns the heartbeats of the others. revisions/last-good interprets them.
 */
import { randomUUID } from 'node:crypto'
import { type Heartbeat, readHeartbeat, writeHeartbeat } from '../../revisions/index.ts'
import type { NamedSecret, SecretContent } from './named-secret.ts'

const PREFIX = 'replica.'
/** More than the replicas of any Deployment, including those that ended within ten minutes. */
const MAX_HEARTBEATS = 1000

export interface ReadHeartbeats {
  /** The other replicas, by key. */
  readonly others: ReadonlyMap<string, { readonly text: string; readonly heartbeat: Heartbeat }>
  /** Keys with other content. */
  readonly ignored: number
}

export class HeartbeatSecret {
  readonly #secret: NamedSecret
  /** A restarted pod keeps its name, but the new process counts as another replica. */
  readonly #key = `${PREFIX}${randomUUID()}`
  #count = 0

  constructor(secret: NamedSecret) {
    this.#secret = secret
  }

  get place(): string {
    return this.#secret.place
  }

  /** Undefined if the Secret does not exist. @throws ApiRefused, ApiUnreachable, JsonError */
  async read(signal: AbortSignal): Promise<ReadHeartbeats | undefined> {
    const content = await this.#secret.read(signal)
    return content && this.#others(content)
  }

  /**
   * Undefined if the Secret does not exist.
   * @param forgotten keys of replicas that ended
   * @throws ApiRefused, ApiUnreachable, JsonError
   */
  async beat(
    heartbeat: Omit<Heartbeat, 'count'>,
    forgotten: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadHeartbeats | undefined> {
    this.#count += 1
    const text = writeHeartbeat({ ...heartbeat, count: this.#count })
    const data = new Map<string, Buffer | undefined>(forgotten.map((key) => [key, undefined]))
    data.set(this.#key, Buffer.from(text))
    const content = await this.#secret.patch(data, { signal })
    return typeof content === 'string' ? undefined : this.#others(content)
  }

  /** Removes this replica's heartbeat at its end, so that other replicas do not wait for it to expire. */
  async withdraw(signal: AbortSignal): Promise<void> {
    if (this.#count > 0) await this.#secret.patch(new Map([[this.#key, undefined]]), { signal })
  }

  #others({ data }: SecretContent): ReadHeartbeats {
    const others = new Map<string, { text: string; heartbeat: Heartbeat }>()
    let ignored = 0
    for (const [key, bytes] of data) {
      if (key === this.#key) continue
      const text = bytes.toString('utf8')
      const heartbeat =
        key.startsWith(PREFIX) && others.size < MAX_HEARTBEATS ? readHeartbeat(text) : undefined
      if (heartbeat === undefined) ignored += 1
      else others.set(key, { text, heartbeat })
    }
    return { others, ignored }
  }
}
