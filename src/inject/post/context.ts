/**
 * What the post-passes know beside the pod that they change. Built once a request by the core; the passes read it
 * and add notes, nothing else. What a pass refuses is returned, never thrown.
 */
import type { Gates, MeshConfig, ProxyConfig, ValuesFacts } from '../../istio/index.ts'
import type { JsonObject } from '../../json/index.ts'
import type { CodeOf } from '../codes.ts'
import type { Note } from '../outcome.ts'
import type { PodDraft } from './pod-draft.ts'

export interface PostContext {
  /** The pod that was asked about, with its namespace filled in. */
  readonly requestPod: JsonObject
  /** All rendered templates laid over each other, without the pod: what injection brought along. */
  readonly templatePod: JsonObject
  readonly mesh: MeshConfig
  /**
   * Mesh defaultConfig with the pod's annotation proxy.istio.io/config merged in, ProxyConfig resources left out:
   * that is what Istio orders containers by.
   */
  readonly annotatedProxyConfig: ProxyConfig
  readonly values: ValuesFacts
  readonly gates: Gates
  /** Name of the revision; `default` for the unsuffixed one. */
  readonly revision: string
  /** What the pod is labelled with as its revision; undefined: with nothing. */
  readonly revisionLabel: string | undefined
  /** The environment of the path with cluster and network settled (see settleProxyEnv). */
  readonly proxyEnv: ReadonlyMap<string, string>
  /** Of the injector configuration. */
  readonly injectedAnnotations: ReadonlyMap<string, string>
  /** Where passes tell what is odd. */
  readonly notes: Note[]
}

/** Why the pod cannot be injected after all. */
export interface PostRefusal {
  readonly code: CodeOf<'refused'>
  readonly message: string
}

export type PostPass = (pod: PodDraft, context: PostContext) => PostRefusal | undefined

export const PROXY_CONTAINER = 'istio-proxy'
export const INIT_CONTAINER = 'istio-init'
export const VALIDATION_CONTAINER = 'istio-validation'
export const CORE_DUMP_CONTAINER = 'enable-core-dump'

export const STATUS_ANNOTATION = 'sidecar.istio.io/status'
export const NETWORK_LABEL = 'topology.istio.io/network'
