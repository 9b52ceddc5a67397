/**
 * What would change the answer: for every other revision, and for no sidecar at all, the smallest change of labels and
 * annotations that leads to it. Each is found by trying it on the code that decides about pods. This file only knows
 * which labels are worth trying, not what they mean.
 */

import type { RevisionFacts } from '../../inject/index.ts'
import { INJECT_LABEL, INJECTION_LABEL, REVISION_LABEL } from '../../kube/index.ts'
import { applyLabelChanges, type LabelChange, type LabelState } from './label-change.ts'

export interface Counterfactual {
  /** All of them together are needed, and no smaller set is enough. */
  readonly changes: readonly LabelChange[]
  /** The revision that then serves; undefined: no sidecar. */
  readonly revision: string | undefined
}

export interface CounterfactualSearch {
  readonly state: LabelState
  readonly facts: Pick<RevisionFacts, 'revisions' | 'tags'>
  /** The revision that injects a pod with these labels; undefined: none. */
  decide(state: LabelState): string | undefined
}

/** Both labels of the namespace and the pod's own inject label: no more are ever needed for a revision. */
const MAX_CHANGES = 4

/** One entry for each reachable result other than the present one: the nearest revision first, no sidecar last. */
export function findCounterfactuals(search: CounterfactualSearch): readonly Counterfactual[] {
  const now = search.decide(search.state)
  const others = [...search.facts.revisions.keys()].sort().filter((name) => name !== now)
  const wanted = now === undefined ? others : [...others, undefined]
  const found = wanted.flatMap((revision) => {
    const candidates = revision === undefined ? changesForNone(search.state) : changesTo(revision, search)
    const changes = findSmallest(candidates, search, revision)
    return changes === undefined ? [] : [{ changes, revision }]
  })
  const rank = ({ changes, revision }: Counterfactual): number =>
    revision === undefined ? Number.POSITIVE_INFINITY : changes.length
  return found.toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0))
}

/** In order of preference: the namespace before the pod, removing before adding. */
function changesTo(revision: string, { state, facts }: CounterfactualSearch): readonly LabelChange[] {
  const names = [revision, ...[...facts.tags].filter(([, to]) => to === revision).map(([tag]) => tag)]
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

function changesForNone(state: LabelState): readonly LabelChange[] {
  return proper(state, [
    ['podLabels', INJECT_LABEL, 'false'],
    ['namespaceLabels', INJECTION_LABEL, 'disabled'],
  ])
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
  { state, decide }: CounterfactualSearch,
  revision: string | undefined,
): readonly LabelChange[] | undefined {
  for (let size = 1; size <= MAX_CHANGES; size++) {
    for (const changes of choose(candidates, size)) {
      if (decide(applyLabelChanges(state, changes)) === revision) return changes
    }
  }
  return undefined
}

/** Every choice of that size without two changes of the same label. */
function* choose(candidates: readonly LabelChange[], size: number): Iterable<readonly LabelChange[]> {
  if (size === 0) {
    yield []
    return
  }
  for (const [index, first] of candidates.entries()) {
    const rest = candidates.slice(index + 1).filter(({ on, name }) => on !== first.on || name !== first.name)
    for (const others of choose(rest, size - 1)) yield [first, ...others]
  }
}
