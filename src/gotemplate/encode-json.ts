/**
 * Encodes any template value as Go's encoding/json does: maps sorted, structs in the order of their fields under their
 * JSON names.
 */

import { encodeGoJson, encodeGoString } from '../json/index.ts'
import type { FunctionContext } from './context.ts'
import { sortedKeys } from './eval/map-order.ts'
import { GoFunctionError } from './functions.ts'
import { formatFloat } from './strconv/format-float.ts'
import { hasRawBytes } from './strconv/go-string.ts'
import {
  BytesValue,
  ErrorValue,
  type GoValue,
  isGoList,
  isGoMap,
  MapValue,
  NilInterface,
  PointerValue,
  ScalarValue,
  SliceValue,
  StructValue,
  typeName,
} from './values.ts'
import { listGet, listLength, mapGet, mapSize, readField } from './wrap.ts'

const MAX_DEPTH = 500

export interface EncodeOptions {
  /** Does not escape `<`, `>` and `&`. */
  readonly raw?: boolean
}

/** @throws GoFunctionError for values that JSON cannot represent: functions, NaN, keys of other kinds. */
export function encodeJson(value: GoValue, context: FunctionContext, options: EncodeOptions = {}): string {
  const text = encodeAt(value, context, options.raw === true, 0)
  context.budget.allocate(text.length)
  return text
}

function encodeAt(value: GoValue, context: FunctionContext, raw: boolean, depth: number): string {
  if (depth > MAX_DEPTH) throw new GoFunctionError('json: the value is nested too deeply')
  switch (typeof value) {
    case 'string':
      return encodeText(value, raw)
    case 'number':
      return encodeFloat(value)
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'undefined':
      return 'null'
  }
  if (value === null || value instanceof NilInterface) return 'null'
  context.budget.charge(5)
  const next = (inner: GoValue): string => encodeAt(inner, context, raw, depth + 1)
  if (isGoMap(value) || value instanceof MapValue) {
    context.budget.charge(mapSize(value) * 2)
    return encodeMap(value, next, raw)
  }
  if (isGoList(value) || value instanceof SliceValue) {
    if (value instanceof SliceValue && value.backing === undefined) return 'null'
    return `[${Array.from({ length: listLength(value) }, (_, i) => next(listGet(value, i))).join(',')}]`
  }
  if (value instanceof ScalarValue) return encodeScalar(value, raw)
  if (value instanceof PointerValue) return value.target === undefined ? 'null' : next(value.target)
  if (value instanceof BytesValue) return `"${Buffer.from(value.bytes).toString('base64')}"`
  if (value instanceof StructValue) return encodeStruct(value, next, raw)
  // An error has no exported fields.
  if (value instanceof ErrorValue) return '{}'
  throw new GoFunctionError(`json: unsupported type: ${typeName(value)}`)
}

function encodeText(text: string, raw: boolean): string {
  const encoded = hasRawBytes(text) ? encodeRawBytes(text) : encodeGoString(text)
  return raw ? unescapeHtml(encoded) : encoded
}

/** Go escapes a byte that is invalid UTF-8 and writes a real U+FFFD unchanged. */
function encodeRawBytes(text: string): string {
  const pieces = text.split(/(?<![\ud800-\udbff])[\udc80-\udcff]/)
  return `"${pieces.map((piece) => encodeGoString(piece).slice(1, -1)).join('\\ufffd')}"`
}

/** Undoes the three escapes; only an even number of backslashes before one belongs to other escapes. */
function unescapeHtml(encoded: string): string {
  return encoded.replace(/\\(?:u003c|u003e|u0026|.)/g, (found) =>
    found === '\\u003c' ? '<' : found === '\\u003e' ? '>' : found === '\\u0026' ? '&' : found,
  )
}

function encodeFloat(value: number): string {
  if (!Number.isFinite(value)) {
    throw new GoFunctionError(`json: unsupported value: ${formatFloat(value, 'g', -1)}`)
  }
  return encodeGoJson(value)
}

function encodeScalar({ value, type }: ScalarValue, raw: boolean): string {
  if (typeof value === 'string') return encodeText(value, raw)
  if (typeof value !== 'number') return String(value)
  if (type.kind !== 'float32' || !Number.isFinite(value)) return encodeFloat(value)
  const size = Math.abs(value)
  const exponent = size !== 0 && (size < 1e-6 || size >= 1e21)
  return formatFloat(value, exponent ? 'e' : 'f', -1, 32).replace(/e-0(\d)$/, 'e-$1')
}

function encodeMap(
  map: Parameters<typeof mapGet>[0],
  next: (value: GoValue) => string,
  raw: boolean,
): string {
  if (map instanceof MapValue) {
    if (map.backing === undefined) return 'null'
    const { key } = map.type
    if (key.kind !== 'string' && !/^u?int/.test(key.kind)) {
      throw new GoFunctionError(`json: unsupported type: ${map.type.name}`)
    }
  }
  const members = sortedKeys(map).map(
    (key) => [String(key), `${encodeText(String(key), raw)}:${next(mapGet(map, key))}`] as const,
  )
  // Integer keys are sorted by their texts.
  if (map instanceof MapValue && map.type.key.kind !== 'string') members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([, member]) => member).join(',')}}`
}

function encodeStruct(struct: StructValue, next: (value: GoValue) => string, raw: boolean): string {
  if (struct.type.encodeJson !== undefined) return struct.type.encodeJson(struct)
  const members: string[] = []
  for (const field of struct.type.fields) {
    if (field.unexported === true) continue
    const value = readField(struct, field)
    if (field.embedded === true && value instanceof StructValue) {
      const inner = next(value).slice(1, -1)
      if (inner !== '') members.push(inner)
      continue
    }
    if (field.omitEmpty === true && isOmitted(value)) continue
    members.push(`${encodeText(field.json ?? field.name, raw)}:${next(value)}`)
  }
  return `{${members.join(',')}}`
}

/** Go's omitempty. */
function isOmitted(value: GoValue): boolean {
  if (value === null || value === undefined || value === '' || value === false || value === 0 || value === 0n)
    return true
  if (isGoList(value) || value instanceof SliceValue) return listLength(value) === 0
  if (isGoMap(value) || value instanceof MapValue) return sortedKeys(value).length === 0
  if (value instanceof PointerValue) return value.target === undefined
  return value instanceof ScalarValue && isOmitted(value.value)
}
