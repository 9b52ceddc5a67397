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
  /** By revision, then by code. A code has only one kind. */
  readonly #cells = new Map<string, Map<string, AdmissionCount>>()

  count(admission: Admission): void {
    const { kind, code, revision } = admission
    this.results[kind]++
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

  *cells(): Iterable<Readonly<AdmissionCount>> {
    for (const codes of this.#cells.values()) yield* codes.values()
  }

  #begin({ kind, code, revision }: Admission): void {
    const codes = this.#cells.get(revision) ?? new Map<string, AdmissionCount>()
    codes.set(code, { kind, code, revision, count: 1 })
    this.#cells.set(revision, codes)
  }
}
