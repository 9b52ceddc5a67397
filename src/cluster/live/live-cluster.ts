/**
 * The live cluster: one reflector for each kind of object that affects injection, and a snapshot that is rebuilt in
 * the background when something changed. This file decides when to build, and when the state is synced or stale.
 * reflector.ts watches a kind, and SnapshotBuilder interprets the objects.
 */

import type { KeptConfiguration, Problem, Snapshot } from '../../inject/index.ts'
import { defaultTrust } from '../../istio/index.ts'
import {
  type BuiltSnapshot,
  emptySnapshot,
  SnapshotBuilder,
  type SnapshotOptions,
} from '../../revisions/index.ts'
import { describeSystemError } from '../../system-error.ts'
import { ChangeListeners } from '../change-listeners.ts'
import type { Cluster, ClusterListener, ClusterStatus } from '../cluster.ts'
import { compileInTurns } from '../compile-in-turns.ts'
import type { ObjectReader } from '../object-reader.ts'
import { ApiClient } from './api-client.ts'
import { ConfigMapEvents } from './config-map-events.ts'
import { DefinitionTrust } from './definition-trust.ts'
import { type EndpointSource, type KubeConfigChoice, KubeConfigEndpoint } from './endpoint.ts'
import {
  type Followed,
  findObject,
  followedResources,
  isDefinition,
  mergeStatus,
  objectsOf,
} from './followed.ts'
import { LiveObjects } from './live-objects.ts'
import { LiveProblems } from './live-problems.ts'
import { NamespaceReader } from './namespace-reader.ts'
import { Reflector } from './reflector.ts'
import { Reflectors } from './reflectors.ts'
import { DEFINITION_NAMES, RESOURCE_NAMES, type ResourceName } from './resources.ts'
import { needsNodes, withoutNodes } from './revisions-without-nodes.ts'
import { RolloutTargets } from './rollout-targets.ts'
import { DEFAULT_TIMING, type LiveTiming } from './timing.ts'

export interface LiveClusterOptions {
  readonly snapshot: SnapshotOptions
  /** Which cluster of the kubeconfig; by default kubectl's. */
  readonly kubeConfig?: KubeConfigChoice
  /** The address of the API server instead of that of a kubeconfig. */
  readonly endpoints?: EndpointSource
  readonly timing?: Partial<LiveTiming>
  /** Each kind is listed once and not watched, and nothing is written: for a short-lived command. */
  readonly readOnce?: boolean
  /** All Deployments are listed, because the command needs them. */
  readonly allDeployments?: boolean
}

/** Building takes at most this share of the time, however often something changes. */
const BUILD_SHARE = 10

export class LiveCluster implements Cluster {
  readonly #options: LiveClusterOptions
  readonly #timing: LiveTiming
  readonly #endpoints: EndpointSource
  readonly #api: ApiClient
  readonly #events: ConfigMapEvents
  readonly #namespaces: NamespaceReader
  readonly #followed: Readonly<Record<ResourceName, readonly Followed[]>>
  readonly #reflectors: Reflectors
  readonly #trust: DefinitionTrust
  readonly #targets: RolloutTargets
  readonly #listeners = new ChangeListeners()
  readonly #stopped = new AbortController()
  #source = 'the live cluster'
  readonly #builder: SnapshotBuilder
  /** Kinds whose objects changed since the last build. */
  readonly #changedKinds = new Set<ResourceName>()
  #snapshot: Snapshot = emptySnapshot
  readonly #problems = new LiveProblems()
  #defect: Problem | undefined
  #synced = false
  #changed = false
  #compiling = false
  #nodesMissing = false
  #kept: ReadonlyMap<string, KeptConfiguration> = new Map()
  #timer: NodeJS.Timeout | undefined
  #lastBuildMs = 0
  readonly #settled = Promise.withResolvers<void>()
  #nextBuild = Promise.withResolvers<void>()

