/** The fields of Kubernetes' workloads around their pod templates (apps/v1, batch/v1, core/v1 of Kubernetes 1.36). */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { nearestName } from '../nearest-name.ts'
import { builtInTemplatePath } from './pod-template.ts'
import { textAt } from './typed-pod.ts'

const OBJECT = ['apiVersion', 'kind', 'metadata', 'spec', 'status']

const JOB =
  'parallelism completions activeDeadlineSeconds podFailurePolicy successPolicy backoffLimit backoffLimitPerIndex maxFailedIndexes selector manualSelector template ttlSecondsAfterFinished completionMode suspend podReplacementPolicy managedBy'

const SPECS: ReadonlyMap<string, readonly string[]> = new Map(
  [
    [
      'Deployment',
      'replicas selector template strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds',
    ],
    [
      'StatefulSet',
      'replicas selector template volumeClaimTemplates serviceName podManagementPolicy updateStrategy revisionHistoryLimit minReadySeconds persistentVolumeClaimRetentionPolicy ordinals',
    ],
    ['DaemonSet', 'selector template updateStrategy minReadySeconds revisionHistoryLimit'],
    ['ReplicaSet', 'replicas minReadySeconds selector template'],
    ['ReplicationController', 'replicas minReadySeconds selector template'],
    ['Job', JOB],
    [
      'CronJob',
      'schedule timeZone startingDeadlineSeconds concurrencyPolicy suspend jobTemplate successfulJobsHistoryLimit failedJobsHistoryLimit',
    ],
  ].map(([kind = '', fields = '']) => [kind, fields.split(' ')]),
)

export interface UnknownField {
  readonly path: readonly string[]
  /** `DeploymentSpec`. */
  readonly type: string
  readonly meant?: string | undefined
}

/** Those outside the pod template, which strictRemarks judges. Empty for the kinds of extensions. */
export function unknownWorkloadFields(object: JsonObject): readonly UnknownField[] {
  const kind = textAt(object, 'kind')
  const fields = SPECS.get(kind)
  if (fields === undefined || builtInTemplatePath(object) === undefined) return []
  const spec = own(object, 'spec')
  const found = [
    ...unknownAmong(object, OBJECT, kind, []),
    ...(isObject(spec) ? unknownAmong(spec, fields, `${kind}Spec`, ['spec']) : []),
  ]
  if (kind !== 'CronJob' || !isObject(spec)) return found
  const job = own(spec, 'jobTemplate')
  const jobSpec = isObject(job) ? own(job, 'spec') : undefined
  if (!isObject(job)) return found
  return [
    ...found,
    ...unknownAmong(job, ['metadata', 'spec'], 'JobTemplateSpec', ['spec', 'jobTemplate']),
    ...(isObject(jobSpec)
      ? unknownAmong(jobSpec, JOB.split(' '), 'JobSpec', ['spec', 'jobTemplate', 'spec'])
      : []),
  ]
}

function unknownAmong(
  object: JsonObject,
  fields: readonly string[],
  type: string,
  at: readonly string[],
): readonly UnknownField[] {
  return Object.keys(object)
    .filter((key) => !fields.includes(key))
    .map((key) => ({
      path: [...at, key],
      type,
      meant: nearestName(
        key,
        fields.filter((name) => own(object, name) === undefined),
      ),
    }))
}
