/**
 * The key `values` of the injector's ConfigMap: unchanged for templates, and decoded into the message Values for what
 * the injector itself reads (pkg/kube/inject, NewValuesConfig).
 */
import { isObject, type JsonObject, type JsonValue, own, parseYaml } from '../json/index.ts'
import { asInputError, IstioInputError } from './errors.ts'
import { applyJson, ProtoDecodeError } from './proto-decode.ts'
import type { ProtoMessage, ProtoValue } from './proto-message.ts'
import { protoSchemaFor, valuesMessage } from './proto-schema.ts'
import type { IstioVersion } from './version.ts'

export interface Values {
  /** The template's `.Values`; null if the text is empty or `null`, for which Go's map is nil. */
  readonly map: JsonObject | null
  /** The message istio.operator.v1alpha1.Values. */
  readonly struct: ProtoMessage
  /** The fields that the injector reads; unset strings are empty. */
  readonly facts: ValuesFacts
}

export interface ValuesFacts {
  readonly hub: string
  /** Numbers print as Go prints a float64. */
  readonly tag: string
  /** 1.22 and later; Istio's gate globalVariant decides whether it counts. */
  readonly variant: string
  readonly proxyImage: string
  readonly proxyInitImage: string
  /** global.multiCluster.clusterName. */
  readonly clusterName: string
  readonly network: string
  readonly istioNamespace: string
  readonly rewriteAppHttpProbe: boolean
  readonly holdApplicationUntilProxyStarts: boolean
  /** sidecarInjectorWebhook.enableNamespacesByDefault. */
  readonly enableNamespacesByDefault: boolean
  /** pilot.env (1.26 and later), every value as text; taken from the map, not from the message. */
  readonly pilotEnv: ReadonlyMap<string, string>
}

export interface InputOptions {
  readonly version: IstioVersion
  /** The source named in messages: `ConfigMap istio-system/istio-sidecar-injector, key values`. */
  readonly source: string
}

/**
 * @throws IstioInputError `injector-values-invalid` for invalid YAML, anything but a map, or a value of the wrong type
 * for the message (a number for `hub`)
 */
export function parseInjectorValues(text: string, options: InputOptions): Values {
  const { source } = options
  try {
    const map: JsonValue = parseYaml(text, { source })
    if (map !== null && !isObject(map)) throw new ProtoDecodeError('', 'expected a map')
    const struct = applyJson(protoSchemaFor(options.version), valuesMessage, map)
    return { map, struct, facts: factsOf(struct, map) }
  } catch (error) {
    if (error instanceof ProtoDecodeError) {
      throw new IstioInputError('injector-values-invalid', `${source}: ${error.message}`, {
        source,
        path: error.path,
      })
    }
    throw asInputError('injector-values-invalid', source, error)
  }
}

function factsOf(struct: ProtoMessage, map: JsonObject | null): ValuesFacts {
  const global = at(struct, 'global')
  const webhook = at(struct, 'sidecarInjectorWebhook')
  return {
    hub: text(global['hub']),
    tag: plain(global['tag']),
    variant: text(global['variant']),
    proxyImage: text(at(global, 'proxy')['image']),
    // In older releases the JSON name equals the proto name, proxy_init.
    proxyInitImage: text(at(global, 'proxy_init')['image'] ?? at(global, 'proxyInit')['image']),
    clusterName: text(at(global, 'multiCluster')['clusterName']),
    network: text(global['network']),
    istioNamespace: text(global['istioNamespace']),
    rewriteAppHttpProbe: flag(webhook['rewriteAppHTTPProbe']),
    holdApplicationUntilProxyStarts: flag(at(global, 'proxy')['holdApplicationUntilProxyStarts']),
    enableNamespacesByDefault: flag(webhook['enableNamespacesByDefault']),
    pilotEnv: pilotEnv(map),
  }
}

/**
 * The chart writes it from the values that it also uses for the Deployment's environment, where a template prints them.
 */
function pilotEnv(map: JsonObject | null): ReadonlyMap<string, string> {
  const pilot = map === null ? undefined : own(map, 'pilot')
  const env = isObject(pilot) ? own(pilot, 'env') : undefined
  if (!isObject(env)) return new Map()
  return new Map(
    Object.entries(env)
      .filter(([, value]) => value !== null && typeof value !== 'object')
      .map(([key, value]) => [key, String(value)]),
  )
}

const empty: ProtoMessage = Object.freeze({})

function at(message: ProtoMessage, name: string): ProtoMessage {
  const value = message[name]
  return isMessage(value) ? value : empty
}

function isMessage(value: ProtoValue | undefined): value is ProtoMessage {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Map)
}

function text(value: ProtoValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function flag(value: ProtoValue | undefined): boolean {
  return value === true || (isMessage(value) && value['value'] === true)
}

/** Prints the content of a google.protobuf.Value as Go does; a string field of older releases unchanged. */
function plain(value: ProtoValue | undefined): string {
  if (typeof value === 'string') return value
  if (!isMessage(value)) return ''
  if (typeof value['numberValue'] === 'number') return goFloat(value['numberValue'])
  if (typeof value['boolValue'] === 'boolean') return String(value['boolValue'])
  if (value['nullValue'] !== undefined) return '<nil>'
  return text(value['stringValue'])
}

/** Go's %v of a float64: an exponent of at least two digits from 1e21 on and below 1e-4. */
function goFloat(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e21)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  }
  return String(value)
}
