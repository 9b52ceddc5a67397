/**
 * Which revisions and tags a cluster's plain objects define. Pure: objects come in as JSON. What a revision's
 * configuration means is in injector-config.ts and mesh-config.ts, its environment in istiod-env.ts; choosing a
 * pod's revision is for the room inject.
 */
import type { JsonObject } from '../json/index.ts'

/** The objects of a cluster that take part, of any namespace; other kinds and names are ignored. */
export interface IstioObjects {
  readonly configMaps: readonly JsonObject[]
  readonly deployments: readonly JsonObject[]
  readonly services: readonly JsonObject[]
  readonly webhookConfigurations: readonly JsonObject[]
}

/** A ConfigMap that belongs to a revision. */
export interface FoundConfigMap {
  readonly namespace: string
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  /** The object itself: the same one means that nothing changed. */
  readonly object: JsonObject
  /** The texts under `data`. */
  readonly data: ReadonlyMap<string, string>
}

export interface DiscoveredRevision {
  /** `default` for the unsuffixed one. */
  readonly name: string
  readonly namespace: string
  /** `istio-sidecar-injector[-<rev>]`: keys config and values. */
  readonly injector: FoundConfigMap
  /** `istio[-<rev>]`: key mesh; undefined where there is none, then Istio's defaults hold. */
  readonly mesh: FoundConfigMap | undefined
  /** Environment of the container `discovery` of the Deployment istiod[-<rev>]: literal values only. */
  readonly deploymentEnv: ReadonlyMap<string, string>
}

export interface DiscoveryProblem {
  readonly code: 'revision-in-two-namespaces' | 'tag-without-revision'
  readonly message: string
}

export interface Discovery {
  /** By name, sorted. */
  readonly revisions: ReadonlyMap<string, DiscoveredRevision>
  /** Tag to the revision that it points at, which may be unknown; sorted. */
  readonly tags: ReadonlyMap<string, string>
  /** Set by webhook configurations where any exists (whether one has an `auto.` webhook); undefined where there is none: values decide. */
  readonly enableNamespacesByDefault: boolean | undefined
  readonly problems: readonly DiscoveryProblem[]
}
