/**
 * The custom resource ProxyConfig (networking.istio.io/v1beta1), validated and sorted. Its effect on a pod's effective
 * ProxyConfig is in proxy-config.ts.
 */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { IstioInputError } from './errors.ts'
import { applyJson, ProtoDecodeError } from './proto-decode.ts'
import type { ProtoValue, ProxyConfig } from './proto-message.ts'
import { protoSchemaFor, proxyConfigResourceMessage } from './proto-schema.ts'
import { newestKnownVersion } from './version.ts'

export interface ProxyConfigResource {
  readonly namespace: string
  readonly name: string
  /** RFC 3339 text of metadata.creationTimestamp; empty if there is none. */
  readonly creationTimestamp: string
  /** Labels that a pod must have; undefined if the resource has no selector. */
  readonly matchLabels: ReadonlyMap<string, string> | undefined
  /** Concurrency, environmentVariables (as proxyMetadata) and image, as input for the merge. */
  readonly proxyConfig: ProxyConfig
}

/**
 * Reads a resource of any served version (they have the same spec).
 * @throws IstioInputError `proxy-config-resource-invalid` with the resource's name, for a spec of the wrong types
 */
export function parseProxyConfigResource(object: JsonObject): ProxyConfigResource {
  const metadata = own(object, 'metadata')
  const meta = isObject(metadata) ? metadata : {}
  const namespace = text(own(meta, 'namespace'))
  const name = text(own(meta, 'name'))
  try {
    const schema = protoSchemaFor(newestKnownVersion)
    const spec = applyJson(schema, proxyConfigResourceMessage, own(object, 'spec') ?? null, {}, 'spec')
    return {
      namespace,
      name,
      creationTimestamp: text(own(meta, 'creationTimestamp')),
      matchLabels: matchLabels(spec['selector']),
      proxyConfig: {
        ...pick('concurrency', spec['concurrency']),
        ...pick('proxyMetadata', spec['environmentVariables']),
        ...pick('image', spec['image']),
      },
    }
  } catch (error) {
    if (!(error instanceof ProtoDecodeError)) throw error
    const source = `ProxyConfig ${namespace}/${name}`
    throw new IstioInputError('proxy-config-resource-invalid', `${source}: ${error.message}`, {
      source,
      path: error.path,
    })
  }
}

/** By namespace, oldest first; those of the same second by name, as Istio sorts them. */
export function sortProxyConfigResources(
  resources: Iterable<ProxyConfigResource>,
): ReadonlyMap<string, readonly ProxyConfigResource[]> {
  const sorted = [...resources].sort(
    (a, b) =>
      createdSeconds(a) - createdSeconds(b) || compare(a.name, b.name) || compare(a.namespace, b.namespace),
  )
  const byNamespace = new Map<string, ProxyConfigResource[]>()
  for (const resource of sorted) {
    const list = byNamespace.get(resource.namespace)
    if (list === undefined) byNamespace.set(resource.namespace, [resource])
    else list.push(resource)
  }
  return byNamespace
}

/** Go's zero time, which is before every other, if there is no timestamp. */
function createdSeconds(resource: ProxyConfigResource): number {
  const milliseconds = Date.parse(resource.creationTimestamp)
  return Number.isNaN(milliseconds) ? Number.MIN_SAFE_INTEGER : Math.floor(milliseconds / 1000)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function matchLabels(selector: ProtoValue | undefined): ReadonlyMap<string, string> | undefined {
  if (typeof selector !== 'object' || Array.isArray(selector) || selector instanceof Map) return undefined
  // A message: neither a scalar, a list nor a map.
  const labels = (selector as { readonly matchLabels?: ProtoValue }).matchLabels
  return labels instanceof Map ? labels : new Map()
}

/** Without the key if it is not set. */
function pick(name: string, value: ProtoValue | undefined): ProxyConfig {
  return value === undefined ? {} : { [name]: value }
}
