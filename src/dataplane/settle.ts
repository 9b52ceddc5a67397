/**
 * From differences to a state. A difference that a pod created since the last change of the configuration carries too is another
 * writer's, whatever the field; a field that others often write is not called stale without such a pod.
 */
import { encodeGoJson } from '../json/index.ts'
import type { Assessment } from './assessment.ts'
import { type FieldDifference, type PodState, STALE_CAUSES, type StaleCause } from './pod-state.ts'

/** @param sinceChange the pod was created since the last change, so that injection wrote none of the differences */
export function differencesState(differences: readonly FieldDifference[], sinceChange: boolean): PodState {
  const fields = differences.map(
    (one): FieldDifference => (sinceChange && one.cause !== 'revision' ? { ...one, writer: 'other' } : one),
  )
  if (fields.length === 0) return { kind: 'current' }
  const stale = fields.filter(({ writer }) => writer === undefined)
  if (stale.length > 0) {
    const causes = new Set(stale.map(({ cause }) => cause))
    return { kind: 'stale', causes: inOrder(causes), fields: stale }
  }
  if (fields.every(({ writer }) => writer === 'other')) return { kind: 'altered', fields }
  const contested = fields.filter(({ writer }) => writer === 'possible')
  return {
    kind: 'unknown',
    reason: 'field-contested',
    message: `${contested.map(({ path }) => path).join(', ')} may have been written by another writer or by an earlier configuration`,
    fields: contested,
  }
}

function inOrder(causes: ReadonlySet<StaleCause>): readonly StaleCause[] {
  return (Object.keys(STALE_CAUSES) as readonly StaleCause[]).filter((cause) => causes.has(cause)) // its only keys
}

/** What pods that were created since the last change show about the fields of others. */
export class WriterEvidence {
  /** Changes that such pods carry. */
  readonly #carried = new Set<string>()
  /** Fields for which such pods exist. */
  readonly #revisions = new Set<string>()

  add({ sinceChange, state, desired }: Assessment): void {
    if (!sinceChange) return
    this.#revisions.add(desired ?? '')
    if (state.kind !== 'altered') return
    for (const field of state.fields) this.#carried.add(changeKey(field))
  }

  /** The state with this evidence; the same object if it says nothing. */
  settle(assessment: Assessment): PodState {
    const { state, sinceChange, desired } = assessment
    if (sinceChange || (state.kind !== 'stale' && state.kind !== 'unknown')) return state
    if (state.fields.length === 0) return state
    const isKnown = this.#revisions.has(desired ?? '')
    const fields = state.fields.map((field): FieldDifference => {
      if (field.cause === 'revision') return field
      if (this.#carried.has(changeKey(field))) return { ...field, writer: 'other' }
      if (field.writer !== 'possible' || !isKnown) return field
      // New pods do not have it, so no other writer adds it.
      const { writer: _, ...injected } = field
      return injected
    })
    return differencesState(fields, false)
  }
}

function changeKey({ path, stated, found }: FieldDifference): string {
  return encodeGoJson([path, stated ?? null, found ?? null])
}
