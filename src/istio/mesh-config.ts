/**
 * The key `mesh` of the ConfigMap `istio[-<rev>]`: YAML over Istio's defaults, as mesh.ApplyMeshConfig does it
 * (pkg/config/mesh/mesh.go), then checked. Fields override, but defaultConfig and defaultProviders are put over
 * their defaults field by field, extension providers by name.
 */
import { isObject, type JsonObject, type JsonValue, own, parseYaml } from '../json/index.ts'
import { asInputError, IstioInputError } from './errors.ts'
import { gatesFor } from './gates.ts'
import type { InputOptions } from './injector-values.ts'
import { defaultMeshConfig } from './mesh-defaults.ts'
import { validateMeshConfig } from './mesh-validation.ts'
import { applyJson, ProtoDecodeError } from './proto-decode.ts'
import type { MeshConfig, ProtoMessage, ProxyConfig } from './proto-message.ts'
import { meshConfigMessage, type ProtoSchema, protoSchemaFor } from './proto-schema.ts'
import { mergeProxyConfigJson } from './proxy-config.ts'

const defaultProvidersMessage = 'mesh.MeshConfig.DefaultProviders'

/**
 * An empty text gives Istio's defaults.
 * @throws IstioInputError `mesh-config-invalid` where Istio would refuse it: bad YAML, a value of the wrong kind, or
 * a configuration that its validation refuses (all failures in one message).
 */
export function parseMeshConfig(text: string, options: InputOptions): MeshConfig {
  const { source } = options
  let mesh: MeshConfig
  try {
    mesh = applyMeshConfig(parseYaml(text, { source }), options)
  } catch (error) {
    if (error instanceof ProtoDecodeError) throw invalid(source, [error.message], text, error.path)
    throw asInputError('mesh-config-invalid', source, error)
  }
  const errors = validateMeshConfig(mesh, gatesFor(options.version))
  if (errors.length > 0) throw invalid(source, errors, text)
  return mesh
}

function invalid(source: string, errors: readonly string[], text: string, path?: string): IstioInputError {
  const key = path === undefined ? undefined : /^[A-Za-z]+/.exec(path)?.[0]
  const line = key === undefined ? -1 : text.split('\n').findIndex((row) => row.startsWith(`${key}:`))
  return new IstioInputError('mesh-config-invalid', `${source}: ${errors.join('; ')}`, {
    source,
    ...(path === undefined ? {} : { path }),
    ...(line < 0 ? {} : { line: line + 1 }),
  })
}

function applyMeshConfig(json: JsonValue, options: InputOptions): MeshConfig {
  const gates = gatesFor(options.version)
  const schema = protoSchemaFor(options.version)
  const defaults = defaultMeshConfig(gates)
  if (json === null) return defaults
  if (!isObject(json)) throw new ProtoDecodeError('', 'expected a map')
  // Decodes defaultConfig and defaultProviders too, so that a bad one is an error also under its proto name.
  const mesh: MeshConfig = applyJson(schema, meshConfigMessage, json, defaults)
  return {
    ...mesh,
    defaultConfig: configOver(json, defaults.defaultConfig ?? {}, options),
    defaultProviders: providersOver(schema, json, defaults),
    extensionProviders: mergeProviders(mesh.extensionProviders ?? [], defaults.extensionProviders ?? []),
    ...sortedAliases(mesh),
  }
}

/** Istio looks for this key by its JSON name only: `default_config` is decoded, checked and then dropped. */
function configOver(json: JsonObject, defaults: ProxyConfig, options: InputOptions): ProxyConfig {
  return below('defaultConfig', () =>
    mergeProxyConfigJson(own(json, 'defaultConfig') ?? null, defaults, options),
  )
}

function providersOver(schema: ProtoSchema, json: JsonObject, defaults: MeshConfig): ProtoMessage {
  // A message field of the defaults.
  const onto = (defaults['defaultProviders'] ?? {}) as ProtoMessage
  return below('defaultProviders', () =>
    applyJson(schema, defaultProvidersMessage, own(json, 'defaultProviders') ?? null, onto),
  )
}

function below<T>(name: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof ProtoDecodeError) throw error.below(name)
    throw error
  }
}

/** A provider replaces the default of its name whole; others follow in their order. */
function mergeProviders(
  given: readonly ProtoMessage[],
  defaults: readonly ProtoMessage[],
): readonly ProtoMessage[] {
  if (given === defaults) return defaults
  const merged = [...defaults]
  for (const provider of given) {
    const index = merged.findIndex((other) => other['name'] === provider['name'])
    if (index < 0) merged.push(provider)
    else merged[index] = provider
  }
  return merged
}

function sortedAliases(mesh: MeshConfig): { readonly trustDomainAliases?: readonly string[] } {
  const aliases = mesh['trustDomainAliases']
  if (!Array.isArray(aliases)) return {}
  return { trustDomainAliases: [...new Set(aliases.map(String))].sort() }
}
