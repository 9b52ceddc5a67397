/**
 * Messages to protobuf's JSON, byte for byte as golang/protobuf's jsonpb.Marshaler writes it (used by every known
 * version of Istio): compact, fields in declaration order, map keys sorted by bytes, 64-bit integers as strings, enums
 * by name, wrappers bare, durations as seconds.
 */
import { compareUtf8, encodeGoJson } from '../json/index.ts'
import { durationJson } from './duration.ts'
import type { ProtoMessage, ProtoValue } from './proto-message.ts'
import { enumDescriptor, type FieldRow, type ProtoSchema } from './proto-schema.ts'

/** Messages are not nested deeper than the texts they were read from. */
const maxDepth = 2000

/** The JSON text of a message, `{}` of an empty one. */
export function protoToJson(schema: ProtoSchema, type: string, message: ProtoMessage): string {
  return encodeMessage(schema, type, message, 0)
}

function encodeMessage(schema: ProtoSchema, type: string, message: ProtoMessage, depth: number): string {
  if (depth > maxDepth) throw new RangeError('message nested too deep')
  switch (type) {
    case 'google.Duration':
      return `"${durationJson(message)}"`
    case 'google.BoolValue':
      return String(message['value'] ?? false)
    case 'google.StringValue':
    case 'google.BytesValue':
      return encodeGoJson(String(message['value'] ?? ''))
    case 'google.Int64Value':
    case 'google.UInt64Value':
      return `"${message['value'] ?? 0}"`
    case 'google.Int32Value':
    case 'google.UInt32Value':
    case 'google.FloatValue':
    case 'google.DoubleValue':
      return encodeNumber(Number(message['value'] ?? 0))
    case 'google.Struct':
      return encodeOnly(schema, type, message, 'fields', '{}', depth)
    case 'google.ListValue':
      return encodeOnly(schema, type, message, 'values', '[]', depth)
    case 'google.Value':
    case 'operator.IntOrString':
      return encodeUnion(schema, type, message, depth)
    case 'opaque':
      return '{}'
  }
  const parts: string[] = []
  for (const field of schema.message(type).fields) {
    const value = Object.hasOwn(message, field.json) ? message[field.json] : undefined
    if (value === undefined) continue
    parts.push(`"${field.json}":${encodeField(schema, field, value, depth)}`)
  }
  return `{${parts.join(',')}}`
}

/** Struct and ListValue are written as their one field. */
function encodeOnly(
  schema: ProtoSchema,
  type: string,
  message: ProtoMessage,
  name: string,
  empty: string,
  depth: number,
): string {
  const field = schema.message(type).fields.find((candidate) => candidate.json === name)
  const value = message[name]
  return field === undefined || value === undefined ? empty : encodeField(schema, field, value, depth)
}

/** Value and IntOrString are written as the one member that is set. */
function encodeUnion(schema: ProtoSchema, type: string, message: ProtoMessage, depth: number): string {
  for (const field of schema.message(type).fields) {
    if (type === 'operator.IntOrString' && field.json === 'type') continue
    const value = message[field.json]
    if (value !== undefined) return encodeField(schema, field, value, depth)
  }
  return type === 'operator.IntOrString' ? '""' : 'null'
}

function encodeField(schema: ProtoSchema, field: FieldRow, value: ProtoValue, depth: number): string {
  if (field.container === 'list' && Array.isArray(value)) {
    return `[${value.map((item: ProtoValue) => encodeSingle(schema, field, item, depth)).join(',')}]`
  }
  if (field.container === 'map' && value instanceof Map) {
    const map: ReadonlyMap<string, ProtoValue> = value
    const keys = [...map.keys()].sort(compareUtf8)
    const entries = keys.map((key) => {
      const item = map.get(key)
      return `${encodeGoJson(key)}:${item === undefined ? 'null' : encodeSingle(schema, field, item, depth)}`
    })
    return `{${entries.join(',')}}`
  }
  return encodeSingle(schema, field, value, depth)
}

function encodeSingle(schema: ProtoSchema, field: FieldRow, value: ProtoValue, depth: number): string {
  switch (typeof value) {
    case 'string':
      return encodeGoJson(value)
    case 'boolean':
      return String(value)
    case 'bigint':
      return `"${value}"`
    case 'number':
      return field.kind === 'enum' ? encodeEnum(field.type ?? '', value) : encodeNumber(value)
    default:
      // Lists and maps are handled above: a message remains.
      return encodeMessage(schema, field.type ?? 'opaque', value as ProtoMessage, depth + 1)
  }
}

function encodeEnum(type: string, value: number): string {
  if (type === 'google.NullValue') return 'null'
  const name = enumDescriptor(type).byNumber.get(value)
  return name === undefined ? String(value) : `"${name}"`
}

function encodeNumber(value: number): string {
  if (Number.isNaN(value)) return '"NaN"'
  if (value === Number.POSITIVE_INFINITY) return '"Infinity"'
  if (value === Number.NEGATIVE_INFINITY) return '"-Infinity"'
  return encodeGoJson(value)
}
