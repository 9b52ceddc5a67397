/** The istiod that an injected pod's proxy will connect to. */
import { isObject, type JsonObject, own } from '../../src/json/index.ts'
import { objectAt } from './server.ts'

/** proxyv2's default if its PROXY_CONFIG has no address, which istiod therefore omits. */
const builtIn = 'istiod.istio-system.svc:15012'

/** Undefined if the pod has no istio-proxy. */
export function discoveryAddress(pod: JsonObject): string | undefined {
  const spec = objectAt(pod, 'spec')
  const proxy = [...objectsAt(spec, 'containers'), ...objectsAt(spec, 'initContainers')].find(
    (container) => own(container, 'name') === 'istio-proxy',
  )
  if (proxy === undefined) return undefined
  const config = objectsAt(proxy, 'env').find((entry) => own(entry, 'name') === 'PROXY_CONFIG')
  const text = config === undefined ? undefined : own(config, 'value')
  // A pod with its own istio-proxy that is not injected has none.
  if (typeof text !== 'string') return undefined
  const proxyConfig: unknown = JSON.parse(text)
  const address = isObject(proxyConfig) ? own(proxyConfig, 'discoveryAddress') : undefined
  return typeof address === 'string' ? address : builtIn
}

function objectsAt(object: JsonObject, key: string): readonly JsonObject[] {
  const value = own(object, key)
  return Array.isArray(value) ? value.filter(isObject) : []
}
