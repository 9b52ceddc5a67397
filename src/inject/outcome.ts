import type { JsonObject, JsonValue } from '../json/index.ts'

/** One RFC 6902 operation; Remora emits only these three. */
export type PatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }

/** Something worth telling that did not change the answer. */
export interface Note {
  readonly code: string
  readonly message: string
}

/** What was decided about the revision; the same for every kind of outcome that came so far. */
export interface DecidedRevision {
  /** The revision's name; `default` for the unsuffixed one. */
  readonly revision: string
  /** The tag through which it was found. */
  readonly tag?: string
  /** The webhook that corresponds to it, without suffix: `namespace`, `object`, `rev.namespace`, `rev.object`, `auto`, or none where the path decided and the labels match none. */
  readonly webhook?: string
  /** The Istio release as which it is served; absent where it has no configuration. */
  readonly istioVersion?: string
  /** Digest of the ConfigMaps' texts by which it is served; absent where it has no configuration. */
  readonly configuration?: string
}

interface OutcomeBase {
  /** Stable reason or error code: a key of the one table in `codes.ts`. */
  readonly code: string
  readonly decided?: DecidedRevision
  readonly notes: readonly Note[]
}

export interface PatchedOutcome extends OutcomeBase {
  readonly kind: 'patched'
  readonly patch: readonly PatchOperation[]
  /** The pod after the patch: shares unchanged subtrees with the request's object. */
  readonly pod: JsonObject
}

export interface SkippedOutcome extends OutcomeBase {
  readonly kind: 'skipped'
}

/** The pod's own fault, where Istio refuses too: HTTP 200, `allowed: false`. */
export interface RefusedOutcome extends OutcomeBase {
  readonly kind: 'refused'
  readonly message: string
  /** Where a template failed, for whoever mends it. */
  readonly place?: TemplatePlace
}

export interface TemplatePlace {
  readonly template: string
  /** 1-based; absent where the template's output is meant and not its text. */
  readonly line?: number
}

/** Ours or passing: HTTP 429 or 5xx, which leaves the verdict to failurePolicy. The table of codes says which may pass. */
export interface FaultOutcome extends OutcomeBase {
  readonly kind: 'fault'
  readonly message: string
}

export type Outcome = PatchedOutcome | SkippedOutcome | RefusedOutcome | FaultOutcome
