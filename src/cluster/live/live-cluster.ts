/**
 * The cluster around the server: one reflector for each kind of object that decides about injection, and the snapshot
 * built anew, beside the requests, when something changed. Owns when to build and what "synced" and "stale" mean; how
 * a kind is followed is reflector.ts, what the objects mean is for `buildSnapshot`.
 */
import {
  type BuiltSnapshot,
  buildSnapshot,
  emptySnapshot,
  type Problem,
  type Snapshot,
  type SnapshotOptions,
} from '../../inject/index.ts'
import { type Cluster, type ClusterListener, type ClusterStatus, compareProblems } from '../cluster.ts'
import { compileInTurns } from '../compile-in-turns.ts'
import { missingRevisions } from '../missing.ts'
import { ApiClient, describe } from './api-client.ts'
import { ConfigMapEvents } from './config-map-events.ts'
import { type EndpointSource, KubeConfigEndpoint } from './endpoint.ts'
import { NamespaceReader } from './namespace-reader.ts'
import { Reflector } from './reflector.ts'
import { ResourceStore } from './resource-store.ts'
import { RESOURCE_NAMES, RESOURCES, type ResourceName } from './resources.ts'
import { needsNodes, withheldOf, withoutNodes } from './revisions-without-nodes.ts'
import { STORE_LIMITS } from './store-limits.ts'
import { DEFAULT_TIMING, type LiveTiming } from './timing.ts'

export interface LiveClusterOptions {
  readonly snapshot: SnapshotOptions
  /** Where the API server is; default as kubectl finds it. */
  readonly endpoints?: EndpointSource
  readonly timing?: Partial<LiveTiming>
}

/** Building takes at most this share of the time, however often something changes. */
const BUILD_SHARE = 10

interface Following {
  readonly reflector: Reflector
  readonly stop: AbortController
  readonly ended: Promise<void>
}

export class LiveCluster implements Cluster {
  readonly #options: LiveClusterOptions
  readonly #timing: LiveTiming
  readonly #endpoints: EndpointSource
  readonly #api: ApiClient
  readonly #events: ConfigMapEvents
  readonly #namespaces: NamespaceReader
  readonly #stores: Readonly<Record<ResourceName, ResourceStore>>
  readonly #following = new Map<ResourceName, Following>()
  readonly #listeners = new Set<ClusterListener>()
  readonly #stopped = new AbortController()
  #source = 'the cluster around'
  #built: BuiltSnapshot | undefined
  #snapshot: Snapshot = emptySnapshot
  #problems: readonly Problem[] = []
  #outage: Problem | undefined
  #defect: Problem | undefined
  #synced = false
  #changed = false
  #compiling = false
  #nodesMissing = false
  #timer: NodeJS.Timeout | undefined
  #lastBuildMs = 0
  readonly #settled = Promise.withResolvers<void>()
  #nextBuild = Promise.withResolvers<void>()

