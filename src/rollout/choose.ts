/**
 * Whether rollouts move a pod. Pure, and one step of the decision about the revision: it starts from the revision that
 * the pod would get without rollouts, and it never starts from a revision that a rollout chose.
 */
import type { JsonObject } from '../json/index.ts'
import { type Labels, labelOf, labelsOf, REVISION_LABEL } from '../kube/index.ts'
import { exclusionKey, type RevisionRollout } from './revision-rollout.ts'
import { isInShare, slotOf } from './slot.ts'
import { type WorkloadIdentity, workloadOf } from './workload-identity.ts'

/** A pod, and the revision that it would get without rollouts. */
export interface RolloutQuestion {
  readonly decided: { readonly revision: string; readonly tag?: string; readonly webhook?: string }
  readonly namespace: string
  /** Undefined: the namespace is unknown. */
  readonly namespaceLabels: Labels | undefined
  readonly pod: JsonObject
  /** Whether a gateway template is among the pod's templates. */
  readonly isGateway: () => boolean
}

/** Why a rollout does not apply to a pod. */
export type OutsideRollout =
  /** The pod would get another revision, or was found through another tag. */
  | 'other-revision'
  /** It has the target revision without the rollout. */
  | 'has-target'
  | 'namespace-not-selected'
  /** The pod's own label names a revision and decides. */
  | 'pinned'
  | 'excluded'
  | 'gateway'
  /** An older rollout applies to the pod. */
  | 'overlap'

export type RolloutVerdict =
  | { readonly applies: false; readonly why: OutsideRollout }
  | { readonly applies: true; readonly slot: number; readonly moves: boolean }

export interface AssessedRollout {
  readonly rollout: RevisionRollout
  readonly verdict: RolloutVerdict
}

/** The rollout that applies to the pod, and whether it moves it; undefined if none applies. */
export function chooseRollout(
  rollouts: readonly RevisionRollout[],
  question: RolloutQuestion,
): { readonly rollout: RevisionRollout; readonly slot: number; readonly moves: boolean } | undefined {
  for (const rollout of rollouts) {
    const verdict = assessRollout(rollout, question)
    if (verdict.applies) return { rollout, slot: verdict.slot, moves: verdict.moves }
  }
  return undefined
}

/** The same for each rollout, for explanations. */
export function assessRollouts(
  rollouts: readonly RevisionRollout[],
  question: RolloutQuestion,
): readonly AssessedRollout[] {
  let applied = false
  return rollouts.map((rollout) => {
    const verdict = assessRollout(rollout, question)
    if (verdict.applies && applied) return { rollout, verdict: { applies: false, why: 'overlap' } }
    applied ||= verdict.applies
    return { rollout, verdict }
  })
}

function assessRollout(rollout: RevisionRollout, question: RolloutQuestion): RolloutVerdict {
  const why = whyOutside(rollout, question)
  if (why !== undefined) return { applies: false, why }
  const workload = workloadOf(question.pod, question.namespace)
  if (isExcluded(rollout, workload)) return { applies: false, why: 'excluded' }
  const slot = slotOf(rollout.seed, workload)
  return { applies: true, slot, moves: isInShare(slot, rollout.slots) }
}

function whyOutside(
  { from, to, selects, includesGateways }: RevisionRollout,
  question: RolloutQuestion,
): OutsideRollout | undefined {
  const { decided } = question
  if ((from.by === 'tag' ? decided.tag : decided.revision) !== from.name) return 'other-revision'
  if (decided.revision === to) return 'has-target'
  if (selects !== undefined && !selects(question.namespaceLabels ?? NO_LABELS))
    return 'namespace-not-selected'
  if (isPinned(question)) return 'pinned'
  if (!includesGateways && question.isGateway()) return 'gateway'
  return undefined
}

const NO_LABELS: Labels = labelsOf(undefined)

/**
 * `rev.object` is the rule by which the pod's own label decides. Without a rule, a path decided and the labels known
 * here disagree with it; then the label may be what the API server matched.
 */
function isPinned({ decided, pod }: RolloutQuestion): boolean {
  if (decided.tag !== undefined) return false
  return (
    decided.webhook === 'rev.object' ||
    (decided.webhook === undefined && labelOf(pod, REVISION_LABEL) === decided.revision)
  )
}

function isExcluded({ excluded }: RevisionRollout, workload: WorkloadIdentity): boolean {
  if (excluded.size === 0) return false
  const groups = excluded.get(exclusionKey(workload))
  return groups !== undefined && (groups.has(undefined) || groups.has(workload.group))
}
