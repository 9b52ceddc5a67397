/**
 * A pod that overrides runAsUser of istio-proxy also changes the traffic rules: the init or validation container gets
 * the same user, and its argument `-u` names it (Istio's adjustInitContainerUser, 1.20.7, 1.21.3, 1.22.1 and later).
 */

import { INIT_CONTAINER, PROXY_CONTAINER, VALIDATION_CONTAINER } from '../istio/index.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import {
  annotationOf,
  type ContainerField,
  containersOf,
  findContainer,
  findInPod,
  isList,
  objectAt,
  textAt,
  withSpecField,
} from '../kube/index.ts'

/**
 * @param pod merged so far
 * @param original as received, typed
 * @param configTproxy the effective ProxyConfig requests TPROXY
 */
export function adjustInitUser(pod: JsonObject, original: JsonObject, configTproxy: boolean): JsonObject {
  const user = readUser(findInPod(original, PROXY_CONTAINER))
  if (user === undefined) return pod
  const inits = containersOf(pod, 'initContainers')
  const init = findContainer(inits, INIT_CONTAINER) ?? findContainer(inits, VALIDATION_CONTAINER)
  if (init === undefined) return pod
  const tproxy = configTproxy || annotationOf(pod, 'sidecar.istio.io/interceptionMode') === 'TPROXY'
  let adjusted = pod
  if (tproxy && user.runAsUser !== undefined) {
    // In TPROXY mode the proxy itself must run as root, whatever the override says.
    const sidecar = findInPod(pod, PROXY_CONTAINER)
    if (sidecar === undefined) return pod
    adjusted = replaceContainer(adjusted, sidecar, withContext(sidecar, { runAsUser: 0 }))
  }
  return replaceContainer(adjusted, init, withArgument(withUser(init, user, tproxy), user.runAsUser))
}

interface User {
  readonly runAsUser?: JsonValue
  readonly runAsGroup?: JsonValue
}

/** undefined if the container sets neither. */
function readUser(container: JsonObject | undefined): User | undefined {
  const context = container === undefined ? undefined : own(container, 'securityContext')
  if (!isObject(context)) return undefined
  const runAsUser = own(context, 'runAsUser')
  const runAsGroup = own(context, 'runAsGroup')
  if (runAsUser === undefined && runAsGroup === undefined) return undefined
  return { ...(runAsUser !== undefined && { runAsUser }), ...(runAsGroup !== undefined && { runAsGroup }) }
}

/** istio-init itself must continue to run as root. */
function withUser(init: JsonObject, user: User, tproxy: boolean): JsonObject {
  if (tproxy || textAt(init, 'name') !== VALIDATION_CONTAINER) return init
  return withContext(init, { ...user })
}

/** The argument of `-u`: the user whose own traffic is not captured. iptables does not accept 0 here. */
function withArgument(init: JsonObject, runAsUser: JsonValue | undefined): JsonObject {
  if (runAsUser === undefined || runAsUser === 0) return init
  const args = own(init, 'args')
  const at = isList(args) ? args.indexOf('-u') : -1
  if (!isList(args) || at < 0 || at + 1 >= args.length) return init
  return { ...init, args: args.with(at + 1, String(runAsUser)) }
}

function withContext(container: JsonObject, changes: JsonObject): JsonObject {
  return { ...container, securityContext: { ...objectAt(container, 'securityContext'), ...changes } }
}

function replaceContainer(pod: JsonObject, from: JsonObject, to: JsonObject): JsonObject {
  if (from === to) return pod
  const field: ContainerField = containersOf(pod, 'containers').includes(from)
    ? 'containers'
    : 'initContainers'
  const containers = containersOf(pod, field).map((container) => (container === from ? to : container))
  return withSpecField(pod, field, containers)
}
