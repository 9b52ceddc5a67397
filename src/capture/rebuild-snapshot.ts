/**
 * Rebuilds the snapshot of a captured review from the lines of the capture. Equal configurations are compiled once,
 * even across files.
 */

import {
  type InjectOptions,
  Kubelets,
  type NamespaceFacts,
  type Revision,
  type RevisionConfig,
  type RolloutFacts,
  type Snapshot,
} from '../inject/index.ts'
import { parseIstioVersion, parseProxyConfigResource, sortProxyConfigResources } from '../istio/index.ts'
import { isObject, type JsonObject, type JsonValue } from '../json/index.ts'
import { compileRevision } from '../revisions/index.ts'
import { parseRollout, RolloutError } from '../rollout/index.ts'
import {
  CaptureError,
  type ClusterLine,
  type ConfigurationLine,
  type ReviewLine,
  type RolloutLine,
} from './format.ts'

/** Only the latest configurations and snapshots are cached, because neighbouring reviews share them. */
const KEPT_CONFIGURATIONS = 64
const KEPT_SNAPSHOTS = 16

/** The snapshot and options for a review. */
export interface ReplayCluster {
  readonly snapshot: Snapshot
  readonly options: InjectOptions
}

export class SnapshotRebuilder {
  readonly #compiled = new Map<string, RevisionConfig>()
  readonly #clusters = new Map<
    string,
    {
      readonly base: ReplayCluster
      readonly leftOut: boolean
    }
  >()
  #lines = new Map<string, ConfigurationLine>()
  #clusterLines = new Map<string, ClusterLine>()

  /** Ids are unique per file. */
  beginFile(): void {
    this.#lines = new Map()
    this.#clusterLines = new Map()
  }

  addConfiguration(line: ConfigurationLine): void {
    this.#lines.set(line.id, line)
  }

  addCluster(line: ClusterLine): void {
    this.#clusterLines.set(line.id, line)
  }

  /**
   * Undefined if the capture leaves configurations out.
   * @throws CaptureError `capture-malformed` if lines are missing; RemoraError if a configuration does not compile
   */
  rebuild(review: ReviewLine): ReplayCluster | undefined {
    let cluster = this.#clusters.get(review.cluster)
    if (cluster === undefined) {
      cluster = this.#rebuildCluster(review.cluster)
      remember(this.#clusters, review.cluster, cluster, KEPT_SNAPSHOTS)
    }
    if (cluster.leftOut) return undefined
    return withFactsOf(review, cluster.base)
  }

  #rebuildCluster(id: string): {
    readonly base: ReplayCluster
    readonly leftOut: boolean
  } {
    const line = this.#clusterLines.get(id)
    if (line === undefined) throw missing('cluster', id)
    let leftOut = false
    const revisions = new Map<string, Revision>()
    for (const [name, found] of Object.entries(line.revisions)) {
      const { namespace, configuration, versionReason, problem } = found
      const source = configuration === null ? undefined : this.#lines.get(configuration)
      if (configuration !== null && source === undefined) throw missing('configuration', configuration)
      const texts = source === undefined || source.injectorConfigMap.config !== undefined
      if (!texts) leftOut = true
      revisions.set(name, {
        name,
        namespace,
        config: source === undefined || !texts ? undefined : this.#compile(source),
        ...(versionReason !== undefined && { versionReason }),
        ...(problem !== undefined && { problem }),
      })
    }
    const snapshot: Snapshot = {
      revisions,
      tags: new Map(Object.entries(line.tags)),
      enableNamespacesByDefault: line.enableNamespacesByDefault,
      namespaces: new Map(),
      nodes: kubelets(line.kubelets),
      proxyConfigs: sortProxyConfigResources(line.proxyConfigs.map(parseProxyConfigResource)),
      ...(line.rollouts !== undefined && { rollouts: line.rollouts.map(readRollout) }),
      problems: [],
    }
    return { base: { snapshot, options: optionsOf(line) }, leftOut }
  }

  #compile(line: ConfigurationLine): RevisionConfig {
    const known = this.#compiled.get(line.id)
    if (known !== undefined) return known
    const version = parseIstioVersion(line.istioVersion)
    if (version === undefined) {
      throw new CaptureError(
        'capture-malformed',
        `configuration ${line.id}: istioVersion ${JSON.stringify(line.istioVersion)} is not a version`,
      )
    }
    const { name, namespace, injectorConfigMap, meshConfigMap, environment } = line
    const compiled = compileRevision({
      name,
      namespace,
      version,
      injectorConfigMap: {
        name: injectorConfigMap.name,
        config: injectorConfigMap.config,
        values: injectorConfigMap.values,
      },
      meshConfigMap: { name: meshConfigMap.name, mesh: meshConfigMap.mesh },
      environment: new Map(Object.entries(environment)),
    })
    remember(this.#compiled, line.id, compiled, KEPT_CONFIGURATIONS)
    return compiled
  }
}

/** @throws CaptureError `capture-malformed` */
function readRollout({ rollout, unready }: RolloutLine): RolloutFacts {
  try {
    return { rollout: parseRollout(rollout), unready }
  } catch (error) {
    if (!(error instanceof RolloutError)) throw error
    throw new CaptureError('capture-malformed', `a rollout of a cluster line: ${error.message}`, {
      cause: error,
    })
  }
}

/** Adds the captured namespaces and node to a snapshot that does not have them. */
export function withFactsOf(review: ReviewLine, base: ReplayCluster): ReplayCluster {
  return { ...base, snapshot: addFacts(review, base.snapshot) }
}

function addFacts(review: ReviewLine, base: Snapshot): Snapshot {
  const namespaces = new Map(base.namespaces)
  for (const [name, facts] of Object.entries(review.namespaces)) {
    if (!namespaces.has(name)) namespaces.set(name, namespaceFacts(facts))
  }
  const { node } = review
  if (node === undefined || base.nodes.versions.has(node.name)) return { ...base, namespaces }
  return { ...base, namespaces, nodes: new Kubelets([...base.nodes.versions, [node.name, node.kubelet]]) }
}

function namespaceFacts(facts: {
  readonly labels: JsonObject
  readonly annotations: JsonObject
}): NamespaceFacts {
  return { labels: textMap(facts.labels), annotations: textMap(facts.annotations) }
}

function textMap(object: JsonValue): ReadonlyMap<string, string> {
  return new Map(Object.entries(isObject(object) ? object : {}).map(([key, value]) => [key, String(value)]))
}

/** Under names that no node can have. */
function kubelets(versions: readonly string[]): Kubelets {
  return new Kubelets(versions.map((version, i) => [`(node ${i})`, version]))
}

function optionsOf({ options }: ClusterLine): InjectOptions {
  const { labelRevision, templateLimits } = options
  const { maxSteps, maxOutput, maxAllocated, maxDepth } = templateLimits ?? {}
  if (
    maxSteps === undefined ||
    maxOutput === undefined ||
    maxAllocated === undefined ||
    maxDepth === undefined
  )
    return { labelRevision }
  return { labelRevision, templateLimits: { maxSteps, maxOutput, maxAllocated, maxDepth } }
}

function remember<T>(cache: Map<string, T>, key: string, value: T, limit: number): void {
  const oldest = cache.size >= limit ? cache.keys().next().value : undefined
  if (oldest !== undefined) cache.delete(oldest)
  cache.set(key, value)
}

function missing(what: string, id: string): CaptureError {
  return new CaptureError(
    'capture-malformed',
    `there is no ${what} line ${id} before the review that refers to it`,
  )
}
