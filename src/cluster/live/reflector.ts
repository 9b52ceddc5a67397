/**
 * Keeps one store equal to one resource of the cluster: lists, watches from there, and starts again after any error.
 *
 * client-node's own ListWatch is not used: it stops after errors other than 410 and time-outs, and reports a failed
 * first list as success.
 */

import { RemoraError } from '../../errors.ts'
import type { Problem } from '../../inject/index.ts'
import type { TrustedNamespaces } from '../../istio/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { describeSystemError } from '../../system-error.ts'
import type { ResourceStatus } from '../cluster.ts'
import type { ApiClient } from './api-client.ts'
import { ApiRefused } from './api-error.ts'
import { backOffMs, pause } from './back-off.ts'
import { listResource, readObject, versionOf, watchAccept } from './list-resource.ts'
import type { ObjectStore } from './resource-store.ts'
import { keyOfMetadata, metadataOf, type WatchedResource } from './resources.ts'
import type { LiveTiming } from './timing.ts'
import { readWatch, type WatchEvent, WatchSilent } from './watch-stream.ts'

export interface ReflectorOptions {
  readonly resource: WatchedResource
  readonly api: ApiClient
  readonly store: ObjectStore
  /** The trusted namespaces, for kinds that define revisions and tags. */
  readonly trust?: () => TrustedNamespaces
  readonly timing: LiveTiming
  /** Ends after the first complete list, without a watch. */
  readonly readOnce?: boolean | undefined
  /** Gets all objects of a complete list, whole. */
  readonly onListed?: ((objects: readonly JsonObject[]) => void) | undefined
  /** Called after the first sync, and when a problem appears or disappears. */
  readonly onStatus: () => void
}

/**
 * After this many consecutive refusals, the watch's resource version is discarded: a restored etcd does not know it.
 */
const REFUSALS_BEFORE_LIST = 3

/** The time from the end of a watch to the next one before the state counts as stale. */
const BETWEEN_WATCHES_MS = 1_000

export class Reflector {
  readonly #options: ReflectorOptions
  /** The resource version for the next watch; undefined: a list comes first. */
  #version: string | undefined
  #relistAt = 0
  #failures = 0
  #restarts = 0
  #synced = false
  #absent = false
  #watching = false
  /** The last watch ended as requested, so the next one is about to start. */
  #endedInOrder = false
  #heardAt: number | undefined
  #problem: Problem | undefined
  /** Resolved by the next complete list; undefined if none was requested. */
  #listWanted: PromiseWithResolvers<void> | undefined
  /** Ends the current watch, for a requested list. */
  #watchEnd = new AbortController()
  /** The last failure was of a kind that is retried at once. */
  #everyday = false

  constructor(options: ReflectorOptions) {
    this.#options = options
  }

  get synced(): boolean {
    return this.#synced
  }

  /** Why the resource cannot be read now, without its name; undefined if there is no problem. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  status(): ResourceStatus {
    const { resource, store, timing } = this.#options
    const heardAgo = this.#heardAt === undefined ? 0 : performance.now() - this.#heardAt
    const patience = this.#watching
      ? timing.watchMs + timing.overdueMs
      : this.#absent
        ? 2 * timing.absentMs
        : this.#endedInOrder
          ? BETWEEN_WATCHES_MS
          : 0
    return {
      resource: resource.name,
      state: this.#watching ? 'watching' : this.#absent ? 'absent' : this.#synced ? 'interrupted' : 'reading',
      synced: this.#synced,
      objects: store.size,
      staleForMs: heardAgo > patience ? heardAgo : 0,
      restarts: this.#restarts,
    }
  }

  /**
   * Requests a complete list as soon as possible, because the kept objects change. Resolves when the store has it.
   */
  relist(): Promise<void> {
    this.#listWanted ??= Promise.withResolvers()
    this.#watchEnd.abort()
    return this.#listWanted.promise
  }

