/**
 * Writes Events on ConfigMaps that do not build, so that `kubectl describe` shows the problem: each once for all
 * replicas, and few at a time. Also on ConfigMaps and Services that do not count, once for each name.
 */
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { RemoraError } from '../../errors.ts'
import type { Problem, Snapshot } from '../../inject/index.ts'
import { fixOfIgnored, type IgnoredDefinition } from '../../istio/index.ts'
import { isObject, type JsonObject, own } from '../../json/index.ts'
import type { ApiClient } from './api-client.ts'
import { ApiRefused } from './api-error.ts'
import type { ResourceStore } from './resource-store.ts'
import { metadataOf } from './resources.ts'

export interface ConfigMapEventsOptions {
  readonly api: ApiClient
  readonly configMaps: Pick<ResourceStore, 'get'>
  readonly timeoutMs: number
  /** Called when writing fails, or works again. */
  readonly onStatus: () => void
}

/** A problem that persists is reported again after this time, because Events are kept for an hour. */
const REPEAT_MS = 30 * 60_000
const MAX_WAITING = 20
const MAX_REMEMBERED = 200
/**
 * The total number of Events about ignored definitions, so that tenants who create them cannot load the API server.
 */
const MAX_IGNORED = 100
/** The API server refuses more than 1024 bytes. */
const MAX_MESSAGE = 1000
const MERGE_PATCH = 'application/merge-patch+json'

interface Report {
  readonly object: IgnoredDefinition['object']
  readonly reason: 'RevisionConfigurationInvalid' | 'RevisionIgnored' | 'RevisionTagIgnored'
  readonly message: string
  /** Failed writes are not retried, and existing Events are not updated. */
  readonly once: boolean
}

export class ConfigMapEvents {
  readonly #options: ConfigMapEventsOptions
  readonly #reported = new Map<string, number>()
  /** Objects that do not count and were reported. */
  readonly #ignored = new Set<string>()
  readonly #waiting: Report[] = []
  #writing: Promise<void> | undefined
  #problem: Problem | undefined

  constructor(options: ConfigMapEventsOptions) {
    this.#options = options
  }

  get problem(): Problem | undefined {
    return this.#problem
  }

  /**
   * Reports every revision whose newest configuration does not serve, and objects that do not count. Returns at once.
   */
  report(snapshot: Snapshot, signal: AbortSignal): void {
    this.#reportIgnored(snapshot)
    for (const revision of snapshot.revisions.values()) {
      const message = revision.problem?.message
      if (message === undefined || revision.problem?.code === 'nodes-not-read') continue
      const configMap = this.#brokenConfigMap(revision.name, revision.namespace, message)
      if (configMap === undefined || !this.#isNew(`${String(uidOf(configMap))}\n${message}`)) continue
      if (this.#waiting.length >= MAX_WAITING) continue
      const object = objectOf(configMap)
      this.#waiting.push({ object, reason: 'RevisionConfigurationInvalid', message, once: false })
    }
    if (this.#waiting.length === 0) return
    this.#writing ??= this.#write(signal).finally(() => {
      this.#writing = undefined
    })
  }

  #reportIgnored({ ignored = [], trustedNamespaces = [] }: Snapshot): void {
    for (const one of ignored) {
      const { object, defines } = one
      const key = `${object.kind} ${object.namespace}/${object.name}`
      if (this.#ignored.size >= MAX_IGNORED || this.#waiting.length >= MAX_WAITING) return
      if (this.#ignored.has(key)) continue
      this.#ignored.add(key)
      this.#waiting.push({
        object,
        reason: defines === 'revision' ? 'RevisionIgnored' : 'RevisionTagIgnored',
        message: `Remora ignores it: ${one.message}. ${fixOfIgnored(one, trustedNamespaces)}`,
        once: true,
      })
    }
  }

  async close(): Promise<void> {
    this.#waiting.length = 0
    await this.#writing
  }

  /** The ConfigMap that the message names, or the injector's. */
  #brokenConfigMap(revision: string, namespace: string, message: string): JsonObject | undefined {
    const suffix = revision === 'default' ? '' : `-${revision}`
    const mesh = `${namespace}/istio${suffix}`
    const key = message.includes(`ConfigMap ${mesh},`) ? mesh : `${namespace}/istio-sidecar-injector${suffix}`
    return this.#options.configMaps.get(key)?.found.object
  }

  #isNew(key: string): boolean {
    const now = performance.now()
    const last = this.#reported.get(key)
    if (last !== undefined && now - last < REPEAT_MS) return false
    this.#reported.delete(key)
    this.#reported.set(key, now)
    const [oldest] = this.#reported.keys()
    if (this.#reported.size > MAX_REMEMBERED && oldest !== undefined) this.#reported.delete(oldest)
    return true
  }

  async #write(signal: AbortSignal): Promise<void> {
    for (let report = this.#waiting.shift(); report !== undefined; report = this.#waiting.shift()) {
      if (signal.aborted) return
      try {
        await this.#writeOne(report, signal)
        this.#setProblem(undefined)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof RemoraError)) throw error
        if (report.once) continue
        this.#setProblem({
          code: 'event-not-written',
          message: `an Event cannot be written: ${error.message}`,
        })
      }
    }
  }

  /** The name is derived from the content, so that another replica with the same report only updates the time. */
  async #writeOne(report: Report, signal: AbortSignal): Promise<void> {
    const { api, timeoutMs } = this.#options
    const event = makeEvent(report, new Date())
    const path = `/api/v1/namespaces/${event.metadata.namespace}/events`
    try {
      const body = { type: 'application/json', json: event }
      await api.json({ path, method: 'POST', body, signal, timeoutMs })
    } catch (error) {
      if (!(error instanceof ApiRefused && error.status === 409)) throw error
      if (report.once) return
      const body = { type: MERGE_PATCH, json: { lastTimestamp: event.lastTimestamp } }
      await api.json({ path: `${path}/${event.metadata.name}`, method: 'PATCH', body, signal, timeoutMs })
    }
  }

  #setProblem(problem: Problem | undefined): void {
    if (this.#problem?.message === problem?.message) return
    this.#problem = problem
    this.#options.onStatus()
  }
}

function makeEvent({ object, reason, message }: Report, now: Date) {
  const { kind, name, namespace, uid } = object
  const hash = createHash('sha256').update(`${uid}\n${message}`).digest('hex')
  const at = now.toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name.slice(0, 200)}.${hash.slice(0, 16)}`, namespace },
    involvedObject: { apiVersion: 'v1', kind, name, namespace, uid },
    reason,
    message: shorten(message),
    type: 'Warning',
    source: { component: 'remora' },
    reportingComponent: 'remora',
    reportingInstance: hostname(),
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  }
}

function objectOf(configMap: JsonObject): Report['object'] {
  const metadata = metadataOf(configMap)
  return {
    kind: 'ConfigMap',
    namespace: String(metadata['namespace']),
    name: String(metadata['name']),
    uid: uidOf(configMap),
  }
}

function uidOf(configMap: JsonObject): string {
  const metadata = own(configMap, 'metadata')
  const uid = isObject(metadata) ? own(metadata, 'uid') : undefined
  return typeof uid === 'string' ? uid : ''
}

function shorten(message: string): string {
  const bytes = Buffer.from(message)
  if (bytes.length <= MAX_MESSAGE) return message
  // A truncated character becomes U+FFFD, three bytes at most.
  return `${bytes.subarray(0, MAX_MESSAGE - 6).toString()}...`
}
