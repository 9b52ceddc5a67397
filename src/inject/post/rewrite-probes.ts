/**
 * Redirects probes and lifecycle handlers of the application to pilot-agent, which calls the application instead of the
 * kubelet, whose traffic does not use mutual TLS. The data for pilot-agent is in app-probers.ts.
 */
import { parseGoBool, parseGoInt } from '../../istio/index.ts'
import { isObject, type MutableJsonObject, own } from '../../json/index.ts'
import { quoteText } from '../../visible-text.ts'
import { type AppHandler, appContainers, appHandlers, handlerIn } from './app-handlers.ts'
import { collectAppProbers, isTaken, setAppProbers } from './app-probers.ts'
import { findProxy } from './cluster-info.ts'
import type { PostContext } from './context.ts'
import { type ContainerPlace, containerName, type PodDraft } from './pod-draft.ts'

const REWRITE_ANNOTATION = 'sidecar.istio.io/rewriteAppHTTPProbers'
const STATUS_PORT_ANNOTATION = 'status.sidecar.istio.io/port'

export function rewriteProbes(pod: PodDraft, context: PostContext): undefined {
  const proxy = findProxy(pod, context.gates)
  if (proxy === undefined || !isWanted(pod, context)) return
  const probers = collectAppProbers(pod, context)
  if (probers.size > 0) setAppProbers(pod, proxy, probers, context)
  const agentPort = agentPortOf(pod, context)
  for (const place of appContainers(pod, context.gates)) {
    for (const handler of appHandlers(context.gates)) rewrite(pod, place, { handler, agentPort, context })
  }
}

function isWanted(pod: PodDraft, context: PostContext): boolean {
  const annotation = pod.annotation(REWRITE_ANNOTATION)
  const byPod = annotation === undefined ? undefined : parseGoBool(annotation)
  return byPod ?? context.values.rewriteAppHttpProbe
}

/** The port of the rewritten probes: the pod's own, else the mesh's. */
function agentPortOf(pod: PodDraft, context: PostContext): number {
  const annotation = pod.annotation(STATUS_PORT_ANNOTATION)
  if (annotation === undefined) return context.mesh.defaultConfig?.statusPort ?? 0
  const port = parseGoInt(annotation)
  if (port !== undefined) return port
  // Validation allows spaces around the number, this does not: Istio then writes port 0.
  const message = `annotation ${STATUS_PORT_ANNOTATION}: ${quoteText(annotation)} is not a plain number, so the rewritten probes have port 0`
  context.notes.push({ code: 'status-port-unreadable', message })
  return 0
}

interface Rewrite {
  readonly handler: AppHandler
  readonly agentPort: number
  readonly context: PostContext
}

function rewrite(pod: PodDraft, place: ContainerPlace, { handler, agentPort, context }: Rewrite): void {
  const container = pod.container(place)
  const found = handlerIn(container, handler)
  if (found === undefined || !isTaken(found, context)) return
  // There are no gRPC lifecycle handlers.
  if (!handler.isProbe && !isObject(own(found, 'httpGet')) && !isObject(own(found, 'tcpSocket'))) return
  let edited: MutableJsonObject = pod.editContainer(place)
  for (const key of handler.keys) edited = pod.editObject(edited, key)
  const wasHttp = isObject(own(edited, 'httpGet'))
  const httpGet = pod.editObject(edited, 'httpGet')
  httpGet['path'] = handler.path(containerName(container) ?? '')
  httpGet['port'] = agentPort
  // Only the kind that was rewritten is removed; pilot-agent uses TLS to the application if required.
  if (wasHttp) {
    if (own(httpGet, 'scheme') === 'HTTPS') httpGet['scheme'] = 'HTTP'
  } else if (isObject(own(edited, 'tcpSocket'))) {
    delete edited['tcpSocket']
  } else {
    delete edited['grpc']
  }
}
