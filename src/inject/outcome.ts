import type { ConstantTexts, JsonObject, JsonValue } from '../json/index.ts'

/** One RFC 6902 operation; Remora emits only these three. */
export type PatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }

/** A remark that does not affect the outcome. */
export interface Note {
  readonly code: string
  readonly message: string
}

/** The decision about the revision; the same for every kind of outcome that got this far. */
export interface DecidedRevision {
  /** The revision's name; `default` for the one without suffix. */
  readonly revision: string
  /** The tag through which it was found. */
  readonly tag?: string
  /**
   * The matching webhook without suffix: `namespace`, `object`, `rev.namespace`, `rev.object`, `auto`; absent if the
   * path decided and the labels match none.
   */
  readonly webhook?: string
  /** The Istio release that it is treated as; absent without a configuration. */
  readonly istioVersion?: string
  /** Digest of the texts of its ConfigMaps; absent without a configuration. */
  readonly configuration?: string
  /** The rollout that applies to the pod, whether it moves it or not. */
  readonly rollout?: DecidedRollout
}

export interface DecidedRollout {
  readonly name: string
  /** The workload's slot, and the share of the rollout: the slots below this number. */
  readonly slot: number
  readonly share: number
  /** The revision that the pod would get without the rollout. */
  readonly from: string
  /**
   * `moved`: the pod gets the target. `not-chosen`: the slot is outside the share. `fell-back`: the target cannot
   * serve.
   */
  readonly result: 'moved' | 'not-chosen' | 'fell-back'
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
  /** The pod after the patch; shares unchanged subtrees with the request's object. */
  readonly pod: JsonObject
  /** Encodes the parts of the patch that it shares with other outcomes. */
  readonly constants?: ConstantTexts
}

export interface SkippedOutcome extends OutcomeBase {
  readonly kind: 'skipped'
}

/** The pod is at fault, and Istio refuses it, too: HTTP 200, `allowed: false`. */
export interface RefusedOutcome extends OutcomeBase {
  readonly kind: 'refused'
  readonly message: string
  /** Where a template failed, for the maintainer of the template. */
  readonly place?: TemplatePlace
}

export interface TemplatePlace {
  readonly template: string
  /** 1-based, in the template's text; absent if it is not known. */
  readonly line?: number
}

/**
 * A fault of Remora, the cluster or the configuration: HTTP 429 or 5xx, so that failurePolicy decides. The table of
 * codes defines which faults are temporary.
 */
export interface FaultOutcome extends OutcomeBase {
  readonly kind: 'fault'
  readonly message: string
}

export type Outcome = PatchedOutcome | SkippedOutcome | RefusedOutcome | FaultOutcome
