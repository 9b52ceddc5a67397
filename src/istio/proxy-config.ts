/**
 * ProxyConfigs put over each other: the annotation proxy.istio.io/config over the mesh's, and the effective
 * ProxyConfig of a pod. Cleaning one for PROXY_CONFIG is in clean-proxy-config.ts.
 */
import { type JsonValue, parseYaml } from '../json/index.ts'
import { asInputError, IstioInputError } from './errors.ts'
import { type Gates, gatesFor } from './gates.ts'
import { defaultProxyConfig } from './mesh-defaults.ts'
import { applyJson, ProtoDecodeError } from './proto-decode.ts'
import type { MeshConfig, ProtoMessage, ProtoValue, ProxyConfig } from './proto-message.ts'
import { protoSchemaFor, proxyConfigMessage } from './proto-schema.ts'
import type { ProxyConfigResource } from './proxy-config-resource.ts'
import type { IstioVersion } from './version.ts'

export interface ProxyConfigOptions {
  readonly version: IstioVersion
  /** The gates of that version, where the caller has them already. */
  readonly gates?: Gates
  /** How messages name the text; default `annotation proxy.istio.io/config`. */
  readonly source?: string
}

/** The annotation's own name, which the effective ProxyConfig reads. */
const proxyConfigAnnotation = 'proxy.istio.io/config'

/**
 * The text over a ProxyConfig, as mesh.MergeProxyConfig: fields are replaced, proxyMetadata merges by key (1.10+),
 * proxyHeaders per field (1.19.1+). Texts that are empty or null change nothing.
 * @throws IstioInputError `proxy-config-invalid`
 */
export function mergeProxyConfigText(
  text: string,
  onto: ProxyConfig,
  options: ProxyConfigOptions,
): ProxyConfig {
  const source = options.source ?? `annotation ${proxyConfigAnnotation}`
  try {
    return mergeProxyConfigJson(parseYaml(text, { source }), onto, options)
  } catch (error) {
    if (error instanceof ProtoDecodeError) {
      throw new IstioInputError('proxy-config-invalid', `${source}: ${error.message}`, {
        source,
        path: error.path,
      })
    }
    throw asInputError('proxy-config-invalid', source, error)
  }
}

/** As above of JSON; an explicit zero value clears the field here, unlike between levels. @throws ProtoDecodeError */
export function mergeProxyConfigJson(
  json: JsonValue,
  onto: ProxyConfig,
  options: ProxyConfigOptions,
): ProxyConfig {
  const applied = applyJson(protoSchemaFor(options.version), proxyConfigMessage, json, onto)
  return mergeMaps(applied, onto, options.gates ?? gatesFor(options.version))
}

/** mesh.ApplyProxyConfig: the mesh with the text over its defaultConfig. */
export function applyProxyConfig(text: string, mesh: MeshConfig, options: ProxyConfigOptions): MeshConfig {
  return { ...mesh, defaultConfig: mergeProxyConfigText(text, mesh.defaultConfig ?? {}, options) }
}

/**
 * `over` over `onto`: what is set in `over` replaces, since Istio writes it as JSON and reads it back, so a proto
 * zero value overrides nothing while a wrapper or an empty message does.
 */
function mergeProxyConfigs(over: ProxyConfig, onto: ProxyConfig, gates: Gates): ProxyConfig {
  const merged: { [key: string]: ProtoValue | undefined } = { ...onto }
  if (over['serviceCluster'] !== undefined || over['tracingServiceName'] !== undefined) {
    delete merged['serviceCluster']
    delete merged['tracingServiceName']
  }
  return mergeMaps(Object.assign(merged, over), onto, gates)
}

/** proxyMetadata and proxyHeaders of both, those of the newer one first. */
function mergeMaps(over: ProxyConfig, onto: ProxyConfig, gates: Gates): ProxyConfig {
  const merged: { [key: string]: ProtoValue | undefined } = { ...over }
  if (gates.proxyMetadataMerges && onto.proxyMetadata !== undefined) {
    merged['proxyMetadata'] = new Map([...onto.proxyMetadata, ...(over.proxyMetadata ?? [])])
  }
  if (gates.proxyHeadersMerge && over.proxyHeaders !== undefined && onto.proxyHeaders !== undefined) {
    merged['proxyHeaders'] = mergeHeaders(over.proxyHeaders, onto.proxyHeaders)
  }
  return merged
}

