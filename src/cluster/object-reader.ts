/**
 * Whole objects for commands, read on demand and not kept, so that the server does not pay for them. Implemented by
 * folder-objects.ts and live/live-objects.ts.
 */
import type { JsonObject } from '../json/index.ts'

export interface ObjectReader {
  /** The object; undefined if it does not exist. @throws RemoraError if it could not be read */
  get(
    kind: ObjectKind,
    name: { readonly namespace: string; readonly name: string },
  ): Promise<JsonObject | undefined>
  /**
   * All objects of the kind, in one namespace or all, sorted by name. @throws RemoraError if they could not be read
   */
  list(kind: ObjectKind, namespace?: string): Promise<readonly JsonObject[]>
  /**
   * Objects with a pod template whose kind is not in the table. A live cluster knows none: there the pods that their
   * controllers create are listed.
   */
  unknownKinds(): Promise<readonly UnknownKind[]>
  close(): void
}

export interface UnknownKind {
  /** `JobSet.jobset.x-k8s.io`. */
  readonly kind: string
  /** `NAMESPACE/NAME`, or the name of a cluster-scoped object. */
  readonly names: readonly string[]
}

interface KindRow {
  readonly kind: string
  /** `v1`, `apps/v1`: the version for the live API; in a folder any version of the group counts. */
  readonly apiVersion: string
  readonly plural: string
  /** Cluster-scoped. */
  readonly global?: true
  /** Defined by a CustomResourceDefinition or by an aggregated API: a cluster may not have it, which is no error. */
  readonly custom?: true
}

/** By the name that users type; where two groups have a kind of one name, it is followed by the group, as in kubectl. */
export const OBJECT_KINDS = {
  pod: { kind: 'Pod', apiVersion: 'v1', plural: 'pods' },
  deployment: { kind: 'Deployment', apiVersion: 'apps/v1', plural: 'deployments' },
  statefulset: { kind: 'StatefulSet', apiVersion: 'apps/v1', plural: 'statefulsets' },
  daemonset: { kind: 'DaemonSet', apiVersion: 'apps/v1', plural: 'daemonsets' },
  replicaset: { kind: 'ReplicaSet', apiVersion: 'apps/v1', plural: 'replicasets' },
  replicationcontroller: {
    kind: 'ReplicationController',
    apiVersion: 'v1',
    plural: 'replicationcontrollers',
  },
  job: { kind: 'Job', apiVersion: 'batch/v1', plural: 'jobs' },
  cronjob: { kind: 'CronJob', apiVersion: 'batch/v1', plural: 'cronjobs' },
  rollout: { kind: 'Rollout', apiVersion: 'argoproj.io/v1alpha1', plural: 'rollouts', custom: true },
  deploymentconfig: {
    kind: 'DeploymentConfig',
    apiVersion: 'apps.openshift.io/v1',
    plural: 'deploymentconfigs',
    custom: true,
  },
  cloneset: { kind: 'CloneSet', apiVersion: 'apps.kruise.io/v1alpha1', plural: 'clonesets', custom: true },
  'statefulset.apps.kruise.io': {
    kind: 'StatefulSet',
    apiVersion: 'apps.kruise.io/v1beta1',
    plural: 'statefulsets',
    custom: true,
  },
  'daemonset.apps.kruise.io': {
    kind: 'DaemonSet',
    apiVersion: 'apps.kruise.io/v1alpha1',
    plural: 'daemonsets',
    custom: true,
  },
  broadcastjob: {
    kind: 'BroadcastJob',
    apiVersion: 'apps.kruise.io/v1alpha1',
    plural: 'broadcastjobs',
    custom: true,
  },
  scaledjob: { kind: 'ScaledJob', apiVersion: 'keda.sh/v1alpha1', plural: 'scaledjobs', custom: true },
  fleet: { kind: 'Fleet', apiVersion: 'agones.dev/v1', plural: 'fleets', custom: true },
  'service.serving.knative.dev': {
    kind: 'Service',
    apiVersion: 'serving.knative.dev/v1',
    plural: 'services',
    custom: true,
  },
  'configuration.serving.knative.dev': {
    kind: 'Configuration',
    apiVersion: 'serving.knative.dev/v1',
    plural: 'configurations',
    custom: true,
  },
  'revision.serving.knative.dev': {
    kind: 'Revision',
    apiVersion: 'serving.knative.dev/v1',
    plural: 'revisions',
    custom: true,
  },
  service: { kind: 'Service', apiVersion: 'v1', plural: 'services' },
  namespace: { kind: 'Namespace', apiVersion: 'v1', plural: 'namespaces', global: true },
  mutatingwebhookconfiguration: {
    kind: 'MutatingWebhookConfiguration',
    apiVersion: 'admissionregistration.k8s.io/v1',
    plural: 'mutatingwebhookconfigurations',
    global: true,
  },
} as const satisfies { readonly [word: string]: KindRow }

export type ObjectKind = keyof typeof OBJECT_KINDS

export function kindRow(kind: ObjectKind): KindRow {
  return OBJECT_KINDS[kind]
}

/**
 * The kind that a reference or an object names; without an apiVersion the first of that name.
 * @param kind in any case
 */
export function objectKindOf(apiVersion: string, kind: string): ObjectKind | undefined {
  const wanted = kind.toLowerCase()
  const found = Object.entries<KindRow>(OBJECT_KINDS).find(
    ([, row]) =>
      row.kind.toLowerCase() === wanted &&
      (apiVersion === '' || groupOf(apiVersion) === groupOf(row.apiVersion)),
  )
  return found?.[0] as ObjectKind | undefined // a key of the table
}

/** `Deployment`; `Service.serving.knative.dev` where the kind alone would be taken for another one. */
export function titleOfKind(kind: ObjectKind): string {
  const { kind: name, apiVersion } = kindRow(kind)
  return kind.includes('.') ? `${name}.${groupOf(apiVersion)}` : name
}

/** `apps` of `apps/v1`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
