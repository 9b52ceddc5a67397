/**
 * The running pods of previewed workloads: which of them keep a sidecar that a new pod would not get, and how they get the new
 * one. What a running pod has is read from its spec.
 */
import { compareSidecars, readInjected, readSidecar, type SidecarDifference } from '../../dataplane/index.ts'
import { metadataOf, textAt } from '../../kube/index.ts'
import type { RunningWorkload, WorkloadPreview } from './preview-workloads.ts'
import { findRestart, type Restart, shellWord } from './restarts.ts'

export interface WaitingWorkload {
  readonly workload: WorkloadPreview
  readonly restart: Restart
  readonly pods: number
  /** Names of those that differ from a new pod. */
  readonly waiting: readonly string[]
  /** What differs in at least one of them. */
  readonly differences: readonly SidecarDifference[]
}

export interface RestartedWorkload {
  readonly workload: { readonly namespace: string }
  readonly restart: Restart
  /** Names of pods. */
  readonly waiting: readonly string[]
}

export interface RunningReport {
  /** Of all previewed workloads. */
  readonly pods: number
  readonly waitingPods: number
  /** In the order of the workloads. */
  readonly waiting: readonly WaitingWorkload[]
  /** Their new pods would be refused or get an error, so that they must not be restarted. */
  readonly blocked: readonly WaitingWorkload[]
  /** `kubectl rollout restart`, one command for each namespace, and the commands of other kinds. */
  readonly commands: readonly string[]
}

/** @param running by the title of the workload; undefined: no cluster was read */
export function findRunning(
  workloads: readonly WorkloadPreview[],
  running: ReadonlyMap<string, RunningWorkload>,
): RunningReport {
  const found = workloads.flatMap((workload) => {
    const one = running.get(workload.title)
    return one === undefined || one.pods.length === 0 ? [] : [compareWorkload(workload, one)]
  })
  const waiting = found.filter(({ waiting: names }) => names.length > 0)
  const isBlocked = ({ workload: { after } }: WaitingWorkload) =>
    after.kind === 'refused' || after.kind === 'fault'
  const movable = waiting.filter((one) => !isBlocked(one))
  return {
    pods: sum(found.map(({ pods }) => pods)),
    waitingPods: sum(movable.map(({ waiting: names }) => names.length)),
    waiting: movable,
    blocked: found.filter(isBlocked),
    commands: restartCommands(movable),
  }
}

function compareWorkload(workload: WorkloadPreview, { object, pods }: RunningWorkload): WaitingWorkload {
  const { after } = workload
  const next = after.kind === 'patched' ? readSidecar(after.pod) : undefined
  const compared = pods.map((pod) => ({
    name: textAt(metadataOf(pod), 'name'),
    differences: compareSidecars(readInjected(pod), next),
  }))
  const different = compared.filter(({ differences }) => differences.length > 0)
  return {
    workload,
    restart: findRestart(object),
    pods: pods.length,
    waiting: different.map(({ name }) => name),
    differences: unique(different.flatMap(({ differences }) => differences)),
  }
}

function unique(differences: readonly SidecarDifference[]): readonly SidecarDifference[] {
  return [...new Map(differences.map((one) => [JSON.stringify(one), one])).values()]
}

/** Commands that create pods again; several workloads of one namespace share one. */
export function restartCommands(waiting: readonly RestartedWorkload[]): readonly string[] {
  const restarts = new Map<string, string[]>()
  const commands: string[] = []
  for (const { workload, restart, waiting: pods } of waiting) {
    const { namespace } = workload
    if (restart.kind === 'rollout-restart') {
      const names = restarts.get(namespace)
      if (names === undefined) restarts.set(namespace, [restart.name])
      else names.push(restart.name)
    } else if (restart.kind === 'command') commands.push(restart.command)
    else if (restart.kind === 'delete-pods')
      commands.push(`kubectl delete pod ${pods.map(shellWord).join(' ')} --namespace ${shellWord(namespace)}`)
  }
  return [
    ...[...restarts].map(
      ([namespace, names]) =>
        `kubectl rollout restart ${names.join(' ')} --namespace ${shellWord(namespace)}`,
    ),
    ...commands,
  ]
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