  constructor(options: LiveClusterOptions) {
    this.#options = options
    this.#builder = new SnapshotBuilder(options.snapshot, (key) => this.#targets.endpointsOf(key))
    this.#timing = { ...DEFAULT_TIMING, ...options.timing }
    this.#endpoints = options.endpoints ?? new KubeConfigEndpoint({ choice: options.kubeConfig })
    this.#api = new ApiClient(this.#endpoints)
    const trust = options.snapshot.trust ?? defaultTrust
    this.#trust = new DefinitionTrust({
      trust,
      maxHoldMs: this.#timing.trustMs,
      signal: this.#stopped.signal,
      onRelease: () => (this.#synced ? this.#build() : this.#advance()),
    })
    const { readOnce = false, allDeployments = false } = options
    const changed = (name: ResourceName): void => {
      if (name === 'mutatingwebhookconfigurations') this.#updateTrust()
      this.#changedKinds.add(name)
      this.#schedule()
    }
    this.#followed = followedResources(trust, changed, allDeployments)
    this.#events = new ConfigMapEvents({
      api: this.#api,
      configMaps: { get: (key) => findObject(this.#followed.configmaps, key) },
      timeoutMs: this.#timing.requestTimeoutMs,
      onStatus: () => this.#notify(),
    })
    const followed = { api: this.#api, timing: this.#timing, readOnce }
    this.#reflectors = new Reflectors(this.#followed, readOnce, ({ resource, store }, onListed) => {
      const [trust, onStatus] = [() => this.#trust.current, () => this.#advance()]
      return new Reflector({ ...followed, resource, store, trust, onStatus, onListed })
    })
    const onChange = () => (this.#synced ? this.#schedule() : this.#advance())
    this.#targets = new RolloutTargets({ ...followed, onChange })
    const [namespaces] = this.#followed.namespaces
    if (namespaces === undefined) throw new TypeError('namespaces are not followed')
    this.#namespaces = new NamespaceReader(this.#api, namespaces.store, this.#timing.namespaceMs)
  }

  get synced(): boolean {
    return this.#synced
  }

  snapshot(): Snapshot {
    return this.#snapshot
  }

