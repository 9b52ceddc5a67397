/**
 * What the post-passes know besides the pod that they change. The core builds it once per request; the passes read it
 * and may only add notes. A pass returns refusals instead of throwing.
 */
import type { Gates, MeshConfig, ProxyConfig, ValuesFacts } from '../../istio/index.ts'
import type { JsonObject } from '../../json/index.ts'
import type { CodeOf } from '../codes.ts'
import type { Note } from '../outcome.ts'
import type { PodDraft } from './pod-draft.ts'

export interface PostContext {
  /** All rendered templates merged into each other, without the pod: everything that injection adds. */
  readonly template: JsonObject
  readonly mesh: MeshConfig
  /**
   * Mesh defaultConfig with the pod's annotation proxy.istio.io/config merged in, without ProxyConfig resources: Istio
   * orders containers by it.
   */
  readonly annotatedProxyConfig: ProxyConfig
  readonly values: ValuesFacts
  readonly gates: Gates
  /** Name of the revision; `default` for the one without suffix. */
  readonly revision: string
  /** The revision in the pod's label; undefined: no label. */
  readonly revisionLabel: string | undefined
  /** The path's environment with cluster and network resolved (see settleProxyEnv). */
  readonly proxyEnv: ReadonlyMap<string, string>
  /** From the injector configuration. */
  readonly injectedAnnotations: ReadonlyMap<string, string>
  /** Passes add their notes here. */
  readonly notes: Note[]
}

/** The reason why the pod cannot be injected after all. */
export interface PostRefusal {
  readonly code: CodeOf<'refused'>
  readonly message: string
}

export type PostPass = (pod: PodDraft, context: PostContext) => PostRefusal | undefined

export {
  CORE_DUMP_CONTAINER,
  INIT_CONTAINER,
  PROXY_CONTAINER,
  VALIDATION_CONTAINER,
} from '../../istio/index.ts'

export const STATUS_ANNOTATION = 'sidecar.istio.io/status'
export const NETWORK_LABEL = 'topology.istio.io/network'
