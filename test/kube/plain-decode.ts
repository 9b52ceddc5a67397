/**
 * The typed codec without its optimisations, with which decode-properties.test.ts compares src/kube/decode.ts: every
 * struct is written anew from all its fields, every map is sorted, and the path of an error is always tracked.
 */
import { compareUtf8, isObject, type JsonObject, type JsonValue, own, setOwn } from '../../src/json/index.ts'
import { type CodecField, type CodecStruct, codecTable, isEmpty } from '../../src/kube/codec-table.ts'
import { type DecodeState, formatError, typeError } from '../../src/kube/decode-state.ts'
import { parseQuantity, parseTime } from '../../src/kube/index.ts'
import type { FieldType } from '../../src/merge/index.ts'

/** decodeTyped by the plain method. */
export function decodePlainly(name: string, value: JsonValue): JsonObject {
  const struct = codecTable({}).get(name)
  if (struct === undefined) throw new Error(`no type ${name}`)
  const state: DecodeState = { steps: [], saved: undefined, failed: false }
  const decoded = decodeObject(struct, value, undefined, state)
  if (state.saved !== undefined) throw state.saved
  return decoded
}

function within<T>(step: CodecField | number | string, state: DecodeState, read: () => T): T {
  state.steps?.push(step)
  const result = read()
  state.steps?.pop()
  return result
}

function decodeObject(
  struct: CodecStruct,
  value: JsonValue,
  before: JsonObject | undefined,
  state: DecodeState,
): JsonObject {
  if (!isObject(value)) {
    if (value !== null) typeError(value, struct.schema.goType, state)
    return before ?? struct.zero
  }
  const slots = new Map<string, JsonValue | undefined>(before === undefined ? [] : Object.entries(before))
  for (const key of Object.keys(value)) {
    const field = struct.byKey.get(key) ?? struct.foldedField(key)
    if (field === undefined) continue
    const { name } = field.schema
    slots.set(
      name,
      within(field, state, () => decodeField(field, own(value, key) ?? null, slots.get(name), state)),
    )
  }
  const object: { [key: string]: JsonValue } = {}
  for (const { schema, type, unset } of struct.fields) {
    const item = slots.get(schema.name)
    if (item === undefined) {
      if (unset !== undefined) object[schema.name] = unset
    } else if (!schema.omitEmpty || schema.pointer || !isEmpty(item, type)) object[schema.name] = item
  }
  return object
}

function decodeField(
  field: CodecField,
  value: JsonValue,
  before: JsonValue | undefined,
  state: DecodeState,
): JsonValue | undefined {
  const { type, schema } = field
  if (value === null)
    return !schema.pointer && (type.kind === 'scalar' || type.kind === 'struct') ? before : undefined
  const decoded = decodeValue(type, field.struct, value, before, state)
  const isTime = type.kind === 'special' && type.special === 'time'
  return isTime && decoded === null && !schema.pointer ? undefined : decoded
}

function decodeValue(
  type: FieldType,
  struct: CodecStruct | undefined,
  value: JsonValue,
  before: JsonValue | undefined,
  state: DecodeState,
): JsonValue | undefined {
  switch (type.kind) {
    case 'scalar':
      return decodeScalar(type.scalar, type.goType, value, state) ?? before
    case 'struct':
      if (struct === undefined) throw new Error('a struct type has its struct')
      return decodeObject(struct, value, isObject(before) ? before : undefined, state)
    case 'list': {
      if (Array.isArray(value)) {
        const old = Array.isArray(before) ? before : []
        return value.map((item, i) =>
          within(i, state, () => decodeElement(type.elem, struct, item, old[i], state)),
        )
      }
      typeError(value, type.goType, state)
      return before
    }
    case 'map': {
      if (isObject(value)) {
        const entries = new Map<string, JsonValue>(isObject(before) ? Object.entries(before) : [])
        for (const [key, item] of Object.entries(value))
          entries.set(
            key,
            within(key, state, () => decodeElement(type.elem, struct, item, undefined, state)),
          )
        const object: { [key: string]: JsonValue } = {}
        for (const [key, item] of [...entries].sort(([a], [b]) => compareUtf8(a, b)))
          setOwn(object, key, item)
        return object
      }
      typeError(value, type.goType, state)
      return before
    }
    case 'special':
      return decodeSpecial(type.special, value, state)
  }
}

function decodeSpecial(
  special: 'quantity' | 'intOrString' | 'time' | 'rawObject',
  value: JsonValue,
  state: DecodeState,
): JsonValue | undefined {
  switch (special) {
    case 'quantity': {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      const trimmed = typeof value === 'string' && !/[\t\n\v\f\r\ufeff]/.test(text) ? text.trim() : text
      const quantity = parseQuantity(trimmed)
      if (!quantity.ok) formatError('kube-quantity', { reason: quantity.error, expected: '' }, state)
      return quantity.ok ? quantity.canonical : null
    }
    case 'intOrString':
      if (typeof value === 'string') return value
      return decodeScalar('int32', 'int32', value, state, true) ?? 0
    case 'time': {
      if (typeof value !== 'string') {
        typeError(value, 'string', state, { atOnce: true })
        return null
      }
      const time = parseTime(value)
      if (!time.ok) formatError('kube-time', { reason: time.error, expected: '' }, state)
      return time.ok ? time.canonical : null
    }
    case 'rawObject':
      return value
  }
}

/** Of a list or a map: what is null there is the zero value. */
function decodeElement(
  elem: FieldType,
  struct: CodecStruct | undefined,
  value: JsonValue,
  before: JsonValue | undefined,
  state: DecodeState,
): JsonValue {
  const decoded =
    value === null && elem.kind !== 'struct' ? before : decodeValue(elem, struct, value, before, state)
  if (decoded !== undefined) return decoded
  if (elem.kind === 'special') return elem.special === 'quantity' ? '0' : null
  return elem.kind !== 'scalar' ? null : elem.scalar === 'string' ? '' : elem.scalar === 'bool' ? false : 0
}

const INT_LIMITS = { int32: 2 ** 31, int64: 2 ** 63 }

function decodeScalar(
  scalar: 'string' | 'bool' | 'int32' | 'int64',
  goType: string,
  value: JsonValue,
  state: DecodeState,
  atOnce = false,
): JsonValue | undefined {
  switch (scalar) {
    case 'string':
      if (typeof value === 'string') return value
      break
    case 'bool':
      if (typeof value === 'boolean') return value
      break
    default: {
      if (typeof value !== 'number') break
      // 2^63 is let through: JSON.parse makes it of the greatest int64, which is valid.
      const limit = INT_LIMITS[scalar]
      const fits =
        Number.isInteger(value) && value >= -limit && (value < limit || (value === limit && limit > 2 ** 53))
      if (fits) return value === 0 ? 0 : value
      typeError(value, goType, state, { found: `number ${value}`, atOnce })
      return undefined
    }
  }
  typeError(value, goType, state, { atOnce })
  return undefined
}
