/**
 * The purpose of a pod's proxy, read from the pod itself: a sidecar, an injected gateway, a gateway that was rendered
 * without injection (by istioctl or the Gateway API controller), a waypoint or ztunnel.
 */
import { PROXY_CONTAINER } from '../istio/index.ts'
import type { JsonObject } from '../json/index.ts'
import { annotationOf, findInPod, labelOf, listAt, textAt } from '../kube/index.ts'
import { readEarlierInjection } from './earlier-injection.ts'

export type ProxyKind =
  | 'sidecar'
  | 'injected-gateway'
  | 'ready-made-gateway'
  | 'waypoint'
  | 'ztunnel'
  | 'none'

export function proxyKindOf(pod: JsonObject): ProxyKind {
  const proxy = findInPod(pod, PROXY_CONTAINER)
  if (readEarlierInjection(pod) !== undefined)
    return isGatewayByInjection(pod, proxy) ? 'injected-gateway' : 'sidecar'
  if (proxy === undefined) return 'none'
  const [command, role] = listAt(proxy, 'args').filter((word) => typeof word === 'string')
  if (command === 'proxy' && role === 'waypoint') return 'waypoint'
  if (command === 'proxy' && role === 'router') return 'ready-made-gateway'
  if (command === 'proxy' && role === 'ztunnel') return 'ztunnel'
  if (labelOf(pod, 'gateway.istio.io/managed') !== undefined) {
    return labelOf(pod, 'gateway.istio.io/managed')?.includes('mesh') ? 'waypoint' : 'ready-made-gateway'
  }
  return 'none'
}

function isGatewayByInjection(pod: JsonObject, proxy: JsonObject | undefined): boolean {
  const templates = annotationOf(pod, 'inject.istio.io/templates') ?? ''
  if (templates.split(',').some((name) => name.trim() === 'gateway')) return true
  return proxy !== undefined && listAt(proxy, 'args')[1] === 'router'
}

/** The revision that rendered a gateway; `default` where nothing names one. */
export function gatewayRevision(pod: JsonObject): string {
  const named = annotationOf(pod, 'istio.io/rev') ?? labelOf(pod, 'istio.io/rev')
  return named === undefined || named === '' ? 'default' : named
}

/** The image of its proxy. */
export function proxyImageOf(pod: JsonObject): string {
  const proxy = findInPod(pod, PROXY_CONTAINER)
  return proxy === undefined ? '' : textAt(proxy, 'image')
}
