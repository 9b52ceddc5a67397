/**
 * The workload of a pod, derived from its controller as in Istio (pkg/kube/util.go, GetDeployMetaFromPod): a ReplicaSet
 * means its Deployment, a dated Job its CronJob.
 */
import type { Gates } from '../istio/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import { decodeTyped, labelOf, listAt, metadataOf, objectAt, textAt } from '../kube/index.ts'

export interface DeployMeta {
  readonly kind: string
  readonly apiVersion: string
  readonly name: string
  readonly namespace: string
  /** Istio before 1.22: `.DeploymentMeta` is the pod's own metadata with that name. */
  readonly objectMeta: JsonObject
}

export interface Workload {
  readonly meta: DeployMeta
  /** The pod, modified if finding its owner modifies it. */
  readonly pod: JsonObject
}

interface Owner {
  readonly kind: string
  readonly apiVersion: string
  readonly name: string
}

const DATED_JOB = /^([^\n]+)-[0-9]{8,10}$/

export function findWorkload(pod: JsonObject, gates: Gates): Workload {
  const metadata = metadataOf(pod)
  const owner = controllerOf(metadata)
  const found = owner === undefined ? undefined : ownerBehind(owner, pod, gates)
  // Istio 1.12 to 1.21: the label is deleted from a map that the pod itself shares.
  const changed = found?.kind === 'DeploymentConfig' && !gates.deploymentMetaIsName ? withoutLabel(pod) : pod
  const name = found?.name || textAt(metadata, 'name')
  const { ownerReferences: _, managedFields: __, ...rest } = metadataOf(changed)
  const meta = {
    kind: found?.kind ?? 'Pod',
    apiVersion: found?.apiVersion ?? 'v1',
    name,
    namespace: textAt(metadata, 'namespace'),
    objectMeta: { ...rest, name },
  }
  return { meta, pod: changed }
}

/** The first owner with `controller: true`; only pods with a generated name are examined. */
function controllerOf(metadata: JsonObject): Owner | undefined {
  if (textAt(metadata, 'generateName') === '') return undefined
  const reference = listAt(metadata, 'ownerReferences')
    .filter(isObject)
    .find((candidate) => own(candidate, 'controller') === true)
  if (reference === undefined) return undefined
  return {
    kind: textAt(reference, 'kind'),
    apiVersion: textAt(reference, 'apiVersion'),
    name: textAt(reference, 'name'),
  }
}

function ownerBehind(owner: Owner, pod: JsonObject, gates: Gates): Owner {
  switch (owner.kind) {
    case 'ReplicaSet': {
      const deployment = withoutHash(owner.name, labelOf(pod, 'pod-template-hash'))
      if (deployment !== undefined) return { ...owner, kind: 'Deployment', name: deployment }
      const rollout = gates.argoRolloutOwner
        ? withoutHash(owner.name, labelOf(pod, 'rollouts-pod-template-hash'))
        : undefined
      return rollout === undefined ? owner : { kind: 'Rollout', apiVersion: 'v1alpha1', name: rollout }
    }
    case 'ReplicationController': {
      const config = gates.deploymentConfigOwner ? labelOf(pod, 'deploymentconfig') : undefined
      return config ? { ...owner, kind: 'DeploymentConfig', name: config } : owner
    }
    case 'Job': {
      const cronJob = DATED_JOB.exec(owner.name)?.[1]
      if (cronJob === undefined) return owner
      // Istio before 1.22: batch/v1beta1.
      const apiVersion = gates.cronJobBatchV1 ? 'batch/v1' : 'batch/v1beta1'
      return { kind: 'CronJob', apiVersion, name: cronJob }
    }
    default:
      return owner
  }
}

/** The name without `-<hash>`; undefined if it does not end in the hash (which may come without the dash). */
function withoutHash(name: string, hash: string | undefined): string | undefined {
  if (hash === undefined || hash === '' || !name.endsWith(hash)) return undefined
  return name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) : name
}

function withoutLabel(pod: JsonObject): JsonObject {
  const { deploymentconfig: _, ...labels } = objectAt(metadataOf(pod), 'labels')
  return { ...pod, metadata: decodeTyped('ObjectMeta', { ...metadataOf(pod), labels }) } // without an empty map
}