  /** Runs until the signal is aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#listWanted || this.#version === undefined || performance.now() >= this.#relistAt)
          await this.#list(signal)
        if (this.#listWanted !== undefined) continue
        if (this.#options.readOnce === true) return
        if (this.#absent) await this.#waitForKind(signal)
        else await this.#watch(signal)
      } catch (error) {
        if (signal.aborted) return
        if (this.#watchEnd.signal.aborted && this.#listWanted !== undefined) {
          this.#watchEnd = new AbortController()
          continue
        }
        await this.#recover(error instanceof RemoraError ? error : defect(error), signal)
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { resource, store, timing } = this.#options
    const wanted = this.#listWanted
    this.#watchEnd = new AbortController()
    try {
      const { entries, version } = await listResource(this.#options, signal)
      store.replace(entries)
      this.#version = version
      this.#absent = false
    } catch (error) {
      if (!(error instanceof ApiRefused && error.status === 404 && resource.mayBeAbsent)) throw error
      store.replace(store.collector())
      this.#version = undefined
      this.#absent = true
    }
    this.#relistAt = performance.now() + timing.relistMs * (0.8 + 0.4 * Math.random())
    this.#heardAt = performance.now()
    const first = !this.#synced
    this.#synced = true
    // A request that arrived during the list is still open.
    if (this.#listWanted === wanted && !this.#watchEnd.signal.aborted) {
      this.#listWanted = undefined
      wanted?.resolve()
    }
    if (this.#absent) this.#recovered()
    if (first) this.#options.onStatus()
  }

  async #waitForKind(signal: AbortSignal): Promise<void> {
    await pause(this.#options.timing.absentMs * (0.75 + 0.5 * Math.random()), signal)
    this.#version = undefined
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { resource, api, timing } = this.#options
    const began = performance.now()
    const wantedMs = Math.min(timing.watchMs * (0.8 + 0.2 * Math.random()), this.#relistAt - began)
    const timeoutSeconds = Math.max(1, Math.ceil(wantedMs / 1000))
    const response = await api.stream({
      path: resource.path,
      query: {
        ...resource.selectors,
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: this.#version ?? '',
        timeoutSeconds: String(timeoutSeconds),
      },
      accept: watchAccept(resource),
      signal: AbortSignal.any([signal, this.#watchEnd.signal]),
      timeoutMs: timing.watchStartMs,
    })
    this.#watching = true
    this.#endedInOrder = false
    this.#heardAt = performance.now()
    const limits = { endsInMs: timeoutSeconds * 1000, overdueMs: timing.overdueMs }
    const settled = setTimeout(() => this.#recovered(), timing.shortWatchMs)
    try {
      for await (const event of readWatch(response, limits)) {
        this.#heardAt = performance.now()
        await this.#apply(event, signal)
        this.#recovered()
        if (performance.now() > this.#relistAt) break
      }
      this.#heardAt = performance.now()
      this.#endedInOrder = true
    } catch (error) {
      if (!(error instanceof WatchSilent)) this.#heardAt = performance.now()
      throw error
    } finally {
      clearTimeout(settled)
      this.#watching = false
    }
    if (performance.now() - began < timing.shortWatchMs && !signal.aborted) {
      this.#failures += 1
      await this.#pause(undefined, signal)
    }
  }

  async #apply({ type, object }: WatchEvent, signal: AbortSignal): Promise<void> {
    const { store } = this.#options
    const key = keyOfMetadata(metadataOf(object))
    if (type === 'DELETED') store.delete(key)
    else if (type !== 'BOOKMARK') {
      const read = await readObject(object, this.#options, signal)
      if (read.kind === 'found') store.put(...read.entry)
      else store.delete(key)
    }
    // Stored only now, so that an event whose object could not be read arrives again.
    this.#version = versionOf(object)
  }

  async #recover(error: RemoraError, signal: AbortSignal): Promise<void> {
    const { resource } = this.#options
    this.#failures += 1
    this.#restarts += 1
    const refused = error instanceof ApiRefused ? error : undefined
    const unusable = error.code.startsWith('json-') || error.code === DEFECT
    const defined = !(refused?.status === 404 && resource.mayBeAbsent)
    if (refused?.expired || unusable || !defined || (refused && this.#failures >= REFUSALS_BEFORE_LIST)) {
      this.#version = undefined
    }
    // An expired version, a dead connection or a removed definition is normal once, but not twice in a row.
    const everyday = refused?.expired || error instanceof WatchSilent || !defined
    const again = this.#everyday
    this.#everyday = everyday
    if (everyday && !again) return
    if (this.#failures > 1 || !this.#synced) this.#report(error)
    await this.#pause(refused?.retryAfterMs, signal)
  }

  #pause(askedMs: number | undefined, signal: AbortSignal): Promise<void> {
    const delayMs = backOffMs(this.#failures, this.#options.timing.backOff, Math.random(), askedMs)
    return pause(delayMs, signal)
  }

  /** The first message of a series stays, so that one outage is one line in the log. */
  #report(error: RemoraError): void {
    if (this.#problem?.code === error.code) return
    this.#problem = { code: error.code, message: error.message }
    this.#options.onStatus()
  }

  #recovered(): void {
    this.#failures = 0
    this.#everyday = false
    if (this.#problem === undefined) return
    this.#problem = undefined
    this.#options.onStatus()
  }
}

const DEFECT = 'cluster-update-failed'

/** A bug here must not end a server that has a good snapshot. */
function defect(error: unknown): RemoraError {
  return new RemoraError('cluster-update-failed', `an internal error: ${describeSystemError(error)}`, {
    cause: error,
  })
}