const mergedHeaders = ['forwardedClientCert', 'requestId', 'attemptCount', 'server', 'envoyDebugHeaders']

function mergeHeaders(over: ProtoMessage, onto: ProtoMessage): ProtoMessage {
  const merged: { [key: string]: ProtoValue | undefined } = { ...over }
  for (const name of mergedHeaders) if (merged[name] === undefined) merged[name] = onto[name]
  for (const name of Object.keys(merged)) if (merged[name] === undefined) delete merged[name]
  return merged
}

/**
 * Before 1.16.4 and 1.17.2 levels were merged as protos: nested messages field by field, lists appended; wrappers
 * and durations replaced.
 */
function mergeProtos(over: ProtoMessage, onto: ProtoMessage): ProtoMessage {
  const merged: { [key: string]: ProtoValue | undefined } = { ...onto }
  for (const [name, value] of Object.entries(over)) {
    const old = onto[name]
    if (value === undefined) continue
    if (Array.isArray(value) && Array.isArray(old)) merged[name] = [...old, ...value]
    else if (value instanceof Map && old instanceof Map) merged[name] = new Map([...old, ...value])
    else if (isMessage(value) && isMessage(old) && !isLeaf(value) && !isLeaf(old))
      merged[name] = mergeProtos(value, old)
    else merged[name] = value
  }
  return merged
}

function isMessage(value: ProtoValue | undefined): value is ProtoMessage {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Map)
}

/** Wrappers and durations, which have no other fields than these. */
function isLeaf(message: ProtoMessage): boolean {
  return Object.keys(message).every((key) => key === 'value' || key === 'seconds' || key === 'nanos')
}

export interface ProxyConfigTarget {
  readonly namespace: string
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
}

/** What the levels below a pod give, made once for a mesh and a namespace. */
export type ProxyConfigResources = ReadonlyMap<string, readonly ProxyConfigResource[]>

/**
 * The ProxyConfig that applies to a pod (pilot/pkg/model/proxy_config.go, 1.13+), lowest first: code defaults, mesh,
 * root namespace's resource, namespace's resource, annotation, workload's resource. The oldest resource wins within
 * a level, and an annotation that does not parse is ignored here (injection validates it elsewhere).
 */
export function effectiveProxyConfig(
  target: ProxyConfigTarget,
  mesh: MeshConfig,
  resources: ProxyConfigResources,
  options: ProxyConfigOptions,
): ProxyConfig {
  const gates = options.gates ?? gatesFor(options.version)
  const merge = gates.proxyConfigJsonMerge
    ? (over: ProxyConfig, onto: ProxyConfig) => mergeProxyConfigs(over, onto, gates)
    : mergeProtos
  const root = mesh.rootNamespace ?? ''
  let effective: ProxyConfig = defaultProxyConfig(gates)
  const levels = [mesh.defaultConfig]
  if (root !== '') levels.push(namespaceConfig(resources, root))
  if (target.namespace !== root) levels.push(namespaceConfig(resources, target.namespace))
  levels.push(annotationConfig(target, options))
  levels.push(workloadConfig(resources, target))
  for (const level of levels) if (level !== undefined) effective = merge(level, effective)
  return effective
}

function namespaceConfig(resources: ProxyConfigResources, namespace: string): ProxyConfig | undefined {
  return resources.get(namespace)?.find((resource) => resource.matchLabels === undefined)?.proxyConfig
}

/** A selector without labels selects no workload (and is no namespace-wide resource either). */
function workloadConfig(resources: ProxyConfigResources, target: ProxyConfigTarget): ProxyConfig | undefined {
  return resources
    .get(target.namespace)
    ?.find(
      ({ matchLabels }) =>
        matchLabels !== undefined &&
        matchLabels.size > 0 &&
        [...matchLabels].every(([key, value]) => target.labels.get(key) === value),
    )?.proxyConfig
}

function annotationConfig(target: ProxyConfigTarget, options: ProxyConfigOptions): ProxyConfig | undefined {
  const text = target.annotations.get(proxyConfigAnnotation)
  if (text === undefined) return undefined
  try {
    return mergeProxyConfigText(text, {}, options)
  } catch (error) {
    if (error instanceof IstioInputError) return undefined
    throw error
  }
}
