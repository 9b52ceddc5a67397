/** The workload behind a pod, by its owner references. */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { OBJECT_KINDS } from './object-kinds.ts'
import { labelOf, listAt, metadataOf, objectAt, textAt } from './typed-pod.ts'

/** Kinds with a pod template, as users type them; a pod is its own workload. */
export const WORKLOAD_KINDS = [
  'pod',
  'deployment',
  'statefulset',
  'daemonset',
  'replicaset',
  'replicationcontroller',
  'job',
  'cronjob',
  'rollout',
  'deploymentconfig',
  'cloneset',
  'knativeservice',
] as const satisfies readonly (keyof typeof OBJECT_KINDS)[]
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number]

export function isWorkloadKind(word: string): word is WorkloadKind {
  return WORKLOAD_KINDS.some((kind) => kind === word)
}

/** The controller that has the template: behind a ReplicaSet its Deployment. */
export function ownerOf(pod: JsonObject): { readonly of: WorkloadKind; readonly name: string } | undefined {
  const controller = controllerOf(pod)
  if (controller === undefined) return undefined
  const { kind, name } = controller
  if (kind === 'replicaset') {
    const hash = labelOf(pod, 'pod-template-hash') ?? ''
    return hash !== '' && name.endsWith(`-${hash}`)
      ? { of: 'deployment', name: name.slice(0, -hash.length - 1) }
      : { of: 'replicaset', name }
  }
  const of = WORKLOAD_KINDS.find((word) => OBJECT_KINDS[word].kind.toLowerCase() === kind)
  // Other custom resources have no known template.
  return of === undefined || of === 'pod' ? undefined : { of, name }
}

/** From the owner references: the kind in lower case, and the name. */
export function controllerOf(
  object: JsonObject,
): { readonly kind: string; readonly name: string } | undefined {
  const controller = listAt(metadataOf(object), 'ownerReferences')
    .filter(isObject)
    .find((reference) => own(reference, 'controller') === true)
  return controller && { kind: textAt(controller, 'kind').toLowerCase(), name: textAt(controller, 'name') }
}

/** A completed pod is not restarted. */
export function isFinished(pod: JsonObject): boolean {
  const phase = textAt(objectAt(pod, 'status'), 'phase')
  return phase === 'Succeeded' || phase === 'Failed'
}
