/**
 * One revision's configuration, compiled: all that injection needs and no request changes. Made by
 * revisions/compile-revision.ts, never changed, shared by every request until the next one replaces it.
 */
import type { CompiledTemplate } from '../gotemplate/index.ts'
import type { Gates, InjectorConfig, IstioVersion, MeshConfig, Values } from '../istio/index.ts'
import type { LabelPredicate } from '../kube/index.ts'
import type { TemplateModel } from './data/template-data.ts'
import { RevisionCache } from './specialize/revision-cache.ts'

/**
 * What a revision is made from: the texts of its ConfigMaps as they are in the cluster, and what the cluster and
 * the options say of its control plane.
 */
export interface RevisionInputs {
  /** `default` for the unsuffixed one. */
  readonly name: string
  /** Namespace of the control plane and of both ConfigMaps. */
  readonly namespace: string
  /** The version as which it is served (see serveIstioVersion). */
  readonly version: IstioVersion
  /** Uid of the injector ConfigMap, where the source has uids: a ConfigMap that is created again has another one. */
  readonly configMapUid?: string | undefined
  readonly injectorConfigMap: {
    /** `istio-sidecar-injector-canary`, for messages. */
    readonly name: string
    /** Key `config`; undefined where it is missing. */
    readonly config: string | undefined
    /** Key `values`. */
    readonly values: string | undefined
  }
  readonly meshConfigMap: {
    readonly name: string
    /** Key `mesh`; undefined where key or ConfigMap is missing: Istio's defaults hold. */
    readonly mesh: string | undefined
  }
  /**
   * The control plane's environment from options and its Deployment, the options' winning. What `values.pilot.env`
   * (1.26 and later) says of further keys is added when the revision is compiled.
   */
  readonly environment: ReadonlyMap<string, string>
}

/** Whether istio-proxy becomes an init container that keeps running; `auto`: where the kubelets can do it. */
export type NativeSidecarMode = 'enabled' | 'disabled' | 'auto'

/** Everything of a configuration that compiling it gives. */
export interface RevisionParts {
  /** What it was compiled from: compiling it again gives the same configuration. */
  readonly inputs: RevisionInputs
  /** Of the ConfigMaps' texts (configuration-digest.ts). */
  readonly digest: string
  readonly name: string
  readonly namespace: string
  readonly version: IstioVersion
  readonly gates: Gates
  readonly environment: ReadonlyMap<string, string>
  /** Of the control plane's own cluster: CLUSTER_ID of the environment, else of the values, else `Kubernetes`. */
  readonly clusterName: string
  readonly nativeSidecars: NativeSidecarMode
  readonly openShift: boolean
  readonly compliancePolicy: string

  readonly injector: InjectorConfig
  /** The types of what the templates read. */
  readonly model: TemplateModel
  /** By name, compiled. */
  readonly templates: ReadonlyMap<string, CompiledTemplate>
  /** A template changes the values that it is given (sprig's `set`), so each request needs values of its own. */
  readonly valuesChange: boolean
  /** A template may read the pod's volumes (reads-volumes.ts). */
  readonly mayReadVolumes: boolean
  /** The selectors that can be evaluated; Istio passes over the others, and an empty one matches nothing. */
  readonly neverInject: readonly LabelPredicate[]
  readonly alwaysInject: readonly LabelPredicate[]

  /** Key `values`, as map and as struct. */
  readonly values: Values
  /** With Istio's defaults. */
  readonly mesh: MeshConfig
  /** What is odd in the configuration but does not stop it: an unusable selector, an unknown policy. */
  readonly warnings: readonly RevisionWarning[]
}

/** A base class whose fields are those of RevisionParts, so that they are listed once. */
const Parts = class {
  constructor(parts: RevisionParts) {
    Object.assign(this, parts)
  }
} as new (
  parts: RevisionParts,
) => RevisionParts // what it assigned

export class RevisionConfig extends Parts {
  #cache: RevisionCache | undefined

  /**
   * What requests left for the next ones. It belongs to this object alone: `{ ...config }` has no such method and is
   * therefore no RevisionConfig.
   * @param maxBytes from now on; what no longer fits is evicted
   */
  useCache(maxBytes: number): RevisionCache {
    if (this.#cache === undefined) this.#cache = new RevisionCache(this, maxBytes)
    else this.#cache.limitTo(maxBytes)
    return this.#cache
  }

  /** Undefined until the first pod comes. */
  get cache(): RevisionCache | undefined {
    return this.#cache
  }

  /** A configuration with other parts, and with an empty cache of its own. */
  with(changes: Partial<RevisionParts>): RevisionConfig {
    return new RevisionConfig({ ...this, ...changes })
  }
}

export interface RevisionWarning {
  readonly code: 'policy-unknown' | 'template-impure' | 'selector-invalid'
  /** The text that it is about: `ConfigMap istio-system/istio-sidecar-injector, key config`. */
  readonly source: string
  readonly template?: string
  /** Within the text: `neverInjectSelector[0]`. */
  readonly path?: string
  readonly problem: string
}