  constructor(options: LiveClusterOptions) {
    this.#options = options
    this.#timing = { ...DEFAULT_TIMING, ...options.timing }
    this.#endpoints = options.endpoints ?? new KubeConfigEndpoint()
    this.#api = new ApiClient(this.#endpoints)
    const store = (name: ResourceName): ResourceStore =>
      new ResourceStore(() => this.#schedule(), STORE_LIMITS[name])
    this.#stores = {
      namespaces: store('namespaces'),
      configmaps: store('configmaps'),
      deployments: store('deployments'),
      services: store('services'),
      mutatingwebhookconfigurations: store('mutatingwebhookconfigurations'),
      proxyconfigs: store('proxyconfigs'),
      nodes: store('nodes'),
    }
    const api = this.#api
    this.#events = new ConfigMapEvents({
      api,
      configMaps: this.#stores.configmaps,
      timeoutMs: this.#timing.requestTimeoutMs,
      onStatus: () => this.#tell(),
    })
    this.#namespaces = new NamespaceReader(api, this.#stores.namespaces, this.#timing.namespaceMs)
  }

  get synced(): boolean {
    return this.#synced
  }

  snapshot(): Snapshot {
    return this.#snapshot
  }

  status(): ClusterStatus {
    const resources = [...this.#following.values()].map(({ reflector }) => reflector.status())
    return {
      synced: this.#synced,
      source: this.#source,
      staleForMs: Math.max(0, ...resources.map(({ staleForMs }) => staleForMs)),
      resources,
      problems: this.#problems,
    }
  }

  onChange(listener: ClusterListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Waits for an API server that does not answer; rejects where no way to one is configured. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { server } = await this.#endpoints.current()
    this.#source = `cluster ${server.origin}`
    const stop = (): void => this.#stop()
    signal.addEventListener('abort', stop, { once: true })
    this.#stopped.signal.addEventListener('abort', () => signal.removeEventListener('abort', stop))
    if (signal.aborted) return this.close()
    for (const name of RESOURCE_NAMES) if (name !== 'nodes') this.#follow(name)
    await this.#settled.promise
  }

  async close(): Promise<void> {
    this.#stop()
    await Promise.all([...this.#following.values()].map(({ ended }) => ended))
    await this.#events.close()
    this.#api.close()
  }

  async ensureNamespace(name: string): Promise<Snapshot | undefined> {
    if (this.#snapshot.namespaces.has(name)) return this.#snapshot
    if (!this.#synced || !(await this.#namespaces.read(name, this.#stopped.signal))) return undefined
    // Reviews of many new namespaces share one build.
    if (!this.#snapshot.namespaces.has(name) && this.#changed) await this.#nextBuild.promise
    return this.#snapshot.namespaces.has(name) ? this.#snapshot : undefined
  }

  #stop(): void {
    this.#stopped.abort()
    clearTimeout(this.#timer)
    for (const { stop } of this.#following.values()) stop.abort()
    this.#settled.resolve()
    this.#nextBuild.resolve()
  }

  #follow(name: ResourceName): void {
    if (this.#following.has(name) || this.#stopped.signal.aborted) return
    const stop = new AbortController()
    const reflector = new Reflector({
      resource: RESOURCES[name],
      api: this.#api,
      store: this.#stores[name],
      timing: this.#timing,
      onStatus: () => this.#advance(),
    })
    const ended = reflector.run(stop.signal)
    this.#following.set(name, { reflector, stop, ended })
  }

  #unfollow(name: ResourceName): void {
    this.#following.get(name)?.stop.abort()
    this.#following.delete(name)
    this.#stores[name].replace(this.#stores[name].collector())
  }

  /** Something about the reflectors changed: perhaps all is known now. */
  #advance(): void {
    const others = [...this.#following].filter(([name]) => name !== 'nodes')
    const readable = others.every(([, { reflector }]) => reflector.synced)
    const nodesCame = this.#nodesMissing && this.#following.get('nodes')?.reflector.synced === true
    // Before the first sync there is nothing to spread the work over; afterwards only problems come and go.
    if (readable && (!this.#synced || nodesCame)) this.#build()
    else this.#tell()
  }

  #schedule(): void {
    this.#changed = true
    if (!this.#synced || this.#timer !== undefined || this.#stopped.signal.aborted) return
    const delayMs = Math.max(this.#timing.settleMs, BUILD_SHARE * this.#lastBuildMs)
    this.#timer = setTimeout(() => this.#build(), delayMs)
  }

  #build(): void {
    if (this.#stopped.signal.aborted) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#changed = false
    const began = performance.now()
    const objects = RESOURCE_NAMES.flatMap((name) => [...this.#stores[name].objects()])
    try {
      // Before anything is served there is nothing to wait for it.
      const when = this.#synced ? 'later' : 'now'
      this.#built = buildSnapshot(objects, this.#options.snapshot, this.#built, when)
      this.#defect = undefined
    } catch (error) {
      // It must not end a server that has a good snapshot to serve from.
      const message = `the cluster could not be updated: ${describe(error)}`
      this.#defect = { code: 'cluster-update-failed', message }
      this.#tell()
      return
    } finally {
      this.#lastBuildMs = performance.now() - began
    }
    const nodesNeeded = needsNodes(this.#built.snapshot)
    if (nodesNeeded) this.#follow('nodes')
    else if (this.#following.has('nodes')) this.#unfollow('nodes')
    const nodes = this.#following.get('nodes')?.reflector
    this.#nodesMissing = nodesNeeded && nodes?.synced !== true
    if (!this.#synced) {
      // Nodes that may not be read must not keep the revisions from serving that do not ask for them.
      if (this.#nodesMissing && nodes?.problem === undefined) return
      this.#synced = true
      this.#settled.resolve()
    }
    this.#snapshot = this.#nodesMissing
      ? withoutNodes(this.#built.snapshot, this.#snapshot)
      : this.#built.snapshot
    this.#tell(true)
    this.#events.report(this.#snapshot, this.#stopped.signal)
    this.#nextBuild.resolve()
    this.#nextBuild = Promise.withResolvers()
    this.#compile(this.#built.pending)
  }

  /** Beside the requests; what changes meanwhile, a build finds and leaves to the next call. */
  #compile(pending: BuiltSnapshot['pending']): void {
    if (pending.size === 0 || this.#compiling) return
    this.#compiling = true
    void compileInTurns(pending.values(), () => this.#stopped.signal.aborted).then(() => {
      this.#compiling = false
      this.#build()
    })
  }

  /** Listeners hear of a new snapshot always, of the rest only where a problem came or went. */
  #tell(built = false): void {
    const before = this.#problems
    const own = [this.#defect, this.#events.problem].filter((problem) => problem !== undefined)
    this.#problems = [
      ...this.#unreadable(),
      ...this.#leftOut(),
      ...own,
      ...(this.#synced ? missingRevisions(this.#snapshot) : []),
      ...this.#snapshot.problems,
      // For the moment that reading them takes, there is nothing to tell.
      ...(this.#following.get('nodes')?.reflector.problem === undefined ? [] : withheldOf(this.#snapshot)),
    ]
    const change = { snapshot: this.#snapshot, ...compareProblems(before, this.#problems) }
    if (!built && change.appeared.length === 0 && change.resolved.length === 0) return
    for (const listener of this.#listeners) listener(change)
  }

  /** Objects that do not fit into their store. */
  #leftOut(): readonly Problem[] {
    return RESOURCE_NAMES.flatMap((name) => {
      const { count, examples } = this.#stores[name].leftOut
      if (count === 0) return []
      const { objectBytes, namespaceBytes, totalBytes } = STORE_LIMITS[name]
      const ofNamespace = namespaceBytes === undefined ? '' : `, those of one namespace ${namespaceBytes},`
      const more = count > examples.length ? ` and ${count - examples.length} more` : ''
      const message =
        `${name}: ${count} left out, or kept as they were before: ${examples.join(', ')}${more}; one may take ` +
        `${objectBytes} bytes of memory${ofNamespace} and all ${totalBytes}`
      return [{ code: 'objects-left-out', message }]
    })
  }

  /** An API server that is gone is one problem, whatever was asked for, and stays the same one until it is back. */
  #unreadable(): readonly Problem[] {
    const sequel = this.#synced ? 'the last good state stays in use' : 'the cluster is not known yet'
    const problems: Problem[] = []
    let outage: Problem | undefined
    for (const [name, { reflector }] of this.#following) {
      const { problem } = reflector
      if (problem === undefined) continue
      const { code, message } = problem
      if (code === 'cluster-api-unreachable') {
        outage ??= this.#outage ?? { code, message: `the API server: ${message}; ${sequel}` }
      } else problems.push({ code, message: `${name}: ${message}; ${sequel}` })
    }
    this.#outage = outage
    return outage === undefined ? problems : [outage, ...problems]
  }
}
