/**
 * How the pods of a workload get the sidecar of a new pod: by a command, by themselves, or only by hand. Nothing is restarted
 * here.
 */
import { isObject, type JsonObject, own } from '../../json/index.ts'
import { metadataOf, objectAt, specOf, textAt } from '../../kube/index.ts'

export type Restart =
  /** `TYPE/NAME` for `kubectl rollout restart`, which takes several. */
  | { readonly kind: 'rollout-restart'; readonly name: string }
  /** Another command that replaces all pods. */
  | { readonly kind: 'command'; readonly command: string }
  /** Its controller creates the pods again once they are deleted. */
  | { readonly kind: 'delete-pods'; readonly why: string }
  /** `how`: what a person has to do, as the end of a sentence. */
  | { readonly kind: 'by-hand'; readonly why: string; readonly how: string }
  /** Its next pod has it. */
  | { readonly kind: 'by-itself'; readonly why: string }

const ROLLOUT_RESTART: ReadonlySet<string> = new Set([
  'apps/Deployment',
  'apps/StatefulSet',
  'apps/DaemonSet',
])

/** @param object the owner, or the pod itself if it has no owner */
export function findRestart(object: JsonObject): Restart {
  const apiVersion = textAt(object, 'apiVersion')
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const kind = textAt(object, 'kind')
  const name = textAt(metadataOf(object), 'name')
  const namespace = shellWord(textAt(metadataOf(object), 'namespace') || 'default')
  const spec = specOf(object)
  switch (`${group}/${kind}`) {
    case '/Pod':
      return ofPod(object)
    case 'batch/Job':
      return {
        kind: 'by-hand',
        why: 'a Job keeps its pods; a new Job gets the new sidecar',
        how: 'create the Job again',
      }
    case 'batch/CronJob':
    case 'keda.sh/ScaledJob':
      return { kind: 'by-itself', why: 'its next Job gets the new sidecar' }
    case 'argoproj.io/Rollout':
      return {
        kind: 'command',
        command: `kubectl argo rollouts restart ${shellWord(name)} --namespace ${namespace}`,
      }
    case 'apps.openshift.io/DeploymentConfig':
      return { kind: 'command', command: `oc rollout latest dc/${shellWord(name)} --namespace ${namespace}` }
    case 'serving.knative.dev/Service':
    case 'serving.knative.dev/Configuration':
    case 'serving.knative.dev/Revision':
      return { kind: 'by-itself', why: 'its next Revision, or its next pod after scaling to zero, gets it' }
  }
  if (!ROLLOUT_RESTART.has(`${group}/${kind}`))
    return { kind: 'delete-pods', why: `kubectl cannot restart a ${kind}` }
  if (own(spec, 'paused') === true)
    return { kind: 'by-hand', why: 'its rollout is paused', how: 'resume its rollout and restart it' }
  if (textAt(objectAt(spec, 'updateStrategy'), 'type') === 'OnDelete')
    return { kind: 'delete-pods', why: 'its update strategy is OnDelete' }
  return { kind: 'rollout-restart', name: `${kind.toLowerCase()}/${shellWord(name)}` }
}

/** The end of a sentence: `restart the workload`, or what replaces the pods of one that cannot be restarted. */
export function howToRestart(restart: Restart): string {
  switch (restart.kind) {
    case 'rollout-restart':
    case 'command':
      return 'restart the workload'
    case 'delete-pods':
      return 'delete the pods, which their controller creates again'
    case 'by-hand':
      return restart.how
    case 'by-itself':
      return `wait: ${restart.why}`
  }
}

function ofPod(pod: JsonObject): Restart {
  const references = own(metadataOf(pod), 'ownerReferences')
  const owner = (Array.isArray(references) ? references : []).filter(isObject)[0]
  if (owner === undefined)
    return {
      kind: 'by-hand',
      why: 'it has no controller: delete it, then create it again from its manifest',
      how: 'delete the pod and create it again from its manifest',
    }
  const kind = textAt(owner, 'kind')
  // The kubelet creates a static pod from a file, and no webhook sees it.
  if (kind === 'Node')
    return {
      kind: 'by-hand',
      why: 'it is a static pod, which no webhook injects',
      how: 'run it as another workload, because no webhook injects a static pod',
    }
  return { kind: 'delete-pods', why: `it belongs to a ${kind}, which Remora does not know` }
}

/** Users paste it into a shell, and in a file an object can have any name. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
