/**
 * The probes and lifecycle handlers that the proxy takes over: their location in a container and the path at which
 * pilot-agent serves each. The table is used for collecting (app-probers.ts) and rewriting (rewrite-probes.ts).
 */
import type { Gates } from '../../istio/index.ts'
import { isObject, type JsonObject, own } from '../../json/index.ts'
import { PROXY_CONTAINER } from './context.ts'
import { type ContainerList, type ContainerPlace, containerName, type PodDraft } from './pod-draft.ts'

export interface AppHandler {
  /** Keys from the container to the handler. */
  readonly keys: readonly [string] | readonly [string, string]
  readonly isProbe: boolean
  /** The path that pilot-agent serves. */
  path(container: string): string
}

const probes: readonly AppHandler[] = [
  { keys: ['readinessProbe'], isProbe: true, path: (name) => `/app-health/${name}/readyz` },
  { keys: ['livenessProbe'], isProbe: true, path: (name) => `/app-health/${name}/livez` },
  { keys: ['startupProbe'], isProbe: true, path: (name) => `/app-health/${name}/startupz` },
]
// Istio 1.25+
const withLifecycle: readonly AppHandler[] = [
  ...probes,
  { keys: ['lifecycle', 'preStop'], isProbe: false, path: (name) => `/app-lifecycle/${name}/prestopz` },
  { keys: ['lifecycle', 'postStart'], isProbe: false, path: (name) => `/app-lifecycle/${name}/poststartz` },
]

export function appHandlers(gates: Gates): readonly AppHandler[] {
  return gates.lifecycleHandlersRewritten ? withLifecycle : probes
}

export function handlerIn(container: JsonObject, handler: AppHandler): JsonObject | undefined {
  let found: JsonObject = container
  for (const key of handler.keys) {
    const next = own(found, key)
    if (!isObject(next)) return undefined
    found = next
  }
  return found
}

/** Istio 1.19+ includes the probes of init containers (the user's native sidecars have some). */
export function appContainers(pod: PodDraft, gates: Gates): readonly ContainerPlace[] {
  const lists: readonly ContainerList[] = gates.initContainerProbesRewritten
    ? ['initContainers', 'containers']
    : ['containers']
  const places: ContainerPlace[] = []
  for (const list of lists) {
    const containers = pod.containers(list)
    for (let index = 0; index < containers.length; index++) {
      const container = containers[index]
      if (isObject(container) && containerName(container) !== PROXY_CONTAINER) places.push({ list, index })
    }
  }
  return places
}
