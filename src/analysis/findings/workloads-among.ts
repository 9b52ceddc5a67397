/** The workloads that will create pods: owners with templates, and pods without a known owner. */
import { undoInjection } from '../../dataplane/index.ts'
import type { Snapshot } from '../../inject/index.ts'
import { isObject, type JsonObject, own } from '../../json/index.ts'
import {
  controllerOf,
  groupOf,
  isFinished,
  listAt,
  metadataOf,
  type ObjectKind,
  objectAt,
  objectKindOf,
  ownerOf,
  podOfManifest,
  specOf,
  templateReference,
  textAt,
  titleOfKind,
  WORKLOAD_KINDS,
  withTemplateOf,
} from '../../kube/index.ts'
import type { WorkloadSubject } from './subject.ts'

interface Found {
  /** `Deployment`, `Service.serving.knative.dev`. */
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly object: JsonObject
}

/**
 * By namespace, then kind and name.
 * @param others objects of kinds that have no row in OBJECT_KINDS
 */
export function workloadsAmong(
  objects: ReadonlyMap<ObjectKind, readonly JsonObject[]>,
  others: readonly JsonObject[],
  namespaces: Snapshot['namespaces'],
): readonly WorkloadSubject[] {
  const found = [...WORKLOAD_KINDS.flatMap((kind) => objects.get(kind) ?? []), ...others].map(describe)
  const known = new Map(found.map((one) => [keyOf(one), one]))
  const referred = new Set(found.flatMap((one) => referredKey(one) ?? []))
  return found
    .filter((one) => !referred.has(keyOf(one)) && !isOwned(one, known) && !isOver(one))
    .flatMap((one) => workloadOf(one, known.get(referredKey(one) ?? '')?.object, namespaces) ?? [])
    .toSorted((a, b) => compare(a.namespace, b.namespace) || compare(a.title, b.title))
}

/**
 * undefined: it is of a kind without a pod template.
 * @param referred the object whose template it uses
 */
function workloadOf(
  { kind, namespace, name, object }: Found,
  referred: JsonObject | undefined,
  namespaces: Snapshot['namespaces'],
): WorkloadSubject | undefined {
  const pod =
    kind === 'Pod'
      ? undoInjection(object, namespaces.get(namespace)?.labels)
      : podOfManifest(referred === undefined ? object : withTemplateOf(object, referred))
  if (pod === undefined) return undefined
  return { type: 'workload', title: `${kind} ${namespace}/${name}`, namespace, object, pod }
}

function describe(object: JsonObject): Found {
  const metadata = metadataOf(object)
  return {
    kind: kindTitle(textAt(object, 'apiVersion'), textAt(object, 'kind')),
    namespace: textAt(metadata, 'namespace') || 'default',
    name: textAt(metadata, 'name') || textAt(metadata, 'generateName'),
    object,
  }
}

function kindTitle(apiVersion: string, kind: string): string {
  const known = objectKindOf(apiVersion, kind)
  if (known !== undefined) return titleOfKind(known)
  // A kind of the same name in another group is another kind.
  return objectKindOf('', kind) === undefined ? kind : `${kind}.${groupOf(apiVersion)}`
}

function keyOf({ kind, namespace, name }: Pick<Found, 'kind' | 'namespace' | 'name'>): string {
  return `${kind.toLowerCase()} ${namespace}/${name}`
}

function referredKey({ object, namespace }: Found): string | undefined {
  const reference = templateReference(object)
  return (
    reference &&
    keyOf({ kind: kindTitle(reference.apiVersion, reference.kind), namespace, name: reference.name })
  )
}

/** Its controller, or the Deployment of its ReplicaSet, is listed instead. */
function isOwned({ namespace, object }: Found, known: ReadonlyMap<string, Found>): boolean {
  const controller = controllerOf(object)
  const owner = ownerOf(object)
  return (
    (controller !== undefined &&
      hasTemplate(
        known.get(
          keyOf({ ...controller, kind: kindTitle(controller.apiVersion, controller.kind), namespace }),
        ),
      )) ||
    (owner !== undefined && known.has(keyOf({ kind: titleOfKind(owner.of), namespace, name: owner.name })))
  )
}

/** Otherwise the owner is no workload, and the object below it is one. */
function hasTemplate(owner: Found | undefined): boolean {
  return (
    owner !== undefined &&
    (owner.kind === 'Pod' ||
      podOfManifest(owner.object) !== undefined ||
      templateReference(owner.object) !== undefined)
  )
}

/** It will create no more pods: it is completed, or an unknown controller has scaled it down for a newer one. */
function isOver({ kind, object }: Found): boolean {
  if (kind === 'Pod') return isFinished(object)
  if (kind === 'Job' || kind === 'BroadcastJob')
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
