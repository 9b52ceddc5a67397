/** Where the proxy of a pod gets its configuration and certificates, as its spec says. */
import type { JsonObject } from '../json/index.ts'
import { proxyVariable } from './earlier-injection.ts'
import { readSidecar } from './existing-sidecar.ts'
import { gatewayRevision, proxyKindOf } from './proxy-kind.ts'

/** `istiod-canary.istio-system.svc:15012`, each once; empty: the pod has no proxy of Istio. */
export function proxyAddresses(pod: JsonObject): readonly string[] {
  const kind = proxyKindOf(pod)
  if (kind === 'ztunnel') return ztunnelAddresses(pod)
  const sidecar = readSidecar(pod)
  // A user's container of that name is a proxy of Istio only if it is configured as one.
  if (sidecar === undefined || (kind === 'none' && sidecar.discoveryFrom !== 'PROXY_CONFIG')) return []
  return unique([sidecar.discoveryAddress, proxyVariable(pod, 'CA_ADDR')])
}

/** ztunnel asks `istiod.istio-system.svc:15012` unless a variable says otherwise. */
function ztunnelAddresses(pod: JsonObject): readonly string[] {
  const named = unique([proxyVariable(pod, 'XDS_ADDRESS'), proxyVariable(pod, 'CA_ADDRESS')])
  if (named.length > 0) return named.map((address) => address.replace(/^[a-z]+:\/\//, ''))
  const revision = gatewayRevision(pod)
  return [`istiod${revision === 'default' ? '' : `-${revision}`}.istio-system.svc:15012`]
}

function unique(addresses: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(addresses.filter((one) => one !== undefined && one !== ''))] as readonly string[] // filtered
}