  status(): ClusterStatus {
    const resources = mergeStatus(this.#reflectors.all().map(({ reflector }) => reflector.status()))
    return {
      synced: this.#synced,
      source: this.#source,
      staleForMs: Math.max(0, ...resources.map(({ staleForMs }) => staleForMs)),
      resources,
      problems: this.#problems.current,
    }
  }

  onChange(listener: ClusterListener): () => void {
    return this.#listeners.add(listener)
  }

  /** Waits for an API server that does not respond; rejects if none is configured. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { server } = await this.#endpoints.current()
    this.#source = `cluster ${server.origin}`
    const stop = (): void => this.#stop()
    signal.addEventListener('abort', stop, { once: true })
    this.#stopped.signal.addEventListener('abort', () => signal.removeEventListener('abort', stop))
    if (signal.aborted) return this.close()
    // The webhook configurations determine the trusted namespaces of the kinds that define revisions, so they are
    // listed first.
    for (const name of RESOURCE_NAMES)
      if (name !== 'nodes' && !isDefinition(name)) this.#reflectors.follow(name)
    await this.#settled.promise
  }

  async close(): Promise<void> {
    this.#stop()
    await this.#reflectors.ended()
    await this.#targets.ended()
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

  /** From now on these configurations serve, by revision, if the cluster's own do not build. */
  useKept(kept: ReadonlyMap<string, KeptConfiguration>): void {
    this.#kept = kept
    this.#schedule()
  }

  /** Whole objects of the same API server; to be closed. */
  openObjects(): ObjectReader {
    return new LiveObjects(this.#endpoints, this.#reflectors.listed)
  }

  #stop(): void {
    this.#stopped.abort()
    clearTimeout(this.#timer)
    this.#reflectors.stop()
    this.#targets.stop()
    this.#settled.resolve()
    this.#nextBuild.resolve()
  }

  /** Other namespaces may define revisions now, whose objects must be read. */
  #updateTrust(): void {
    const webhooks = [...objectsOf(this.#followed.mutatingwebhookconfigurations)].map(({ object }) => object)
    const relist = (name: ResourceName) => this.#reflectors.of(name).map((one) => one.relist())
    this.#trust.update(webhooks, () => DEFINITION_NAMES.flatMap(relist))
  }

  /** The state of a reflector changed, so the cluster may be synced now. */
  #advance(): void {
    const known = this.#reflectors.of('mutatingwebhookconfigurations').every(({ synced }) => synced)
    if (known) for (const name of DEFINITION_NAMES) this.#reflectors.follow(name)
    const others = this.#reflectors.all().filter(({ name }) => name !== 'nodes')
    const readable = known && others.every(({ reflector }) => reflector.synced)
    const nodesCame = this.#nodesMissing && this.#nodes?.synced === true
    // Before the first sync everything is built at once. Afterwards only problems appear or disappear here.
    if (readable && (!this.#synced || nodesCame)) this.#build()
    else this.#notify()
  }

  get #nodes(): Reflector | undefined {
    return this.#reflectors.of('nodes')[0]
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
    if (this.#trust.holdsBuild) return
    this.#changed = false
    const began = performance.now()
    let built: BuiltSnapshot
    try {
      for (const name of this.#changedKinds) this.#builder.setKind(name, objectsOf(this.#followed[name]))
      this.#changedKinds.clear()
      // Before the first sync nothing serves, so there is no reason to build in the background.
      built = this.#builder.build(this.#synced ? 'later' : 'now', this.#kept)
      this.#defect = undefined
    } catch (error) {
      // A bug here must not end a server that has a good snapshot.
      const message = `the cluster could not be updated: ${describeSystemError(error)}`
      this.#defect = { code: 'cluster-update-failed', message }
      this.#notify()
      return
    } finally {
      this.#lastBuildMs = performance.now() - began
    }
    const nodesNeeded = needsNodes(built.snapshot)
    if (nodesNeeded) this.#reflectors.follow('nodes')
    else if (this.#nodes !== undefined) this.#reflectors.unfollow('nodes')
    const nodes = this.#nodes
    this.#nodesMissing = nodesNeeded && nodes?.synced !== true
    this.#targets.follow(built.snapshot)
    if (!this.#synced) {
      if (!this.#targets.settled) return
      // If nodes cannot be read, revisions that do not need them must serve anyway.
      if (this.#nodesMissing && nodes?.problem === undefined) return
      this.#synced = true
      this.#settled.resolve()
    }
    this.#snapshot = this.#nodesMissing ? withoutNodes(built.snapshot, this.#snapshot) : built.snapshot
    this.#notify(true)
    if (this.#options.readOnce !== true) this.#events.report(this.#snapshot, this.#stopped.signal)
    this.#nextBuild.resolve()
    this.#nextBuild = Promise.withResolvers()
    this.#compile(built.pending)
  }

  /** Runs in the background. Changes that arrive during a build are left to the next call. */
  #compile(pending: BuiltSnapshot['pending']): void {
    if (pending.size === 0 || this.#compiling) return
    this.#compiling = true
    void compileInTurns(pending.values(), () => this.#stopped.signal.aborted).then(() => {
      this.#compiling = false
      this.#build()
    })
  }

  /** Listeners are called for each new snapshot, and for a change of problems. */
  #notify(built = false): void {
    const change = this.#problems.update({
      following: this.#reflectors.all(),
      followed: this.#followed,
      others: [this.#defect, this.#events.problem, ...this.#targets.problems],
      synced: this.#synced,
      snapshot: this.#snapshot,
      // Not a problem during the short time that reading them takes.
      nodesUnreadable: this.#nodes?.problem !== undefined,
    })
    if (!built && change.appeared.length === 0 && change.resolved.length === 0) return
    this.#listeners.notify({ snapshot: this.#snapshot, ...change })
  }
}
