/**
 * OpenShift: user and group of the proxy from the ranges in the namespace's annotations, and the user that OpenShift
 * assigns to all containers alike (Istio's pkg/kube/inject/openshift.go and webhook.go).
 */
import { type Gates, INIT_CONTAINER, PROXY_CONTAINER, VALIDATION_CONTAINER } from '../istio/index.ts'
import { type JsonObject, own } from '../json/index.ts'
import { containersOf, findInPod, objectAt, textAt, withSpecField } from '../kube/index.ts'

export interface ProxyIds {
  readonly uid: number
  readonly gid: number
}

const DEFAULT_ID = 1337
const UID_RANGE = 'openshift.io/sa.scc.uid-range'
const GROUPS = 'openshift.io/sa.scc.supplemental-groups'

/** The last id of each range; 1337 if the namespace is unknown or has no valid range. Istio 1.20+. */
export function proxyIds(
  namespace: { readonly annotations: ReadonlyMap<string, string> } | undefined,
): ProxyIds {
  const annotations = namespace?.annotations
  const uids = annotations?.get(UID_RANGE)
  const groups = annotations?.get(GROUPS) ?? uids
  const blocks = groups?.split(',').map(lastOfBlock) ?? []
  return {
    uid: (uids === undefined ? undefined : lastOfBlock(uids)) ?? DEFAULT_ID,
    gid: (blocks.includes(undefined) ? undefined : blocks[0]) ?? DEFAULT_ID,
  }
}

/** The last number of `<start>/<size>` or `<start>-<end>`, in 32 bits as Go counts; the rest is ignored. */
function lastOfBlock(text: string): number | undefined {
  const slash = text.includes('/')
  const found = (slash ? /^\s*([0-9]+)\/\s*([0-9]+)/ : /^\s*([0-9]+)-\s*([0-9]+)/).exec(text)
  const first = toUint32(found?.[1])
  const second = toUint32(found?.[2])
  if (first === undefined || second === undefined) return undefined
  return slash ? (first + second - 1) >>> 0 : second
}

function toUint32(digits: string | undefined): number | undefined {
  const value = Number(digits)
  return digits !== undefined && value <= 0xffffffff ? value : undefined
}

/**
 * OpenShift writes the same runAsUser into every container. If the proxy's equals the application's, the pod's author
 * did not choose it, so it is removed together with the group. Istio 1.23.1+.
 */
export function dropSharedUser(pod: JsonObject, gates: Gates): JsonObject {
  const sidecar = findInPod(pod, PROXY_CONTAINER)
  if (sidecar === undefined || own(sidecar, 'securityContext') === undefined) return pod
  if (!sharesUser(pod, gates)) return pod
  const { runAsUser: _, runAsGroup: __, ...securityContext } = objectAt(sidecar, 'securityContext')
  const field = containersOf(pod, 'containers').includes(sidecar) ? 'containers' : 'initContainers'
  const changed = containersOf(pod, field).map((container) =>
    container === sidecar ? { ...sidecar, securityContext } : container,
  )
  return withSpecField(pod, field, changed)
}

/** The last container with a user counts; as in Go none at all counts as 0. */
function sharesUser(pod: JsonObject, gates: Gates): boolean {
  let sidecarUser: unknown = 0
  let appUser: unknown = 0
  // Istio 1.27+: init containers count too.
  const init = gates.openShiftCountsInitContainers ? containersOf(pod, 'initContainers') : []
  for (const container of [...containersOf(pod, 'containers'), ...init]) {
    const user = own(objectAt(container, 'securityContext'), 'runAsUser')
    if (user === undefined) continue
    const name = textAt(container, 'name')
    if (name === PROXY_CONTAINER) sidecarUser = user
    else if (name !== VALIDATION_CONTAINER && name !== INIT_CONTAINER) appUser = user
  }
  return sidecarUser === appUser
}
