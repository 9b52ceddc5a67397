/** How far the running pods are at a rollout's percentage, and its state as conditions of Kubernetes' form. */
import { type Snapshot, whyNotServing } from '../../inject/index.ts'
import { formatPercent, isInShare } from '../../rollout/index.ts'
import { restartCommands } from '../preview/running.ts'
import { membersIn, type PlannedWorkload, type RolloutPlan, smallestPercent } from './plan-rollout.ts'

export interface RolloutProgress {
  readonly total: number
  readonly chosen: number
  /** Chosen, and all running pods have the target. */
  readonly moved: number
  /** Its running pods are of two revisions. */
  readonly mixed: number
  /** Running pods have another revision than new ones would get. */
  readonly stale: readonly PlannedWorkload[]
  /** The commands that create the stale pods again. */
  readonly commands: readonly string[]
}

export interface RolloutCondition {
  readonly type: 'Ready' | 'Progressing' | 'Degraded'
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

export function progressOf(plan: RolloutPlan): RolloutProgress {
  const { members, rollout } = plan
  const stalePods = ({ slot, from, running }: PlannedWorkload) => {
    const wanted = isInShare(slot, rollout.slots) ? rollout.to : from
    return running.flatMap(({ name, revision }) => (revision === wanted ? [] : name))
  }
  const chosen = membersIn(plan, rollout.slots)
  const stale = members.filter((member) => stalePods(member).length > 0)
  return {
    total: members.length,
    chosen: chosen.length,
    moved: chosen.filter((one) => one.running.length > 0 && stalePods(one).length === 0).length,
    mixed: members.filter(({ running }) => new Set(running.map(({ revision }) => revision)).size > 1).length,
    stale,
    commands: restartCommands(
      stale.flatMap((one) =>
        one.restart === undefined ? [] : { workload: one, restart: one.restart, waiting: stalePods(one) },
      ),
    ),
  }
}

/** The most important first. */
export function conditionsOf(plan: RolloutPlan, snapshot: Snapshot): readonly RolloutCondition[] {
  const { stale } = progressOf(plan)
  const degraded = whyDegraded(plan, snapshot)
  return [
    degraded === undefined
      ? { type: 'Degraded', status: 'False', reason: 'AsIntended', message: 'nothing blocks the rollout' }
      : { type: 'Degraded', status: 'True', ...degraded },
    stale.length === 0
      ? { type: 'Progressing', status: 'False', reason: 'NothingStale', message: 'no running pod is stale' }
      : {
          type: 'Progressing',
          status: 'True',
          reason: 'PodsStale',
          message: `${stale.length} workloads have pods with a different revision from the one that new pods would get`,
        },
    {
      type: 'Ready',
      status: stale.length === 0 && degraded === undefined ? 'True' : 'False',
      reason: degraded?.reason ?? (stale.length === 0 ? 'Moved' : 'PodsStale'),
      message: `at ${formatPercent(plan.rollout.slots)}%`,
    },
  ]
}

function whyDegraded(
  plan: RolloutPlan,
  snapshot: Snapshot,
): { readonly reason: string; readonly message: string } | undefined {
  const { rollout, members } = plan
  const facts = (snapshot.rollouts ?? []).find((one) => one.rollout.name === rollout.name) ?? { rollout }
  const why = whyNotServing(facts, snapshot)
  if (why !== undefined) return { reason: 'TargetNotServing', message: why }
  if (members.length === 0)
    return {
      reason: plan.outside.has('overlap') ? 'Overlap' : 'NoWorkloads',
      message: plan.outside.has('overlap')
        ? 'an older rollout applies to all of its workloads'
        : 'the rollout applies to no workload',
    }
  const elsewhere = members.filter(({ calls }) => calls === 'istiod').length
  if (elsewhere > 0)
    return {
      reason: 'RemoraNotAsked',
      message:
        `the API server does not call Remora for ${elsewhere} of ${members.length} workloads, so they do not move: ` +
        "activate Remora's webhooks for spec.from and deactivate istiod's",
    }
  if (rollout.slots > 0 && membersIn(plan, rollout.slots).length === 0)
    return {
      reason: 'EmptyShare',
      message: `${formatPercent(rollout.slots)}% includes no workload; the first one moves at ${smallestPercent(plan)}%`,
    }
  return undefined
}
