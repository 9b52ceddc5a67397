/**
 * Counts each request with two map look-ups. metrics.ts produces Prometheus' text only for a scrape, because
 * prom-client's own counters build a key from the labels for each request.
 */
import type { Decision } from './decision.ts'

export interface Admission {
  readonly kind: Decision['kind']
  readonly code: string
  /** An installed revision, or one of the two words below. */
  readonly revision: string
  /** The rollout that applies to the pod, and its result: `moved`, `not-chosen` or `fell-back`. */
  readonly rollout?: { readonly name: string; readonly result: string }
}

export interface RolloutCount {
  readonly rollout: string
  readonly result: string
  count: number
}

/** The path, a label or a tag names a revision that is not installed. */
export const UNKNOWN_REVISION = 'unknown'
/** No revision was chosen, or the request failed before that. */
export const NO_REVISION = 'none'

export interface AdmissionCount extends Admission {
  count: number
}

/** All requests by kind, for Istio's counters. */
export interface ResultCounts {
  patched: number
  skipped: number
  refused: number
  fault: number
  malformed: number
}

export class AdmissionCounts {
  readonly results: ResultCounts = { patched: 0, skipped: 0, refused: 0, fault: 0, malformed: 0 }
  overloaded = 0
  /** By the name of the rollout, then by result. */
  readonly #rollouts = new Map<string, Map<string, RolloutCount>>()
  /** By revision, then by code. A code has only one kind. */
  readonly #cells = new Map<string, Map<string, AdmissionCount>>()

  count(admission: Admission): void {
    const { kind, code, revision, rollout } = admission
    this.results[kind]++
    if (rollout !== undefined) this.#countRollout(rollout)
    if (code === 'overloaded') this.overloaded++
    const cell = this.#cells.get(revision)?.get(code)
    if (cell === undefined) this.#begin(admission)
    else cell.count++
  }

  /** Drops the figures of removed revisions, so that their names do not accumulate. */
  forgetAllBut(revisions: ReadonlySet<string>): void {
    for (const name of this.#cells.keys()) {
      if (!revisions.has(name) && name !== UNKNOWN_REVISION && name !== NO_REVISION) this.#cells.delete(name)
    }
  }

  /** The same for rollouts. */
  forgetAllRolloutsBut(names: ReadonlySet<string>): void {
    for (const name of this.#rollouts.keys()) if (!names.has(name)) this.#rollouts.delete(name)
  }

  *rollouts(): Iterable<Readonly<RolloutCount>> {
    for (const results of this.#rollouts.values()) yield* results.values()
  }

  *cells(): Iterable<Readonly<AdmissionCount>> {
    for (const codes of this.#cells.values()) yield* codes.values()
  }

  #countRollout({ name, result }: NonNullable<Admission['rollout']>): void {
    const results = this.#rollouts.get(name) ?? new Map<string, RolloutCount>()
    const counted = results.get(result)
    if (counted === undefined) results.set(result, { rollout: name, result, count: 1 })
    else counted.count++
    this.#rollouts.set(name, results)
  }

  #begin({ kind, code, revision }: Admission): void {
    const codes = this.#cells.get(revision) ?? new Map<string, AdmissionCount>()
    codes.set(code, { kind, code, revision, count: 1 })
    this.#cells.set(revision, codes)
  }
}
