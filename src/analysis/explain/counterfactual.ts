/**
 * What would change the decision: for every other revision, and for no sidecar at all, the change of labels and annotations
 * that affects the fewest pods. Candidates are verified with the code that decides about pods. This file only lists the
 * labels to try; it does not interpret them.
 */

import type { RevisionFacts } from '../../inject/index.ts'
import { INJECT_LABEL, INJECTION_LABEL, REVISION_LABEL } from '../../kube/index.ts'
import { applyLabelChanges, type LabelChange, type LabelState } from './label-change.ts'

export interface Counterfactual {
  /** All of them together are needed, and no smaller set is enough. */
  readonly changes: readonly LabelChange[]
  /** The revision that then serves; undefined: no sidecar. */
  readonly revision: string | undefined
  /** The pods that it affects: this one (and the others of its template), or all of the namespace. */
  readonly affects: 'pod' | 'namespace'
}

export interface CounterfactualSearch {
  readonly state: LabelState
  readonly facts: Pick<RevisionFacts, 'revisions' | 'tags'>
  /** The revision that injects a pod with these labels; undefined: none. */
  decide(state: LabelState): string | undefined
  /** Whether any control plane injects it, including those whose revisions are not known; by default as `decide`. */
  isInjected?(state: LabelState): boolean
}

/** Both labels of the namespace and the pod's own inject label: no more are ever needed for a revision. */
const MAX_CHANGES = 4

/** One entry for each reachable result other than the present one: those that affect the fewest pods first. */
export function findCounterfactuals(search: CounterfactualSearch): readonly Counterfactual[] {
  const now = search.decide(search.state)
  const others = [...search.facts.revisions.keys()].sort().filter((name) => name !== now)
  const wanted = now === undefined ? others : [...others, undefined]
  return wanted
    .flatMap((revision) => findNearest(revision, search) ?? [])
    .toSorted((a, b) => rank(a) - rank(b))
}

/** Within the same pods fewer changes first, and no sidecar last. */
function rank({ affects, changes, revision }: Counterfactual): number {
  const last = 2 * MAX_CHANGES
  const size = revision === undefined ? MAX_CHANGES + 1 : changes.length
  return affects === 'pod' ? size : last + size
}

function findNearest(revision: string | undefined, search: CounterfactualSearch): Counterfactual | undefined {
  const candidates = revision === undefined ? changesForNone(search.state) : changesTo(revision, search)
  const ofPod = candidates.filter((change) => !isOfNamespace(change))
  const inPod = findSmallest(ofPod, search, revision)
  if (inPod !== undefined) return { changes: inPod, revision, affects: 'pod' }
  const changes = findSmallest(candidates, search, revision)
  return changes === undefined ? undefined : { changes, revision, affects: 'namespace' }
}

function isOfNamespace({ on }: LabelChange): boolean {
  return on === 'namespaceLabels'
}

/** In order of preference: removing before adding, and a tag first where tags are in use. */
function changesTo(revision: string, { state, facts }: CounterfactualSearch): readonly LabelChange[] {
  const tags = [...facts.tags].filter(([, to]) => to === revision).map(([tag]) => tag)
  const names = usesTags(state, facts.tags) ? [...tags, revision] : [revision, ...tags]
  return proper(state, [
    ['namespaceLabels', INJECTION_LABEL, undefined],
    ['namespaceLabels', INJECTION_LABEL, 'enabled'],
    ['namespaceLabels', REVISION_LABEL, undefined],
    ...names.map((name) => ['namespaceLabels', REVISION_LABEL, name] as const),
    ['podLabels', INJECT_LABEL, undefined],
    ['podLabels', REVISION_LABEL, undefined],
    ['podAnnotations', INJECT_LABEL, undefined],
    ['podLabels', INJECT_LABEL, 'true'],
    ...names.map((name) => ['podLabels', REVISION_LABEL, name] as const),
  ])
}

function usesTags({ namespaceLabels, podLabels }: LabelState, tags: ReadonlyMap<string, string>): boolean {
  return [namespaceLabels, podLabels].some((labels) => tags.has(labels.get(REVISION_LABEL) ?? ''))
}

/** Never changes the namespace's labels, because all other pods of the namespace would lose their sidecars too. */
function changesForNone(state: LabelState): readonly LabelChange[] {
  return proper(state, [['podLabels', INJECT_LABEL, 'false']])
}

type Wish = readonly [on: LabelChange['on'], name: string, to: string | undefined]

/** Only changes that have an effect. */
function proper(state: LabelState, wishes: readonly Wish[]): readonly LabelChange[] {
  return wishes
    .map(([on, name, to]) => ({ on, name, to, from: state[on].get(name) }))
    .filter(({ from, to }) => from !== to)
}

function findSmallest(
  candidates: readonly LabelChange[],
  search: CounterfactualSearch,
  revision: string | undefined,
): readonly LabelChange[] | undefined {
  for (let size = 1; size <= MAX_CHANGES; size++) {
    for (const changes of choose(candidates, size)) {
      const changed = applyLabelChanges(search.state, changes)
      if (leavesIgnoredLabel(changes, changed)) continue
      if (search.decide(changed) === revision && sparesNeighbours(changes, changed, search)) return changes
    }
  }
  return undefined
}

/** Setting one label of the namespace next to the other leaves one that is ignored, which `remora check` warns of. */
function leavesIgnoredLabel(changes: readonly LabelChange[], { namespaceLabels }: LabelState): boolean {
  const sets = changes.some((change) => isOfNamespace(change) && change.to !== undefined)
  return sets && namespaceLabels.has(INJECTION_LABEL) && namespaceLabels.has(REVISION_LABEL)
}

/**
 * A pod of the namespace without labels of its own neither gains a sidecar nor loses it. It may move to another revision
 * with its namespace.
 */
function sparesNeighbours(
  changes: readonly LabelChange[],
  changed: LabelState,
  search: CounterfactualSearch,
): boolean {
  if (!changes.some(isOfNamespace)) return true
  const [before, after] = [search.state, changed].map(({ namespaceLabels }) => {
    const neighbour = { namespaceLabels, podLabels: new Map(), podAnnotations: new Map() }
    return search.isInjected?.(neighbour) ?? search.decide(neighbour) !== undefined
  })
  return before === after
}

/** Every choice of that size without two changes of the same label, and with one revision label at most. */
function* choose(candidates: readonly LabelChange[], size: number): Iterable<readonly LabelChange[]> {
  if (size === 0) {
    yield []
    return
  }
  for (const [index, first] of candidates.entries()) {
    const rest = candidates.slice(index + 1).filter((change) => !excludes(first, change))
    for (const others of choose(rest, size - 1)) yield [first, ...others]
  }
}

/** The namespace's revision label takes precedence, so that setting both is never needed. */
function excludes(a: LabelChange, b: LabelChange): boolean {
  if (a.on === b.on && a.name === b.name) return true
  return a.name === REVISION_LABEL && b.name === REVISION_LABEL && a.to !== undefined && b.to !== undefined
}
