/**
 * The template that a pod was made from, and the workload behind it: its ReplicaSet's or ControllerRevision's, or that of its
 * owner of any kind. Where none is known, the pod itself with its injection undone.
 */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { containersOf, labelOf, metadataOf, objectAt, textAt } from '../kube/index.ts'
import type { RolloutWait } from './pod-state.ts'
import { findWait, isNewestReplicaSet, isNewestRevision } from './rolling.ts'
import {
  controllerOf,
  nameOf,
  templateOf,
  type WorkloadName,
  type WorkloadObjects,
} from './workload-objects.ts'

export interface MadeFrom {
  /** A Deployment rather than its ReplicaSet; the pod itself if nothing controls it. */
  readonly workload: WorkloadName
  /** undefined: not known, or there is none. */
  readonly template: JsonObject | undefined
  /** The owner's template is newer. */
  readonly wait: RolloutWait | undefined
}

export function findMadeFrom(pod: JsonObject, objects: WorkloadObjects): MadeFrom {
  const controller = controllerOf(pod)
  if (controller === undefined) return { workload: podName(pod), template: undefined, wait: undefined }
  const object = objects.get(controller)
  if (object === undefined) return withoutController(pod, controller, objects)
  const parent = controllerOf(object)
  if (parent !== undefined) return ofParent(pod, { object, parent }, objects)
  const revision = label(pod, 'controller-revision-hash')
  if (revision !== '') return ofRevision(pod, { object, hash: revision }, objects)
  return { workload: controller, template: templateOf(object), wait: undefined }
}

function podName(pod: JsonObject): WorkloadName {
  return { ...nameOf(pod), group: '', kind: 'Pod' }
}

interface Child {
  /** A ReplicaSet, ReplicationController or Job. */
  readonly object: JsonObject
  readonly parent: WorkloadName
}

function ofParent(pod: JsonObject, { object, parent }: Child, objects: WorkloadObjects): MadeFrom {
  const owner = objects.get(parent)
  const template = templateOf(object)
  // The template of a CronJob that has changed since is for its next Job.
  const isReplaced = textAt(object, 'kind') !== 'Job' && owner !== undefined
  const wait = isReplaced && !isNewestReplicaSet(object, owner) ? findWait(owner, pod) : undefined
  return { workload: parent, template, wait }
}

function ofRevision(
  pod: JsonObject,
  { object, hash }: { readonly object: JsonObject; readonly hash: string },
  objects: WorkloadObjects,
): MadeFrom {
  const workload = nameOf(object)
  const revisions = objects.controllerRevisions(workload)
  const made = revisions.find((revision) => {
    const name = textAt(metadataOf(revision), 'name')
    return (
      name === hash ||
      name === `${workload.name}-${hash}` ||
      labelOf(revision, 'controller-revision-hash') === hash
    )
  })
  const newest = isNewestRevision(hash, { made, revisions, object })
  const wait = newest ? undefined : findWait(object, pod)
  const kept = made && templateIn(objectAt(made, 'data'))
  return { workload, template: kept ?? (newest ? templateOf(object) : undefined), wait }
}

/** `data` of a ControllerRevision is a patch of the whole template. */
function templateIn(data: JsonObject): JsonObject | undefined {
  const template = own(objectAt(data, 'spec'), 'template')
  if (!isObject(template)) return undefined
  const { $patch: _, ...rest } = template
  return rest
}

/** The ReplicaSet is not known: its Deployment's template counts if the pod may have been made from it. */
function withoutController(pod: JsonObject, controller: WorkloadName, objects: WorkloadObjects): MadeFrom {
  const hash = label(pod, 'pod-template-hash') || label(pod, 'rollouts-pod-template-hash')
  if (controller.kind !== 'ReplicaSet' || hash === '' || !controller.name.endsWith(`-${hash}`))
    return { workload: controller, template: undefined, wait: undefined }
  const isRollout = label(pod, 'rollouts-pod-template-hash') !== ''
  const workload: WorkloadName = {
    group: isRollout ? 'argoproj.io' : 'apps',
    kind: isRollout ? 'Rollout' : 'Deployment',
    namespace: controller.namespace,
    name: controller.name.slice(0, -hash.length - 1),
  }
  const owner = objects.get(workload)
  const template = owner && templateOf(owner)
  return { workload, template: template && mayBeFrom(pod, template) ? template : undefined, wait: undefined }
}

function mayBeFrom(pod: JsonObject, template: JsonObject): boolean {
  const images = new Map(
    containersOf(pod, 'containers').map((container) => [
      textAt(container, 'name'),
      textAt(container, 'image'),
    ]),
  )
  return containersOf(template, 'containers').every(
    (container) => images.get(textAt(container, 'name')) === textAt(container, 'image'),
  )
}

/**
 * The pod that the controller submitted: the template with the metadata that the API server shows of it. Owner references and
 * generateName are those of the pod, since injection reads the workload's name from them.
 */
export function podFromTemplate(template: JsonObject, pod: JsonObject): JsonObject {
  const { name, generateName, namespace, ownerReferences } = metadataOf(pod)
  const metadata = objectAt(template, 'metadata')
  return {
    ...template,
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      ...(generateName === undefined ? name !== undefined && { name } : { generateName }),
      ...(namespace !== undefined && { namespace }),
      ...(ownerReferences !== undefined && { ownerReferences }),
    },
  }
}

/** The next pod of a workload that has none. */
export function nextPodOf(object: JsonObject): JsonObject | undefined {
  const template = templateOf(object)
  if (template === undefined) return undefined
  const { name, namespace } = nameOf(object)
  const owner = {
    apiVersion: textAt(object, 'apiVersion'),
    kind: textAt(object, 'kind'),
    name,
    uid: textAt(metadataOf(object), 'uid'),
    controller: true,
  }
  const metadata = {
    ...objectAt(template, 'metadata'),
    generateName: `${name}-`,
    namespace,
    ownerReferences: [owner],
  }
  return { ...template, apiVersion: 'v1', kind: 'Pod', metadata }
}

function label(pod: JsonObject, name: string): string {
  return labelOf(pod, name) ?? ''
}
