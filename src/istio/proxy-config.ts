/**
 * Merges ProxyConfigs: the annotation proxy.istio.io/config over the mesh's, and one level over another. The levels of
 * a pod are in effective-proxy-config.ts, cleaning for PROXY_CONFIG in clean-proxy-config.ts.
 */
import { type JsonValue, parseYaml } from '../json/index.ts'
import { asInputError, IstioInputError } from './errors.ts'
import { type Gates, gatesFor } from './gates.ts'
import { applyJson, ProtoDecodeError } from './proto-decode.ts'
import type { MeshConfig, ProtoMessage, ProtoValue, ProxyConfig } from './proto-message.ts'
import { protoSchemaFor, proxyConfigMessage } from './proto-schema.ts'
import type { IstioVersion } from './version.ts'

export interface ProxyConfigOptions {
  readonly version: IstioVersion
  /** The gates of that version, if the caller has them. */
  readonly gates?: Gates
  /** The source named in messages; default `annotation proxy.istio.io/config`. */
  readonly source?: string
}

export const proxyConfigAnnotation = 'proxy.istio.io/config'

/**
 * Merges the text over a ProxyConfig like mesh.MergeProxyConfig: fields are replaced, proxyMetadata merges by key
 * (1.10+), proxyHeaders by field (1.19.1+). An empty or null text changes nothing.
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

/** The same for JSON. Unlike between levels, an explicit zero value clears the field. @throws ProtoDecodeError */
export function mergeProxyConfigJson(
  json: JsonValue,
  onto: ProxyConfig,
  options: ProxyConfigOptions,
): ProxyConfig {
  const applied = applyJson(protoSchemaFor(options.version), proxyConfigMessage, json, onto)
  return mergeMaps(applied, onto, options.gates ?? gatesFor(options.version))
}

/** mesh.ApplyProxyConfig: the mesh with the text merged over its defaultConfig. */
export function applyProxyConfig(text: string, mesh: MeshConfig, options: ProxyConfigOptions): MeshConfig {
  return { ...mesh, defaultConfig: mergeProxyConfigText(text, mesh.defaultConfig ?? {}, options) }
}

/** Merges a level of the effective ProxyConfig over those below it. */
export function mergeProxyConfigLevels(over: ProxyConfig, onto: ProxyConfig, gates: Gates): ProxyConfig {
  return gates.proxyConfigJsonMerge ? mergeProxyConfigs(over, onto, gates) : mergeProtos(over, onto)
}

/**
 * Merges `over` over `onto`. Istio writes `over` as JSON and reads it back, so a proto zero value overrides nothing,
 * whereas a wrapper or an empty message does.
 */
function mergeProxyConfigs(over: ProxyConfig, onto: ProxyConfig, gates: Gates): ProxyConfig {
  const merged: { [key: string]: ProtoValue | undefined } = { ...onto }
  if (over['serviceCluster'] !== undefined || over['tracingServiceName'] !== undefined) {
    delete merged['serviceCluster']
    delete merged['tracingServiceName']
  }
  return mergeMaps(Object.assign(merged, over), onto, gates)
}

/** proxyMetadata and proxyHeaders of both, those of `over` first. */
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
 * Before 1.16.4 and 1.17.2 levels were merged as protos: nested messages field by field, lists appended, wrappers and
 * durations replaced.
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

/** Wrappers and durations, which have only these fields. */
function isLeaf(message: ProtoMessage): boolean {
  return Object.keys(message).every((key) => key === 'value' || key === 'seconds' || key === 'nanos')
}
