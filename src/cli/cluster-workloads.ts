/** The workloads of a cluster that will create pods: owners with templates, and pods without a known owner. */
import { OBJECT_KINDS, type ObjectReader } from '../cluster/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import {
  controllerOf,
  isFinished,
  ownerOf,
  type PodSubject,
  textOf,
  unbind,
  WORKLOAD_KINDS,
  type WorkloadKind,
} from './pod-subject.ts'
import { podOfManifest } from './workloads.ts'

interface Found {
  readonly of: WorkloadKind
  readonly namespace: string
  readonly name: string
  readonly object: JsonObject
}

/**
 * By namespace, then kind and name.
 * @param namespace undefined: all of them
 * @throws RemoraError where a kind cannot be listed
 */
export async function listWorkloads(
  objects: ObjectReader,
  namespace?: string,
): Promise<readonly PodSubject[]> {
  const found: Found[] = []
  for (const of of WORKLOAD_KINDS) {
    for (const object of await objects.list(of, namespace))
      found.push({
        of,
        namespace: textOf(object, 'namespace') || 'default',
        name: textOf(object, 'name'),
        object,
      })
  }
  const known = new Set(found.map(keyOf))
  return found
    .filter((one) => !isOwned(one, known) && !isOver(one))
    .flatMap(subjectOf)
    .toSorted((a, b) => compare(a.namespace, b.namespace) || compare(a.title, b.title))
}

function keyOf({ of, namespace, name }: Pick<Found, 'of' | 'namespace' | 'name'>): string {
  return `${of} ${namespace}/${name}`
}

/** Its controller, or the Deployment of its ReplicaSet, is listed instead. */
function isOwned({ namespace, object }: Found, known: ReadonlySet<string>): boolean {
  const controller = controllerOf(object)
  const owner = ownerOf(object)
  return (
    (controller !== undefined && known.has(`${controller.kind} ${namespace}/${controller.name}`)) ||
    (owner !== undefined && known.has(keyOf({ ...owner, namespace })))
  )
}

/** It will create no more pods: it is completed, or an unknown controller has scaled it down for a newer one. */
function isOver({ of, object }: Found): boolean {
  if (of === 'pod') return isFinished(object)
  if (of === 'job') return own(statusOf(object), 'completionTime') !== undefined || hasFailed(object)
  return of === 'replicaset' && controllerOf(object) !== undefined && own(specOf(object), 'replicas') === 0
}

function hasFailed(job: JsonObject): boolean {
  const conditions = own(statusOf(job), 'conditions')
  return (Array.isArray(conditions) ? conditions : [])
    .filter(isObject)
    .some((condition) => own(condition, 'type') === 'Failed' && own(condition, 'status') === 'True')
}

function specOf(object: JsonObject): JsonObject {
  const spec = own(object, 'spec')
  return isObject(spec) ? spec : {}
}

function statusOf(object: JsonObject): JsonObject {
  const status = own(object, 'status')
  return isObject(status) ? status : {}
}

function subjectOf({ of, namespace, name, object }: Found): readonly PodSubject[] {
  const title = `${OBJECT_KINDS[of].kind} ${namespace}/${name}`
  if (of === 'pod') return [{ title, namespace, existing: object, pod: unbind(object) }]
  const pod = podOfManifest(object)
  return pod === undefined ? [] : [{ title, namespace, pod }]
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
