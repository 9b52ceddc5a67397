import type { JsonObject } from '../json/index.ts'

/**
 * How a request selects the revision. `labels`: POST /inject, the namespace's and the pod's labels decide. `revision`,
 * `tag`: POST /revisions/<name>/inject, /tags/<name>/inject: the API server has matched the selectors already.
 */
export type RevisionTarget =
  | { readonly by: 'labels' }
  | { readonly by: 'revision'; readonly name: string }
  | { readonly by: 'tag'; readonly name: string }

/** One pod to be admitted, from a review or the command line. */
export interface InjectionRequest {
  readonly target: RevisionTarget
  /** From the review: the namespace in which the pod is created. */
  readonly namespace: string
  /** CREATE, UPDATE, DELETE, CONNECT. */
  readonly operation: string
  /** From the review's `kind`: group, version and kind of `object`. */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly subResource: string
  /** The pod as the API server sent it; never changed. */
  readonly object: JsonObject
  /** The environment in the path after `/inject`, exactly as Istio's handler reads it from the raw path. */
  readonly proxyEnv: ReadonlyMap<string, string>
  /** Milliseconds since 1970 and a seed: the templates' clock and randomness, so that a replay is exact. */
  readonly nowMs: number
  readonly seed: number
}
