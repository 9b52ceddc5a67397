import type { JsonObject } from '../json/index.ts'

/**
 * How a request names the revision that it wants.
 * `labels`: POST /inject, the namespace's and the pod's labels decide.
 * `revision`, `tag`: POST /revisions/<name>/inject, /tags/<name>/inject: the API server has matched the selectors already.
 */
export type RevisionTarget =
  | { readonly by: 'labels' }
  | { readonly by: 'revision'; readonly name: string }
  | { readonly by: 'tag'; readonly name: string }

/** One pod to be admitted, as the wire or the command line hands it to the core. */
export interface InjectionRequest {
  readonly target: RevisionTarget
  /** Of the review: the namespace that the pod is created in. */
  readonly namespace: string
  /** CREATE, UPDATE, DELETE, CONNECT. */
  readonly operation: string
  /** Of the review's `kind`: group, version and kind of `object`. */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly subResource: string
  /** The pod as the API server sent it; never changed. */
  readonly object: JsonObject
  /** The path's environment after `/inject`, exactly as Istio's handler reads it from the raw path. */
  readonly proxyEnv: ReadonlyMap<string, string>
  /** Milliseconds since 1970 and a seed: what templates may know of clock and randomness, so that a replay is exact. */
  readonly nowMs: number
  readonly seed: number
}
