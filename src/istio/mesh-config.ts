/**
 * The key `mesh` of the ConfigMap `istio[-<rev>]`: YAML merged over Istio's defaults as mesh.ApplyMeshConfig does
 * (pkg/config/mesh/mesh.go), then validated. Fields replace their defaults, except that defaultConfig and
 * defaultProviders merge field by field and extension providers by name.
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
 * @throws IstioInputError `mesh-config-invalid` if Istio would refuse it: invalid YAML, a value of the wrong type, or a
 * configuration that fails Istio's validation (all failures in one message)
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
  // Decodes defaultConfig and defaultProviders as well, so that an invalid one is an error under its proto name, too.
  const mesh: MeshConfig = applyJson(schema, meshConfigMessage, json, defaults)
  return {
    ...mesh,
    defaultConfig: configOver(json, defaults.defaultConfig ?? {}, options),
    defaultProviders: providersOver(schema, json, defaults),
    extensionProviders: mergeProviders(mesh.extensionProviders ?? [], defaults.extensionProviders ?? []),
    ...sortedAliases(mesh),
  }
}

/** Istio reads this key by its JSON name only: `default_config` is decoded, validated and then dropped. */
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

/** A provider replaces the default provider with its name; others follow in their order. */
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
