/** An injected pod as it is created for a dry run: only what the creator of a pod writes, so that only real problems appear. */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { INJECT_LABEL } from './labels.ts'
import { listAt, metadataOf, objectAt, specOf, textAt, withSpecField } from './typed-pod.ts'

export interface PodOrigin {
  readonly namespace: string
  /** The object that has the pod template, or the pod itself. */
  readonly workload: JsonObject
  /** With the label that opts out, so that no injection webhook changes the pod. */
  readonly optOut: boolean
}

/** Set by admission or by the kubelet's API; a new pod may not have them, or gets them again. */
const OF_STORED_PODS: ReadonlySet<string> = new Set([
  'nodeName',
  'priority',
  'preemptionPolicy',
  'overhead',
  'ephemeralContainers',
])

export function podToCreate(pod: JsonObject, { namespace, workload, optOut }: PodOrigin): JsonObject {
  const metadata = metadataOf(pod)
  const labels = own(metadata, 'labels')
  const annotations = own(metadata, 'annotations')
  const owners = ownersOf(metadata, workload)
  const created: JsonObject = {
    // The name of an existing pod is in use.
    generateName: textAt(metadata, 'generateName') || `${textAt(metadata, 'name') || 'pod'}-`,
    namespace,
    ...(optOut
      ? { labels: { ...objectAt(metadata, 'labels'), [INJECT_LABEL]: 'false' } }
      : labels === undefined
        ? {}
        : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(owners.length === 0 ? {} : { ownerReferences: owners }),
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: created,
    spec: specOf(withVolumeClaims(isStored(pod) ? withoutFieldsOfStored(pod) : pod, workload)),
  }
}

function isStored(pod: JsonObject): boolean {
  return textAt(metadataOf(pod), 'uid') !== ''
}

function withoutFieldsOfStored(pod: JsonObject): JsonObject {
  const kept = Object.entries(specOf(pod)).filter(([field]) => !OF_STORED_PODS.has(field))
  return { ...pod, spec: Object.fromEntries(kept) }
}

/**
 * The API server requires a uid, which a manifest does not have. Some clusters (OpenShift) let only those who may change the
 * owner's finalizers set blockOwnerDeletion: its controller may, and the user of a dry run need not.
 */
function ownersOf(metadata: JsonObject, workload: JsonObject): readonly JsonValue[] {
  const uidOfWorkload = textAt(metadataOf(workload), 'uid')
  return listAt(metadata, 'ownerReferences')
    .filter(isObject)
    .map(({ blockOwnerDeletion: _, ...owner }) => ({ ...owner, uid: textAt(owner, 'uid') || uidOfWorkload }))
    .filter(({ uid }) => uid !== '')
}

/** The pod with the volumes that a StatefulSet adds for its volumeClaimTemplates. */
export function withVolumeClaims(pod: JsonObject, workload: JsonObject): JsonObject {
  const claims = listAt(specOf(workload), 'volumeClaimTemplates')
    .filter(isObject)
    .map((claim) => textAt(metadataOf(claim), 'name'))
  if (claims.length === 0) return pod
  const names = new Set(claims)
  const others = listAt(specOf(pod), 'volumes').filter(
    (volume) => !isObject(volume) || !names.has(textAt(volume, 'name')),
  )
  const added = claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  return withSpecField({ ...pod, spec: objectAt(pod, 'spec') }, 'volumes', [...others, ...added])
}
