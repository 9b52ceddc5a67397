/**
 * Owns: what commands may ask for beyond the snapshot, and what the kinds are called: whole objects, read when asked
 * for and kept by nobody, so that the server does not pay for them. Where they come from is folder-objects.ts and
 * live/live-objects.ts.
 */
import type { JsonObject } from '../json/index.ts'

export interface ObjectReader {
  /** The object; undefined where there is none of that name. @throws RemoraError where it could not be asked for */
  get(
    kind: ObjectKind,
    name: { readonly namespace: string; readonly name: string },
  ): Promise<JsonObject | undefined>
  /** All of the kind, of one namespace or of all; in the order of their names. @throws RemoraError likewise */
  list(kind: ObjectKind, namespace?: string): Promise<readonly JsonObject[]>
  close(): void
}

interface KindRow {
  readonly kind: string
  /** `v1`, `apps/v1`: asked for live; any version of the group counts in a folder. */
  readonly apiVersion: string
  readonly plural: string
  /** Stands in no namespace. */
  readonly global?: true
}

/** By the word that people type. */
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
