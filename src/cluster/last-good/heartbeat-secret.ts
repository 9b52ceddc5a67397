/**
 * Responsible for: the heartbeats in their Secret: one key for each replica, so that no write conflicts with another's,
 * and each write brings the heartbeats of the others along. Not here: what they mean (revisions/last-good).
 */
import { randomUUID } from 'node:crypto'
import { type Heartbeat, readHeartbeat, writeHeartbeat } from '../../revisions/index.ts'
import type { NamedSecret, SecretContent } from './named-secret.ts'

const PREFIX = 'replica.'
/** More than the replicas of any Deployment, and of those that ended within ten minutes. */
const MAX_HEARTBEATS = 1000

export interface ReadHeartbeats {
  /** Of the other replicas, by their key. */
  readonly others: ReadonlyMap<string, { readonly text: string; readonly heartbeat: Heartbeat }>
  /** Keys that hold something else. */
  readonly ignored: number
}

export class HeartbeatSecret {
  readonly #secret: NamedSecret
  /** A pod that is restarted has the same name, but its next process is another replica. */
  readonly #key = `${PREFIX}${randomUUID()}`
  #count = 0

  constructor(secret: NamedSecret) {
    this.#secret = secret
  }

  get place(): string {
    return this.#secret.place
  }

  /** Undefined where the Secret does not exist. @throws ApiRefused, ApiUnreachable, JsonError */
  async read(signal: AbortSignal): Promise<ReadHeartbeats | undefined> {
    const content = await this.#secret.read(signal)
    return content && this.#others(content)
  }

  /**
   * Undefined where the Secret does not exist.
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

  /** This replica ends, so nobody needs to wait for its heartbeat to grow old. */
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
