/**
 * The API server's defaults that injection reads, for templates that come from files. The pod that a webhook sees has them:
 * ISTIO_META_POD_PORTS and ISTIO_KUBE_APP_PROBERS would differ without.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { containersOf, isList, objectAt, specOf } from '../kube/index.ts'

export function defaultPod(pod: JsonObject): JsonObject {
  const spec: { [key: string]: JsonValue } = { ...specOf(pod) }
  for (const field of ['containers', 'initContainers'] as const) {
    if (isList(spec[field])) spec[field] = containersOf(pod, field).map(defaultContainer)
  }
  return { ...pod, spec }
}

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe']

function defaultContainer(container: JsonObject): JsonObject {
  const changed: { [key: string]: JsonValue } = { ...container }
  const ports = own(container, 'ports')
  if (isList(ports))
    changed['ports'] = ports.map((port) => (isObject(port) ? { protocol: 'TCP', ...port } : port))
  for (const key of PROBES) {
    const probe = own(container, key)
    if (isObject(probe)) changed[key] = { timeoutSeconds: 1, ...defaultHandler(probe) }
  }
  const lifecycle = own(container, 'lifecycle')
  if (isObject(lifecycle)) {
    changed['lifecycle'] = Object.fromEntries(
      Object.entries(lifecycle).map(([key, handler]) => [
        key,
        isObject(handler) ? defaultHandler(handler) : handler,
      ]),
    )
  }
  return changed
}

function defaultHandler(handler: JsonObject): JsonObject {
  if (!isObject(own(handler, 'httpGet'))) return handler
  return { ...handler, httpGet: { path: '/', scheme: 'HTTP', ...objectAt(handler, 'httpGet') } }
}
