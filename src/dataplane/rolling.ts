/** Whether a pod is made from its workload's newest template, and who delays the change if not. */
import { isObject, type JsonObject, own } from '../json/index.ts'
import {
  annotationOf,
  labelOf,
  listAt,
  metadataOf,
  missingFrom,
  objectAt,
  specOf,
  textAt,
} from '../kube/index.ts'
import type { RolloutWait } from './pod-state.ts'
import { templateOf } from './workload-objects.ts'

const REVISION = 'deployment.kubernetes.io/revision'

/** A Deployment that is paused has a newer template without a ReplicaSet, and without a new number. */
export function isNewestReplicaSet(replicaSet: JsonObject, owner: JsonObject): boolean {
  const [made, newest] = [templateOf(replicaSet), templateOf(owner)]
  if (made === undefined || newest === undefined) return true
  const [number, latest] = [annotationOf(replicaSet, REVISION), annotationOf(owner, REVISION)]
  if (number !== undefined && latest !== undefined && number !== latest && Number(number) < Number(latest))
    return false
  return missingFrom(withoutNulls(newest), made).length === 0
}

/** Go writes the null of an unset timestamp. */
function withoutNulls(template: JsonObject): JsonObject {
  const { creationTimestamp: _, ...metadata } = metadataOf(template)
  return { ...template, metadata }
}

interface RevisionFacts {
  readonly made: JsonObject | undefined
  readonly revisions: readonly JsonObject[]
  readonly object: JsonObject
}

export function isNewestRevision(hash: string, { made, revisions, object }: RevisionFacts): boolean {
  const update = textAt(objectAt(object, 'status'), 'updateRevision')
  if (update !== '') return update === hash || update.endsWith(`-${hash}`)
  if (made !== undefined) return made === revisions.at(-1)
  return revisions.length === 0
}

export function findWait(owner: JsonObject, pod: JsonObject): RolloutWait {
  const spec = specOf(owner)
  const strategy = objectAt(spec, 'updateStrategy')
  if (own(spec, 'paused') === true || own(strategy, 'paused') === true) return 'paused'
  if (textAt(strategy, 'type') === 'OnDelete') return 'on-delete'
  if (isHeldByPartition(strategy, pod)) return 'partition'
  return hasExceededDeadline(owner) ? 'deadline-exceeded' : 'in-progress'
}

/** StatefulSets keep the pods with a lower ordinal; CloneSets a number or share of all pods. */
function isHeldByPartition(strategy: JsonObject, pod: JsonObject): boolean {
  const nested = own(objectAt(strategy, 'rollingUpdate'), 'partition')
  const partition = nested ?? own(strategy, 'partition')
  if (typeof partition === 'string') return partition !== '0%'
  if (typeof partition !== 'number' || partition === 0) return false
  const name = textAt(metadataOf(pod), 'name')
  const text = labelOf(pod, 'apps.kubernetes.io/pod-index') ?? /-(\d+)$/.exec(name)?.[1]
  return nested === undefined || text === undefined || Number(text) < partition
}

function hasExceededDeadline(owner: JsonObject): boolean {
  return listAt(objectAt(owner, 'status'), 'conditions')
    .filter(isObject)
    .some(
      (one) => textAt(one, 'type') === 'Progressing' && textAt(one, 'reason') === 'ProgressDeadlineExceeded',
    )
}
