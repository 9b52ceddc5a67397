/**
 * Migration to a revision as in Istio's upgrade guides: a namespace that requests injection gets the label
 * `istio.io/rev=<name>` and loses `istio-injection`; a pod that requests it by its own labels, in a namespace that does
 * not, gets the revision in its own label. Pods that request nothing do not change, and a namespace whose labels lead there
 * already keeps them. The core decides all of this.
 */

import {
  decideRevision,
  type InjectionRequest,
  type InjectOptions,
  inject,
  labelValue,
  type NamespaceFacts,
  type Outcome,
  type RevisionQuestion,
  type Snapshot,
  targetOfName,
} from '../../inject/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { INJECT_LABEL, INJECTION_LABEL, metadataOf, objectAt, REVISION_LABEL } from '../../kube/index.ts'
import { applyLabelChanges, type LabelChange } from '../explain/label-change.ts'

export interface Move {
  /** A revision or a tag; with an unknown one every outcome is a fault. */
  readonly name: string
  /** Namespaces that move whatever their labels are. */
  readonly namespaces: ReadonlySet<string>
}

/** Whose labels request injection; for a namespace that moves it is the namespace. */
export type AskedBy = 'namespace' | 'pod' | 'nobody'

/** The outcome for a pod under a revision or tag given by name, as for `/revisions/<name>/inject`. */
export function injectUnder(
  name: string,
  request: InjectionRequest,
  { snapshot, options }: { readonly snapshot: Snapshot; readonly options: InjectOptions },
): Outcome {
  return inject({ ...request, target: targetOfName(name, snapshot) }, snapshot, options)
}

export interface LabelsOfRequest {
  readonly namespace: ReadonlyMap<string, string>
  readonly pod: JsonObject
}

export function labelsOfRequest(
  { namespace, object }: InjectionRequest,
  { namespaces }: Snapshot,
): LabelsOfRequest {
  return {
    namespace: namespaces.get(namespace)?.labels ?? new Map<string, string>(),
    pod: objectAt(metadataOf(object), 'labels'),
  }
}

/** The cluster after a move: created once, used for many pods. */
export class MovedCluster {
  readonly move: Move
  readonly #before: Snapshot
  readonly #after: Snapshot
  readonly #options: InjectOptions
  readonly #moved: ReadonlySet<string>
  /** Those of them whose labels lead there already, so that they keep them. */
  readonly #settled: ReadonlySet<string>

  constructor(move: Move, snapshot: Snapshot, options: InjectOptions) {
    this.#options = options
    this.move = move
    this.#before = snapshot
    const asking = [...snapshot.namespaces].filter(([, { labels }]) =>
      asks({ target: { by: 'labels' }, namespaceLabels: labels, podLabels: undefined }, snapshot),
    )
    this.#moved = new Set([...move.namespaces, ...asking.map(([name]) => name)])
    this.#settled = new Set(
      [...this.#moved].filter((name) =>
        leadsThere(
          { ...UNLABELLED_POD, namespaceLabels: snapshot.namespaces.get(name)?.labels },
          move.name,
          snapshot,
        ),
      ),
    )
    const namespaces = new Map(snapshot.namespaces)
    for (const name of this.#moved)
      if (!this.#settled.has(name)) namespaces.set(name, movedNamespace(namespaces.get(name), move.name))
    this.#after = { ...snapshot, namespaces }
  }

  /** The pod's outcome there. */
  outcome(request: InjectionRequest): Outcome {
    const asked = this.askedBy(request)
    if (asked === 'pod')
      return injectUnder(this.move.name, request, { snapshot: this.#before, options: this.#options })
    return inject({ ...request, target: { by: 'labels' } }, this.#after, this.#options)
  }

  askedBy(request: InjectionRequest): AskedBy {
    const { namespace } = request
    const podLabels = objectAt(metadataOf(request.object), 'labels')
    const namespaceLabels = this.#before.namespaces.get(namespace)?.labels
    const question: RevisionQuestion = { target: { by: 'labels' }, namespaceLabels, podLabels }
    const asksHere = asks(question, this.#before)
    if (!this.#moved.has(namespace)) return asksHere ? 'pod' : 'nobody'
    // Where namespaces are injected by default, a pod may choose another revision than its namespace.
    const leaves =
      this.#settled.has(namespace) && asksHere && !leadsThere(question, this.move.name, this.#before)
    return leaves ? 'pod' : 'namespace'
  }

  /** The labels of namespace and pod as the API server would see them after the move. */
  labels(request: InjectionRequest): LabelsOfRequest {
    const labels = labelsOfRequest(request, this.#after)
    if (this.askedBy(request) !== 'pod') return labels
    return { ...labels, pod: { ...labels.pod, [REVISION_LABEL]: this.move.name } }
  }

  /** The changes of a namespace's labels for the move; empty if it does not move or is there already. */
  changes(namespace: string): readonly LabelChange[] {
    if (!this.#moved.has(namespace) || this.#settled.has(namespace)) return []
    const labels = this.#before.namespaces.get(namespace)?.labels ?? new Map<string, string>()
    return changesOf(labels, this.move.name).filter(({ from, to }) => from !== to)
  }
}

/** `kubectl label namespace shop istio-injection- istio.io/rev=canary`. */
function changesOf(labels: ReadonlyMap<string, string>, revision: string): readonly LabelChange[] {
  const change = (name: string, to: string | undefined): LabelChange => ({
    on: 'namespaceLabels',
    name,
    from: labels.get(name),
    to,
  })
  return [change(INJECTION_LABEL, undefined), change(REVISION_LABEL, revision)]
}

function movedNamespace(facts: NamespaceFacts | undefined, revision: string): NamespaceFacts {
  const { labels, annotations }: NamespaceFacts = facts ?? { labels: new Map(), annotations: new Map() }
  const state = { namespaceLabels: labels, podLabels: new Map(), podAnnotations: new Map() }
  const { namespaceLabels } = applyLabelChanges(state, changesOf(labels, revision))
  return { labels: namespaceLabels, annotations }
}

const UNLABELLED_POD = { target: { by: 'labels' }, podLabels: undefined } as const

/** The labels choose what the name stands for: the same tag, or the same revision, also by a tag. */
function leadsThere(question: RevisionQuestion, name: string, snapshot: Snapshot): boolean {
  const decision = decideRevision(question, snapshot)
  if (decision.kind === 'none' || decision.decided === undefined) return false
  const { tag, revision } = decision.decided
  return snapshot.tags.has(name) ? tag === name : revision === name
}

/** Also if the requested revision does not exist: the move would fix that. */
function asks(question: RevisionQuestion, snapshot: Snapshot): boolean {
  const decision = decideRevision(question, snapshot)
  if (decision.kind !== 'none') return true
  if (decision.code === 'revision-not-installed') return true
  // If namespaces are enabled by default and nothing is installed, those without labels requested nothing.
  return (
    decision.code === 'no-default-revision' &&
    (labelValue(question, 'namespace', INJECTION_LABEL) === 'enabled' ||
      labelValue(question, 'pod', INJECT_LABEL) === 'true')
  )
}
