/**
 * The text of ISTIO_KUBE_APP_PROBERS: what pilot-agent must do when it is probed instead of the application, byte for
 * byte as Go writes it. The pod itself is rewritten in rewrite-probes.ts.
 */
import {
  compareUtf8,
  encodeGoJson,
  encodeGoString,
  isObject,
  type JsonObject,
  type MutableJson,
  own,
} from '../../json/index.ts'
import { appContainers, appHandlers, handlerIn } from './app-handlers.ts'
import { envEntry, envOf } from './cluster-info.ts'
import { type PostContext, PROXY_CONTAINER, STATUS_ANNOTATION } from './context.ts'
import { type ContainerPlace, containerName, type PodDraft } from './pod-draft.ts'
import { decodeProbers, type Prober, proberOf } from './prober.ts'

const PROBERS_ENV = 'ISTIO_KUBE_APP_PROBERS'

/** Probers of all application containers by path, collected before the pod is rewritten. */
export function collectAppProbers(pod: PodDraft, context: PostContext): Map<string, Prober> {
  const agentPort = context.mesh.defaultConfig?.statusPort ?? 0
  const probers = new Map<string, Prober>()
  for (const place of appContainers(pod, context.gates)) {
    const container = pod.container(place)
    const name = containerName(container) ?? ''
    for (const handler of appHandlers(context.gates)) {
      const found = handlerIn(container, handler)
      if (found === undefined || !isTaken(found, context)) continue
      const prober = proberOf(handler.isProbe ? found : withoutTimeout(found), { grpc: handler.isProbe })
      const resolved = prober === undefined ? undefined : resolvePort(prober, container, agentPort)
      if (resolved !== undefined) probers.set(handler.path(name), resolved)
    }
  }
  return probers
}

/** Whether the version rewrites handlers of that kind. */
export function isTaken(handler: JsonObject, { gates }: PostContext): boolean {
  if (isObject(own(handler, 'httpGet'))) return true
  if (isObject(own(handler, 'tcpSocket'))) return gates.tcpProbesRewritten
  return isObject(own(handler, 'grpc')) && gates.grpcProbesRewritten
}

/** A lifecycle handler has no timeout; a value there is not its own. */
function withoutTimeout(handler: JsonObject): JsonObject {
  const { timeoutSeconds: _, ...rest } = handler
  return rest
}

/** Named ports become numbers. Unknown names and the agent's own port (rewritten before) are skipped. */
function resolvePort(prober: Prober, container: JsonObject, agentPort: number): Prober | undefined {
  for (const kind of ['httpGet', 'tcpSocket'] as const) {
    const action = own(prober, kind)
    if (!isObject(action)) continue
    const port = own(action, 'port')
    if (typeof port !== 'string') return port === agentPort ? undefined : prober
    const number = containerPort(container, port)
    return number === undefined ? undefined : { ...prober, [kind]: { ...action, port: number } }
  }
  return prober
}

function containerPort(container: JsonObject, name: string): number | undefined {
  const ports = own(container, 'ports')
  if (!Array.isArray(ports) || name === '') return undefined
  // The last port of that name counts, as in Go's map.
  const port = ports.findLast((p) => isObject(p) && own(p, 'name') === name)
  if (!isObject(port)) return undefined
  const number = own(port, 'containerPort')
  return typeof number === 'number' ? number : 0
}

/** Writes the probers into the proxy's environment, merged with those of an earlier injection. */
export function setAppProbers(
  pod: PodDraft,
  proxy: ContainerPlace,
  probers: Map<string, Prober>,
  context: PostContext,
): void {
  const add = (): void => {
    pod.editList(pod.editContainer(proxy), 'env').push(envEntry(PROBERS_ENV, encodeProbers(probers)))
  }
  // Istio 1.17+: the probers of an earlier injection have what the rewritten pod no longer shows.
  if (!context.gates.appProbersMerged || pod.annotation(STATUS_ANNOTATION) === undefined) {
    add()
    return
  }
  const existing = envOf(pod.container(proxy)).find(({ variable }) => own(variable, 'name') === PROBERS_ENV)
  if (existing === undefined) {
    if (context.gates.appProbersAddedWhenMissing) add()
    return
  }
  const text = own(existing.variable, 'value')
  const earlier = decodeProbers(typeof text === 'string' ? text : '')
  if (earlier === undefined) {
    const message = `${PROBERS_ENV} of container ${PROXY_CONTAINER} is not in the format that injection writes, so the rewritten probes were not added`
    context.notes.push({ code: 'app-probers-unreadable', message })
    return
  }
  const merged = new Map<string, Prober | null>([...probers, ...earlier])
  const env: MutableJson[] = pod.editList(pod.editContainer(proxy), 'env')
  env[existing.index] = envEntry(PROBERS_ENV, encodeProbers(merged))
}

function encodeProbers(probers: ReadonlyMap<string, Prober | null>): string {
  const entries = [...probers].sort(([a], [b]) => compareUtf8(a, b))
  return `{${entries.map(([path, p]) => `${encodeGoString(path)}:${encodeGoJson(p, { sortKeys: false })}`).join(',')}}`
}
