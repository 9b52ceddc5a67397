/**
 * Which workloads a rollout includes at which percentage, which of them it leaves out and why, and what a workload's pods
 * have already. The slots and reasons come from the code that decides.
 */
import { readSidecar } from '../../dataplane/index.ts'
import {
  assessRequest,
  type InjectionRequest,
  type InjectOptions,
  inject,
  type Outcome,
  type Snapshot,
} from '../../inject/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { labelsOf, metadataOf, objectAt, textAt } from '../../kube/index.ts'
import {
  isInShare,
  type OutsideRollout,
  percentThatIncludes,
  type RevisionRollout,
  sortRollouts,
} from '../../rollout/index.ts'
import { findWebhookCalls } from '../explain/webhook-calls.ts'
import { findRestart, type Restart } from '../preview/restarts.ts'

export interface PlannedWorkload {
  /** `Deployment shop/cart`. */
  readonly title: string
  readonly namespace: string
  readonly slot: number
  /** The revision without the rollout. */
  readonly from: string
  /** With the target: refused, a fault, or a sidecar. */
  readonly withTarget: Outcome
  /** `istiod`: the API server calls no webhook of Remora, so the rollout cannot move it. Undefined: no webhooks are known. */
  readonly calls: 'remora' | 'istiod' | undefined
  /** Its running pods that have a sidecar. */
  readonly running: readonly { readonly name: string; readonly revision: string }[]
  /** How its pods are created again. */
  readonly restart: Restart | undefined
}

export interface RolloutPlan {
  readonly rollout: RevisionRollout
  /** By slot. */
  readonly members: readonly PlannedWorkload[]
  /** Injected workloads that it leaves out, by reason. */
  readonly outside: ReadonlyMap<OutsideRollout, readonly string[]>
  readonly notInjected: number
}

export interface WorkloadToPlan {
  readonly title: string
  readonly request: InjectionRequest
  /** The owner, or the pod itself; undefined: it was not read. */
  readonly object?: JsonObject | undefined
  readonly pods?: readonly JsonObject[]
}

export interface PlanQuestion {
  readonly rollout: RevisionRollout
  readonly workloads: readonly WorkloadToPlan[]
  /** All MutatingWebhookConfigurations; empty: unknown. */
  readonly webhooks: readonly JsonObject[]
  readonly options: InjectOptions
}

/** @param snapshot its other rollouts count; one of the same name is replaced */
export function planRollout(question: PlanQuestion, snapshot: Snapshot): RolloutPlan {
  const { rollout, workloads, options } = question
  const others = (snapshot.rollouts ?? []).filter((one) => one.rollout.name !== rollout.name)
  const rollouts = sortRollouts([...others.map((one) => one.rollout), rollout])
  const without = { ...snapshot, rollouts: [] }
  const withAll = { ...snapshot, rollouts: [{ rollout: { ...rollout, slots: ALL } }] }
  const members: PlannedWorkload[] = []
  const outside = new Map<OutsideRollout, string[]>()
  let notInjected = 0
  for (const workload of workloads) {
    const { title, request } = workload
    const found = assessRequest(request, snapshot, rollouts)
    const verdict = found?.assessed.find((one) => one.rollout === rollout)?.verdict
    if (
      found === undefined ||
      verdict === undefined ||
      inject(request, without, options).kind === 'skipped'
    ) {
      notInjected++
    } else if (verdict.applies) {
      members.push({
        title,
        namespace: request.namespace,
        slot: verdict.slot,
        from: found.question.decided.revision,
        withTarget: inject(request, withAll, options),
        calls: calledBy(request, question.webhooks, snapshot),
        running: (workload.pods ?? []).flatMap((pod) => {
          const revision = readSidecar(pod)?.revision
          return revision === undefined ? [] : { name: textAt(metadataOf(pod), 'name'), revision }
        }),
        restart: workload.object && findRestart(workload.object),
      })
    } else if (verdict.why !== 'other-revision') {
      const titles = outside.get(verdict.why)
      if (titles === undefined) outside.set(verdict.why, [title])
      else titles.push(title)
    }
  }
  members.sort((a, b) => a.slot - b.slot)
  return { rollout, members, outside, notInjected }
}

const ALL = 10_000

/** The members in a share. */
export function membersIn({ members }: RolloutPlan, slots: number): readonly PlannedWorkload[] {
  return members.filter(({ slot }) => isInShare(slot, slots))
}

/** The smallest percentage that moves a workload; undefined if the rollout has none. */
export function smallestPercent({ members: [first] }: RolloutPlan): string | undefined {
  return first === undefined ? undefined : percentThatIncludes(first.slot)
}

function calledBy(
  { namespace, object }: InjectionRequest,
  webhooks: readonly JsonObject[],
  { namespaces }: Snapshot,
): PlannedWorkload['calls'] {
  const calls = findWebhookCalls(webhooks, {
    namespace: namespaces.get(namespace)?.labels ?? labelsOf(undefined),
    pod: labelsOf(objectAt(metadataOf(object), 'labels')),
  })
  if (calls.length === 0) return undefined
  return calls.some(({ matched, of }) => matched && of === 'remora') ? 'remora' : 'istiod'
}
