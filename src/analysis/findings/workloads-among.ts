/** The workloads that will create pods: owners with templates, and pods without a known owner. */
import { isObject, type JsonObject, own } from '../../json/index.ts'
import {
  controllerOf,
  isFinished,
  listAt,
  metadataOf,
  type ObjectKind,
  objectAt,
  ownerOf,
  podOfManifest,
  specOf,
  textAt,
  unbind,
  WORKLOAD_KINDS,
} from '../../kube/index.ts'
import type { WorkloadSubject } from './subject.ts'

interface Found {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly object: JsonObject
}

/** By namespace, then kind and name. */
export function workloadsAmong(
  objects: ReadonlyMap<ObjectKind, readonly JsonObject[]>,
  others: readonly JsonObject[] = [],
): readonly WorkloadSubject[] {
  const found = [...WORKLOAD_KINDS.flatMap((kind) => objects.get(kind) ?? []), ...others].map(describe)
  const known = new Set(found.map(keyOf))
  return found
    .filter((one) => !isOwned(one, known) && !isOver(one))
    .flatMap(({ object }) => workloadOf(object) ?? [])
    .toSorted((a, b) => compare(a.namespace, b.namespace) || compare(a.title, b.title))
}

/** undefined: it is of a kind without a pod template. */
export function workloadOf(object: JsonObject, namespace?: string): WorkloadSubject | undefined {
  const found = describe(object)
  const home = namespace ?? found.namespace
  const pod = found.kind === 'Pod' ? unbind(object) : podOfManifest(object)
  if (pod === undefined) return undefined
  return { type: 'workload', title: `${found.kind} ${home}/${found.name}`, namespace: home, object, pod }
}

function describe(object: JsonObject): Found {
  const metadata = metadataOf(object)
  return {
    kind: textAt(object, 'kind'),
    namespace: textAt(metadata, 'namespace') || 'default',
    name: textAt(metadata, 'name') || textAt(metadata, 'generateName'),
    object,
  }
}

function keyOf({ kind, namespace, name }: Pick<Found, 'kind' | 'namespace' | 'name'>): string {
  return `${kind.toLowerCase()} ${namespace}/${name}`
}

/** Its controller, or the Deployment of its ReplicaSet, is listed instead. */
function isOwned({ namespace, object }: Found, known: ReadonlySet<string>): boolean {
  const controller = controllerOf(object)
  const owner = ownerOf(object)
  return (
    (controller !== undefined && known.has(keyOf({ ...controller, namespace }))) ||
    (owner !== undefined && known.has(keyOf({ kind: owner.of, namespace, name: owner.name })))
  )
}

/** It will create no more pods: it is completed, or an unknown controller has scaled it down for a newer one. */
function isOver({ kind, object }: Found): boolean {
  if (kind === 'Pod') return isFinished(object)
  if (kind === 'Job')
    return own(objectAt(object, 'status'), 'completionTime') !== undefined || hasFailed(object)
  return kind === 'ReplicaSet' && controllerOf(object) !== undefined && own(specOf(object), 'replicas') === 0
}

function hasFailed(job: JsonObject): boolean {
  return listAt(objectAt(job, 'status'), 'conditions')
    .filter(isObject)
    .some((condition) => own(condition, 'type') === 'Failed' && own(condition, 'status') === 'True')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
