/**
 * Whether a control plane's Service has ready endpoints. Pure; the package cluster reads the objects and measures for
 * how long there were none.
 */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { listAt, objectAt, textAt } from '../kube/index.ts'

export interface ServiceName {
  readonly namespace: string
  readonly name: string
}

/** `none`: no endpoint is ready. `not-known`: there is no Service, no selector, or no EndpointSlice that would show it. */
export type EndpointState = 'ready' | 'none' | 'not-known'

/** `<service>.<namespace>` or `<service>.<namespace>.svc`, with any cluster domain and a port or none. */
const SERVICE_ADDRESS = /^([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.[a-z0-9.-]+)?)?(?::\d+)?$/

/** The Service of a discovery address; undefined for an address outside the cluster. */
export function serviceOfAddress(address: string): ServiceName | undefined {
  const [, name, namespace] = SERVICE_ADDRESS.exec(address) ?? []
  return name === undefined || namespace === undefined ? undefined : { namespace, name }
}

export function serviceKey({ namespace, name }: ServiceName): string {
  return `${namespace}/${name}`
}

/**
 * @param slices the Service's EndpointSlices
 */
export function endpointState(service: JsonObject | undefined, slices: readonly JsonObject[]): EndpointState {
  if (service === undefined) return 'not-known'
  const spec = objectAt(service, 'spec')
  // The endpoints of a Service without a selector are maintained elsewhere, and an external name has none.
  if (textAt(spec, 'type') === 'ExternalName' || Object.keys(objectAt(spec, 'selector')).length === 0)
    return 'not-known'
  return slices.some(hasReadyEndpoint) ? 'ready' : 'none'
}

/** Kubernetes: an endpoint whose `ready` is unset is ready. */
export function hasReadyEndpoint(slice: JsonObject): boolean {
  return listAt(slice, 'endpoints').some(
    (endpoint) => isObject(endpoint) && own(objectAt(endpoint, 'conditions'), 'ready') !== false,
  )
}
