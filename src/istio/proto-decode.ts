/**
 * JSON (from YAML) to messages as golang/protobuf's jsonpb.Unmarshaler decodes it with unknown fields allowed, which is
 * what Istio's ApplyYAML amounts to: JSON names and proto names, null skipped, quoted numbers accepted, a number for a
 * string refused, durations in Go's form.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { quoteText } from '../visible-text.ts'
import { durationOf, parseDuration } from './duration.ts'
import type { ProtoMessage, ProtoValue } from './proto-message.ts'
import { enumDescriptor, type FieldRow, type ProtoSchema } from './proto-schema.ts'

/** A value of the wrong type; the caller adds the source. */
export class ProtoDecodeError extends Error {
  readonly path: string
  readonly #what: string

  constructor(path: string, message: string) {
    super(path === '' ? message : `${path}: ${message}`)
    this.path = path
    this.#what = message
  }

  /** The same error with the path extended by a containing field. */
  below(field: string): ProtoDecodeError {
    return new ProtoDecodeError(this.path === '' ? field : `${field}.${this.path}`, this.#what)
  }
}

interface MutableMessage {
  [jsonName: string]: ProtoValue
}

/**
 * The message with the fields that the JSON sets. A field is replaced as a whole, even a list, a map or a nested
 * message; null does not change it.
 * @throws ProtoDecodeError
 */
export function applyJson(
  schema: ProtoSchema,
  type: string,
  json: JsonValue,
  onto: ProtoMessage = {},
  path = '',
): ProtoMessage {
  if (json === null) return onto
  if (!isObject(json)) throw mismatch(path, 'a map', json)
  const message: MutableMessage = {}
  // Absent fields are never stored, so every value is defined.
  for (const key of Object.keys(onto)) message[key] = onto[key] as ProtoValue
  const { fields } = schema.message(type)
  for (const field of fields) {
    const raw = rawField(json, field)
    if (raw === undefined) continue
    const isValue = field.container === undefined && field.type === 'google.Value'
    if (raw === null && !isValue && !(field.type === 'operator.IntOrString' && field.container === undefined))
      continue
    const at = path === '' ? field.json : `${path}.${field.json}`
    setField(message, fields, field, decodeField(schema, field, raw, at))
  }
  return message
}

/** The value under the JSON name, which wins, or the proto name. */
function rawField(json: JsonObject, field: FieldRow): JsonValue | undefined {
  return (
    own(json, field.json) ?? (own(json, field.json) === null ? null : own(json, field.proto ?? field.json))
  )
}

function setField(
  message: MutableMessage,
  all: readonly FieldRow[],
  field: FieldRow,
  value: ProtoValue,
): void {
  if (field.oneof !== undefined) {
    for (const other of all) if (other.oneof === field.oneof) delete message[other.json]
  }
  if (field.oneof === undefined && field.presence !== true && isZero(field, value)) delete message[field.json]
  else message[field.json] = value
}

/** For a field without presence. */
function isZero(field: FieldRow, value: ProtoValue): boolean {
  if (field.container === 'list') return Array.isArray(value) && value.length === 0
  if (field.container === 'map') return value instanceof Map && value.size === 0
  return field.kind !== 'message' && (value === '' || value === 0 || value === 0n || value === false)
}

function decodeField(schema: ProtoSchema, field: FieldRow, raw: JsonValue, path: string): ProtoValue {
  if (field.container === 'list') {
    // Inside a list null is the element's zero value in Go.
    if (raw === null) return []
    if (!Array.isArray(raw)) throw mismatch(path, 'a list', raw)
    return raw.map((item: JsonValue, i) => decodeSingle(schema, field, item, `${path}[${i}]`))
  }
  if (field.container === 'map') {
    if (!isObject(raw)) throw mismatch(path, 'a map', raw)
    return new Map(
      Object.keys(raw).map((key) => [
        key,
        decodeSingle(schema, field, own(raw, key) ?? null, `${path}.${key}`),
      ]),
    )
  }
  return decodeSingle(schema, field, raw, path)
}

function decodeSingle(schema: ProtoSchema, field: FieldRow, raw: JsonValue, path: string): ProtoValue {
  switch (field.kind) {
    case 'message':
      return decodeMessage(schema, field.type ?? 'opaque', raw, path)
    case 'enum':
      return decodeEnum(field.type ?? '', raw, path)
    default:
      return decodeScalar(field.kind, raw, path)
  }
}

function decodeMessage(schema: ProtoSchema, type: string, raw: JsonValue, path: string): ProtoMessage {
  if (raw === null && type !== 'google.Value' && type !== 'operator.IntOrString') return {}
  switch (type) {
    case 'google.Duration': {
      if (typeof raw !== 'string') throw mismatch(path, 'a duration such as 10s', raw)
      const nanos = parseDuration(raw)
      if (nanos === undefined) throw mismatch(path, 'a duration such as 10s', raw)
      return durationOf(nanos)
    }
    case 'google.BoolValue':
      return wrapper('bool', raw, path)
    case 'google.StringValue':
    case 'google.BytesValue':
      return wrapper('string', raw, path)
    case 'google.Int32Value':
      return wrapper('int32', raw, path)
    case 'google.UInt32Value':
      return wrapper('uint32', raw, path)
    case 'google.Int64Value':
      return wrapper('int64', raw, path)
    case 'google.UInt64Value':
      return wrapper('uint64', raw, path)
    case 'google.FloatValue':
      return wrapper('float', raw, path)
    case 'google.DoubleValue':
      return wrapper('double', raw, path)
    case 'google.Struct':
      if (!isObject(raw)) throw mismatch(path, 'a map', raw)
      return decodeStruct(raw)
    case 'google.ListValue':
      if (!Array.isArray(raw)) throw mismatch(path, 'a list', raw)
      return { values: raw.map((item: JsonValue) => decodeValue(item)) }
    case 'google.Value':
      return decodeValue(raw)
    case 'operator.IntOrString':
      // Go's decoder converts null to the number 0.
      if (typeof raw === 'string') return { type: 1n, strVal: raw === '' ? {} : { value: raw } }
      return { intVal: wrapper('int32', raw ?? 0, path) }
    case 'opaque':
      if (!isObject(raw)) throw mismatch(path, 'a map', raw)
      return {}
  }
  return applyJson(schema, type, raw, {}, path)
}

function wrapper(kind: FieldRow['kind'], raw: JsonValue, path: string): ProtoMessage {
  const value = decodeScalar(kind, raw, path)
  return value === '' || value === 0 || value === 0n || value === false ? {} : { value }
}

function decodeStruct(json: JsonObject): ProtoMessage {
  const keys = Object.keys(json)
  return keys.length === 0
    ? {}
    : { fields: new Map(keys.map((key) => [key, decodeValue(own(json, key) ?? null)])) }
}

function decodeValue(json: JsonValue): ProtoMessage {
  if (json === null) return { nullValue: 0 }
  if (typeof json === 'boolean') return { boolValue: json }
  if (typeof json === 'number') return { numberValue: json }
  if (typeof json === 'string') return { stringValue: json }
  if (isObject(json)) return { structValue: decodeStruct(json) }
  return { listValue: json.length === 0 ? {} : { values: json.map((item: JsonValue) => decodeValue(item)) } }
}

function decodeEnum(type: string, raw: JsonValue, path: string): number {
  if (raw === null) return 0
  const { byName } = enumDescriptor(type)
  if (typeof raw === 'string') {
    const number = byName.get(raw)
    if (number === undefined) throw mismatch(path, `one of ${[...byName.keys()].join(', ')}`, raw)
    return number
  }
  if (typeof raw !== 'number' || !Number.isInteger(raw))
    throw mismatch(path, `one of ${[...byName.keys()].join(', ')}`, raw)
  return raw
}

const ranges: { readonly [kind: string]: readonly [bigint, bigint] } = {
  int32: [-(1n << 31n), (1n << 31n) - 1n],
  sint32: [-(1n << 31n), (1n << 31n) - 1n],
  uint32: [0n, (1n << 32n) - 1n],
  int64: [-(1n << 63n), (1n << 63n) - 1n],
  uint64: [0n, (1n << 64n) - 1n],
}

function decodeScalar(
  kind: FieldRow['kind'],
  raw: JsonValue,
  path: string,
): string | boolean | number | bigint {
  switch (kind) {
    case 'bool':
      if (raw === null) return false
      if (typeof raw !== 'boolean') throw mismatch(path, 'true or false', raw)
      return raw
    case 'string':
    case 'bytes':
      if (raw === null) return ''
      if (typeof raw !== 'string') throw mismatch(path, 'a string', raw)
      return raw
    case 'float':
    case 'double':
      return decodeFloat(kind, raw, path)
    default:
      return decodeInteger(kind, raw, path)
  }
}

function decodeInteger(kind: string, raw: JsonValue, path: string): number | bigint {
  const wide = kind === 'int64' || kind === 'uint64'
  if (raw === null) return wide ? 0n : 0
  const text = typeof raw === 'string' ? raw.trim() : typeof raw === 'number' ? numberText(raw) : undefined
  if (text === undefined || !/^-?(?:0|[1-9]\d*)$/.test(text)) throw mismatch(path, 'a whole number', raw)
  const value = BigInt(text)
  const [low, high] = ranges[kind] ?? [0n, 0n]
  if (value < low || value > high) throw mismatch(path, `a whole number from ${low} to ${high}`, raw)
  return wide ? value : Number(value)
}

/** As encoding/json prints a float64: with an exponent from 1e21 on, which no integer field accepts. */
function numberText(value: number): string | undefined {
  if (!Number.isInteger(value) || Math.abs(value) >= 1e21) return undefined
  return String(BigInt(value))
}

function decodeFloat(kind: 'float' | 'double', raw: JsonValue, path: string): number {
  if (raw === null) return 0
  if (raw === 'NaN' || raw === 'Infinity' || raw === '-Infinity') return Number(raw)
  const text = typeof raw === 'string' ? raw.trim() : undefined
  const value =
    typeof raw === 'number'
      ? raw
      : text !== undefined && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)
        ? Number(text)
        : undefined
  if (value === undefined) throw mismatch(path, 'a number', raw)
  return kind === 'float' ? Math.fround(value) : value
}

/**
 * Fields of ProxyConfig and tracing whose values are or reveal secrets: tokens, environment and bootstrap data for the
 * proxy, keys and certificates.
 */
const SECRET_FIELDS = new Set([
  'accessToken',
  'proxyMetadata',
  'runtimeValues',
  'privateKey',
  'clientCertificate',
  'caCertificates',
  'credentialName',
  'customTags',
  'initialMetadata',
])

function isSecret(path: string): boolean {
  return path.split(/[.[\]]/).some((name) => SECRET_FIELDS.has(name))
}

function mismatch(path: string, expected: string, found: JsonValue): ProtoDecodeError {
  const shown =
    found === null
      ? 'null'
      : Array.isArray(found)
        ? 'a list'
        : isObject(found)
          ? 'a map'
          : isSecret(path)
            ? 'a value that is not shown'
            : typeof found === 'string'
              ? quoteText(found)
              : String(found)
  return new ProtoDecodeError(path, `expected ${expected}, found ${shown}`)
}
