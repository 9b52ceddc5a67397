/** The input for the choice of a revision: the labels or path of one request, and what is installed. */
import { type JsonObject, own } from '../json/index.ts'
import type { RevisionTarget } from './request.ts'

/** The relevant part of a snapshot; a Snapshot is one. */
export interface RevisionFacts {
  /** By name; `default` is the default revision. `config` undefined: known but unusable. */
  readonly revisions: ReadonlyMap<
    string,
    { readonly config: unknown; readonly problem?: { readonly code?: string; readonly message: string } }
  >
  /** Each tag with the revision that it points to, which may be unknown. */
  readonly tags: ReadonlyMap<string, string>
  readonly enableNamespacesByDefault: boolean
  /** Names that a control plane outside the cluster serves, so that they are not unknown. */
  readonly external?: ReadonlyMap<string, unknown> | undefined
}

export interface RevisionQuestion {
  readonly target: RevisionTarget
  /** undefined: the namespace is unknown; it is treated as having no labels. */
  readonly namespaceLabels: ReadonlyMap<string, string> | undefined
  /** `metadata.labels` of the pod; a value that is not a text counts as absent. */
  readonly podLabels: JsonObject | undefined
}

/** The value of the label that a condition or message refers to; undefined if absent. */
export function labelValue(
  question: RevisionQuestion,
  on: 'namespace' | 'pod',
  label: string,
): string | undefined {
  if (on === 'namespace') return question.namespaceLabels?.get(label)
  const value = own(question.podLabels, label)
  return typeof value === 'string' ? value : undefined
}
