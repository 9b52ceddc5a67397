/**
 * One revision's configuration, compiled: everything that injection needs and that does not depend on the request. Made
 * by revisions/compile-revision.ts, never changed, and shared by every request until the next one replaces it.
 */
import type { CompiledTemplate } from '../gotemplate/index.ts'
import type { Gates, InjectorConfig, IstioVersion, MeshConfig, Values } from '../istio/index.ts'
import type { LabelPredicate } from '../kube/index.ts'
import type { TemplateModel } from './data/template-data.ts'
import { RevisionCache } from './specialize/revision-cache.ts'

/**
 * The sources of a revision: the texts of its ConfigMaps as they are in the cluster, and what the cluster and the
 * options define for its control plane.
 */
export interface RevisionInputs {
  /** `default` for the one without suffix. */
  readonly name: string
  /** Namespace of the control plane and of both ConfigMaps. */
  readonly namespace: string
  /** The version that it is treated as (see serveIstioVersion). */
  readonly version: IstioVersion
  /** Uid of the injector ConfigMap, if the source has uids: a recreated ConfigMap has another one. */
  readonly configMapUid?: string | undefined
  readonly injectorConfigMap: {
    /** `istio-sidecar-injector-canary`, for messages. */
    readonly name: string
    /** Key `config`; undefined if it is missing. */
    readonly config: string | undefined
    /** Key `values`. */
    readonly values: string | undefined
    /** The names of all keys, where `config` is missing. */
    readonly keys?: readonly string[]
  }
  readonly meshConfigMap: {
    readonly name: string
    /** Key `mesh`; undefined if key or ConfigMap is missing: Istio's defaults apply. */
    readonly mesh: string | undefined
  }
  /**
   * The control plane's environment from options and its Deployment; the options take precedence. Further keys of
   * `values.pilot.env` (1.26 and later) are added when the revision is compiled.
   */
  readonly environment: ReadonlyMap<string, string>
}

/** Whether istio-proxy becomes an init container that keeps running; `auto`: if the kubelets support it. */
export type NativeSidecarMode = 'enabled' | 'disabled' | 'auto'

/** Everything of a configuration that compiling it gives. */
export interface RevisionParts {
  /** The input of the compilation: compiling it again gives the same configuration. */
  readonly inputs: RevisionInputs
  /** Digest of the ConfigMaps' texts (configuration-digest.ts). */
  readonly digest: string
  readonly name: string
  readonly namespace: string
  readonly version: IstioVersion
  readonly gates: Gates
  readonly environment: ReadonlyMap<string, string>
  /** Name of the control plane's own cluster: CLUSTER_ID of the environment, else of the values, else `Kubernetes`. */
  readonly clusterName: string
  readonly nativeSidecars: NativeSidecarMode
  readonly openShift: boolean
  readonly compliancePolicy: string

  readonly injector: InjectorConfig
  /** The types of the templates' data. */
  readonly model: TemplateModel
  /** By name, compiled. */
  readonly templates: ReadonlyMap<string, CompiledTemplate>
  /** A template changes the values that it gets (sprig's `set`), so each request needs its own copy. */
  readonly valuesChange: boolean
  /** The templates that may read the pod's volumes (revisions/reads-volumes.ts). */
  readonly templatesReadingVolumes: ReadonlySet<CompiledTemplate>
  /** One of them may, or what they are filled from names volumes. */
  readonly mayReadVolumes: boolean
  /** The selectors that can be evaluated; Istio ignores the others, and an empty one matches nothing. */
  readonly neverInject: readonly LabelPredicate[]
  readonly alwaysInject: readonly LabelPredicate[]

  /** Key `values`, as map and as struct. */
  readonly values: Values
  /** With Istio's defaults. */
  readonly mesh: MeshConfig
  /** Problems of the configuration that do not stop it: an unusable selector, an unknown policy. */
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
  /** The text that it refers to: `ConfigMap istio-system/istio-sidecar-injector, key config`. */
  readonly source: string
  readonly template?: string
  /** Within the text: `neverInjectSelector[0]`. */
  readonly path?: string
  readonly problem: string
}
