/** What the choice of a revision is made from: the labels or path of one request, and what is installed. */
import { type JsonObject, own } from '../json/index.ts'
import type { RevisionTarget } from './request.ts'

/** What of a snapshot takes part; a Snapshot is one. */
export interface RevisionFacts {
  /** By name; `default` is the default revision. `config` undefined: known but unusable. */
  readonly revisions: ReadonlyMap<
    string,
    { readonly config: unknown; readonly problem?: { readonly code?: string; readonly message: string } }
  >
  /** Tag to the revision that it points at, which may be unknown. */
  readonly tags: ReadonlyMap<string, string>
  readonly enableNamespacesByDefault: boolean
}

export interface RevisionQuestion {
  readonly target: RevisionTarget
  /** undefined: the cluster does not show that namespace; it is taken to have no labels. */
  readonly namespaceLabels: ReadonlyMap<string, string> | undefined
  /** `metadata.labels` of the pod; a value that is no text counts as absent. */
  readonly podLabels: JsonObject | undefined
}

/** The value of a label that a condition or a message is about; undefined where it is absent. */
export function labelValue(
  question: RevisionQuestion,
  on: 'namespace' | 'pod',
  label: string,
): string | undefined {
  if (on === 'namespace') return question.namespaceLabels?.get(label)
  const value = own(question.podLabels, label)
  return typeof value === 'string' ? value : undefined
}
