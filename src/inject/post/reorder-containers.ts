/**
 * The order of containers. The proxy is last, so that `kubectl exec` still defaults to the application, unless the
 * application must wait for it. A native proxy comes before all init containers, so that they are in the mesh.
 */
import type { JsonValue } from '../../json/index.ts'
import {
  CORE_DUMP_CONTAINER,
  INIT_CONTAINER,
  type PostContext,
  PROXY_CONTAINER,
  VALIDATION_CONTAINER,
} from './context.ts'
import { type ContainerList, containerName, type PodDraft } from './pod-draft.ts'

export function reorderContainers(pod: PodDraft, context: PostContext): undefined {
  const holds =
    (context.annotatedProxyConfig.holdApplicationUntilProxyStarts?.value ?? false) ||
    context.values.holdApplicationUntilProxyStarts
  move(pod, 'containers', PROXY_CONTAINER, holds ? 'first' : 'last')
  const isNative =
    context.gates.nativeSidecars &&
    pod.containers('initContainers').some((container) => containerName(container) === PROXY_CONTAINER)
  if (isNative) {
    // The last one moved ends up first: istio-init or istio-validation, the proxy, enable-core-dump, the user's own.
    for (const name of [CORE_DUMP_CONTAINER, PROXY_CONTAINER, VALIDATION_CONTAINER, INIT_CONTAINER]) {
      move(pod, 'initContainers', name, 'first')
    }
    return
  }
  // Validation must stop the user's init containers if traffic capture is not set up. Capture that istio-init sets up
  // must come after them, because nothing would answer yet.
  move(pod, 'initContainers', VALIDATION_CONTAINER, 'first')
  move(pod, 'initContainers', INIT_CONTAINER, 'last')
  move(pod, 'initContainers', CORE_DUMP_CONTAINER, 'last')
}

function move(pod: PodDraft, list: ContainerList, name: string, to: 'first' | 'last'): void {
  const containers = pod.containers(list)
  const isIt = (container: JsonValue) => containerName(container) === name
  const index = containers.findLastIndex(isIt)
  const found = containers[index]
  if (found === undefined) return
  const isInPlace = index === (to === 'first' ? 0 : containers.length - 1)
  // Of several containers with that name, which no API server accepts, Istio keeps the last.
  if (isInPlace && containers.findIndex(isIt) === index) return
  const others = containers.filter((container) => !isIt(container))
  pod.setContainers(list, to === 'first' ? [found, ...others] : [...others, found])
}
