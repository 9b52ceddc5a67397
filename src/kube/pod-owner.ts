/** The workload behind a pod, by its owner references. */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { type OBJECT_KINDS, type ObjectKind, objectKindOf } from './object-kinds.ts'
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
  'advancedstatefulset',
  'advanceddaemonset',
  'broadcastjob',
  'scaledjob',
  'fleet',
  'knativeservice',
  'knativeconfiguration',
  'knativerevision',
] as const satisfies readonly (keyof typeof OBJECT_KINDS)[]
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number]

export function isWorkloadKind(word: string): word is WorkloadKind {
  return WORKLOAD_KINDS.some((kind) => kind === word)
}

/** As kubectl and the kinds' own projects abbreviate them. */
const ABBREVIATIONS: ReadonlyMap<string, string> = new Map([
  ['po', 'pod'],
  ['deploy', 'deployment'],
  ['sts', 'statefulset'],
  ['ds', 'daemonset'],
  ['rs', 'replicaset'],
  ['rc', 'replicationcontroller'],
  ['cj', 'cronjob'],
  ['ns', 'namespace'],
  ['ro', 'rollout'],
  ['dc', 'deploymentconfig'],
  ['clone', 'cloneset'],
  ['asts', 'advancedstatefulset'],
  ['ads', 'advanceddaemonset'],
  ['bcj', 'broadcastjob'],
  ['ksvc', 'knativeservice'],
  ['rev', 'knativerevision'],
])

/** What users may put before a name. */
export const SUBJECT_KINDS: readonly string[] = [...WORKLOAD_KINDS, 'namespace']

/** `deploy`, `deployments`, `Deployment.apps`; undefined: none of these kinds. */
export function kindOfWord(word: string): WorkloadKind | 'namespace' | undefined {
  const [lower = ''] = word.toLowerCase().split('.')
  const singular = ABBREVIATIONS.get(lower) ?? lower.replace(/s$/, '')
  return singular === 'namespace' || isWorkloadKind(singular) ? singular : undefined
}

/** The controller that has the template: behind a ReplicaSet its Deployment or Rollout. */
export function ownerOf(pod: JsonObject): { readonly of: WorkloadKind; readonly name: string } | undefined {
  const controller = controllerOf(pod)
  if (controller === undefined) return undefined
  const { of, name } = controller
  if (of === 'replicaset') {
    const owner = (
      [
        ['pod-template-hash', 'deployment'],
        // Argo Rollouts.
        ['rollouts-pod-template-hash', 'rollout'],
      ] as const
    ).find(([label]) => {
      const hash = labelOf(pod, label) ?? ''
      return hash !== '' && name.endsWith(`-${hash}`)
    })
    if (owner === undefined) return { of, name }
    return { of: owner[1], name: name.slice(0, name.length - (labelOf(pod, owner[0]) ?? '').length - 1) }
  }
  if (of === 'replicationcontroller') {
    // OpenShift.
    const config = labelOf(pod, 'deploymentconfig') ?? ''
    return config === '' ? { of, name } : { of: 'deploymentconfig', name: config }
  }
  // The controllers of other kinds have no known template.
  return of !== undefined && isWorkloadKind(of) && of !== 'pod' ? { of, name } : undefined
}

export interface Controller {
  /** undefined: of a kind without a row in OBJECT_KINDS. */
  readonly of: ObjectKind | undefined
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

/** From the owner references. */
export function controllerOf(object: JsonObject): Controller | undefined {
  const controller = listAt(metadataOf(object), 'ownerReferences')
    .filter(isObject)
    .find((reference) => own(reference, 'controller') === true)
  if (controller === undefined) return undefined
  const [apiVersion, kind] = [textAt(controller, 'apiVersion'), textAt(controller, 'kind')]
  return { of: objectKindOf(apiVersion, kind), apiVersion, kind, name: textAt(controller, 'name') }
}

/** The API server has stored it: a manifest of a pod has neither a uid nor a status. */
export function isStored(object: JsonObject): boolean {
  return textAt(metadataOf(object), 'uid') !== '' || Object.keys(objectAt(object, 'status')).length > 0
}

/** A completed pod is not restarted. */
export function isFinished(pod: JsonObject): boolean {
  const phase = textAt(objectAt(pod, 'status'), 'phase')
  return phase === 'Succeeded' || phase === 'Failed'
}
