/**
 * The heartbeats in which replicas publish the revisions that they serve, and how long a replica counts as alive. Pure:
 * times are arguments. Clocks of different machines are never compared: a heartbeat is aged from the moment at which
 * this replica saw it change, as in the leader election of client-go.
 */
import { isObject, type JsonObject, own, parseJson } from '../../json/index.ts'

export interface Heartbeat {
  /** The pod, for messages. */
  readonly pod: string
  readonly remoraVersion: string
  /** Increases with each heartbeat. */
  readonly count: number
  /** Each revision with the digest of its configuration, if the replica built it from the cluster itself. */
  readonly built: ReadonlyMap<string, string>
  /** Each revision with the digest of its configuration, if it is a kept one. */
  readonly kept: ReadonlyMap<string, string>
}

export interface HeartbeatLimits {
  /** A replica whose heartbeat changed less than this ago is alive. */
  readonly aliveMs: number
  /**
   * A heartbeat that this replica has never seen change is watched for this long; longer than the time between two
   * heartbeats.
   */
  readonly watchMs: number
}

/** More than the heartbeat of 500 revisions with names of 63 characters. */
const MAX_HEARTBEAT_BYTES = 64 * 1024

export function writeHeartbeat({ pod, remoraVersion, count, built, kept }: Heartbeat): string {
  return JSON.stringify({ pod, remoraVersion, count, built: [...built], kept: [...kept] })
}

/** Undefined: not a heartbeat. */
export function readHeartbeat(text: string): Heartbeat | undefined {
  if (text.length > MAX_HEARTBEAT_BYTES) return undefined
  let value: unknown
  try {
    value = parseJson(text)
  } catch {
    return undefined
  }
  if (!isObject(value)) return undefined
  const [pod, remoraVersion] = [nameAt(value, 'pod'), nameAt(value, 'remoraVersion')]
  const count = own(value, 'count')
  const [built, kept] = [readDigests(value, 'built'), readDigests(value, 'kept')]
  if (pod === undefined || remoraVersion === undefined || typeof count !== 'number') return undefined
  return built === undefined || kept === undefined ? undefined : { pod, remoraVersion, count, built, kept }
}

/** They appear in messages. */
function nameAt(value: JsonObject, key: string): string | undefined {
  const found = own(value, key)
  return typeof found === 'string' && /^[-+.\w]{1,253}$/.test(found) ? found : undefined
}

function readDigests(value: JsonObject, key: string): ReadonlyMap<string, string> | undefined {
  const list = own(value, key)
  if (!Array.isArray(list)) return undefined
  const digests = new Map<string, string>()
  for (const pair of list) {
    const [revision, digest] = Array.isArray(pair) ? pair : []
    if (typeof revision !== 'string' || typeof digest !== 'string') return undefined
    digests.set(revision, digest)
  }
  return digests
}

interface Observed {
  readonly text: string
  readonly heartbeat: Heartbeat
  readonly changedAtMs: number
  /** False: unchanged since it was first read, so its age is unknown. */
  readonly seenToChange: boolean
}

/** The heartbeats of the other replicas as this one has observed them. */
export class ObservedHeartbeats {
  #observed: ReadonlyMap<string, Observed> = new Map()

  /** @param heartbeats all current ones by the replica's id, with the text that changes each time */
  observe(
    heartbeats: ReadonlyMap<string, { readonly text: string; readonly heartbeat: Heartbeat }>,
    nowMs: number,
  ): void {
    const next = new Map<string, Observed>()
    for (const [id, { text, heartbeat }] of heartbeats) {
      const before = this.#observed.get(id)
      if (before?.text === text) next.set(id, before)
      else next.set(id, { text, heartbeat, changedAtMs: nowMs, seenToChange: before !== undefined })
    }
    this.#observed = next
  }

  /** A heartbeat of a replica that is alive, or may be, and that built the revision itself. */
  builtBy(revision: string, nowMs: number, limits: HeartbeatLimits): Heartbeat | undefined {
    for (const { heartbeat, changedAtMs, seenToChange } of this.#observed.values()) {
      const limitMs = seenToChange ? limits.aliveMs : limits.watchMs
      if (heartbeat.built.has(revision) && nowMs - changedAtMs < limitMs) return heartbeat
    }
    return undefined
  }

  /** Ids that have not changed for so long that they can be removed. */
  unchangedFor(limitMs: number, nowMs: number): readonly string[] {
    return [...this.#observed]
      .filter(([, { changedAtMs }]) => nowMs - changedAtMs >= limitMs)
      .map(([id]) => id)
  }
}
