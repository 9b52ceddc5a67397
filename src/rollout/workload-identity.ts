/**
 * The identity of a pod's workload, by which a rollout chooses. It is read from what admission sees and is free of
 * version gates, so that the server, the command line and every release agree. inject/deploy-meta.ts has Istio's own
 * derivation, which differs between releases. docs/rollouts.md lists the names that mislead this one.
 */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { labelOf, listAt, metadataOf, textAt } from '../kube/index.ts'

export interface WorkloadIdentity {
  readonly namespace: string
  /** Without the version: `apps`; empty for the core group. */
  readonly group: string
  readonly kind: string
  readonly name: string
}

interface Owner {
  readonly group: string
  readonly kind: string
  readonly name: string
}

/** The CronJob controller appends the time: in minutes (8 digits), before Kubernetes 1.21 in seconds (10 digits). */
const DATED_JOB = /^(.+)-[0-9]{8,10}$/s
const DEPLOYMENT_HASH = 'pod-template-hash'
const ROLLOUT_HASH = 'rollouts-pod-template-hash'
const DEPLOYMENT_CONFIG = 'deploymentconfig'
/** Kubernetes' longest name. Webhooks are called before names are validated, so a name may have megabytes. */
const LONGEST_NAME = 253

/**
 * The workload of a pod.
 * @param pod as sent or typed, or built from a workload's template
 * @param namespace in which the pod is created; a pod's own metadata may lack it
 */
export function workloadOf(pod: JsonObject, namespace: string): WorkloadIdentity {
  const { group, kind, name } = workloadIn(pod)
  return { namespace, group: bounded(group), kind: bounded(kind), name: bounded(name) }
}

/** `shop/Deployment/cart`, or `shop/Rollout.argoproj.io/cart` for a group outside Kubernetes. */
export function showWorkload({ namespace, group, kind, name }: WorkloadIdentity): string {
  return `${namespace}/${kind}${group.includes('.') ? `.${group}` : ''}/${name}`
}

function workloadIn(pod: JsonObject): Owner {
  const metadata = metadataOf(pod)
  const owner = controllerOf(metadata)
  if (owner === undefined) return { group: '', kind: 'Pod', name: nameOfBarePod(metadata) }
  switch (`${owner.group}/${owner.kind}`) {
    case 'apps/ReplicaSet':
    case 'extensions/ReplicaSet':
      return ownerOfReplicaSet(owner, pod)
    case 'batch/Job': {
      const cronJob = DATED_JOB.exec(owner.name)?.[1]
      return cronJob === undefined ? owner : { ...owner, kind: 'CronJob', name: cronJob }
    }
    case '/ReplicationController': {
      const config = labelOf(pod, DEPLOYMENT_CONFIG)
      return config === undefined || config === ''
        ? owner
        : { group: 'apps.openshift.io', kind: 'DeploymentConfig', name: config }
    }
    default:
      return owner
  }
}

/** The owner with `controller: true`; there is one at most. */
function controllerOf(metadata: JsonObject): Owner | undefined {
  for (const reference of listAt(metadata, 'ownerReferences')) {
    if (!isObject(reference) || own(reference, 'controller') !== true) continue
    const apiVersion = textAt(reference, 'apiVersion')
    const slash = apiVersion.indexOf('/')
    return {
      group: slash < 0 ? '' : apiVersion.slice(0, slash),
      kind: textAt(reference, 'kind'),
      name: textAt(reference, 'name'),
    }
  }
  return undefined
}

function ownerOfReplicaSet(owner: Owner, pod: JsonObject): Owner {
  const deployment = withoutHash(owner.name, labelOf(pod, DEPLOYMENT_HASH))
  if (deployment !== undefined) return { group: 'apps', kind: 'Deployment', name: deployment }
  const rollout = withoutHash(owner.name, labelOf(pod, ROLLOUT_HASH))
  return rollout === undefined ? owner : { group: 'argoproj.io', kind: 'Rollout', name: rollout }
}

/** The name without `-<hash>`; undefined if it does not end so, or nothing would be left. */
function withoutHash(name: string, hash: string | undefined): string | undefined {
  if (hash === undefined || hash === '' || !name.endsWith(`-${hash}`)) return undefined
  return name.slice(0, -hash.length - 1) || undefined
}

/**
 * A generated name is not known at admission, so `generateName` counts, also for a running pod whose name was made from
 * it.
 */
function nameOfBarePod(metadata: JsonObject): string {
  const [name, generated] = [textAt(metadata, 'name'), textAt(metadata, 'generateName')]
  return generated !== '' && (name === '' || name.startsWith(generated)) ? generated : name
}

function bounded(name: string): string {
  return name.length > LONGEST_NAME ? name.slice(0, LONGEST_NAME) : name
}
