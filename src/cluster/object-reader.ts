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
  close(): void
}

interface KindRow {
  readonly kind: string
  /** `v1`, `apps/v1`: the version for the live API; in a folder any version of the group counts. */
  readonly apiVersion: string
  readonly plural: string
  /** Cluster-scoped. */
  readonly global?: true
}

/** By the name that users type. */
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

/** `apps` of `apps/v1`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
