/** What the core notes about the labels of a namespace, whichever pod is created in it. */
import {
  decideRevision,
  findLabelMistakes,
  findNameMistakes,
  type NamespaceFacts,
  type Note,
  type RevisionDecision,
  type Snapshot,
} from '../../../inject/index.ts'

export interface NamespaceNotes {
  /** Of a pod without labels. */
  readonly decision: RevisionDecision
  readonly notes: readonly Note[]
}

export function notesOfNamespace(namespace: NamespaceFacts, snapshot: Snapshot): NamespaceNotes {
  const question = {
    target: { by: 'labels' },
    namespaceLabels: namespace.labels,
    podLabels: undefined,
  } as const
  const decision = decideRevision(question, snapshot)
  const decided = decision.kind === 'none' ? undefined : decision.decided
  const config = decided === undefined ? undefined : snapshot.revisions.get(decided.revision)?.config
  return {
    decision,
    notes: [
      ...findLabelMistakes({ question, metadata: undefined, namespace, decided }, snapshot),
      ...findNameMistakes({ metadata: undefined, namespace, config }),
    ],
  }
}

/** Two notes with the same text are the same. */
export function noteText({ code, message }: Note): string {
  return `${code}: ${message}`
}
