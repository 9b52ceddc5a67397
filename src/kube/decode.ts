/**
 * What Go's encoding/json makes of a JSON value when it decodes it into a Kubernetes struct and encodes it again:
 * unknown fields gone, keys matched as Go matches them, quantities and times canonical, Go's order and omissions.
 * The first type error is reported when all is read, a bad quantity or time at once, as in Go.
 */
import {
  compareUtf8,
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  own,
  setOwn,
} from '../json/index.ts'
import type { FieldType, ScalarKind } from '../merge/index.ts'
import { type CodecField, type CodecStruct, isEmpty } from './codec-table.ts'
import { type DecodeState, errorAt, typeError } from './decode-state.ts'
import { parseQuantity } from './quantity.ts'
import { parseTime } from './time.ts'

/** @throws KubeError kube-type, kube-quantity, kube-time */
export function decodeStruct(struct: CodecStruct, value: JsonValue): JsonObject {
  const state: DecodeState = { steps: [], saved: undefined }
  const decoded = decodeObject(struct, value, undefined, state)
  if (state.saved !== undefined) throw state.saved
  return decoded
}

/** `before` is what an earlier key of the same field left (`name` and `Name`): Go decodes into that. */
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
  const slots: (JsonValue | undefined)[] = new Array(struct.fields.length)
  if (before !== undefined)
    for (const field of struct.fields) slots[field.slot] = own(before, field.schema.name)
  let unchanged = before === undefined
  let last = -1
  for (const key of Object.keys(value)) {
    const field = struct.field(key)
    if (field === undefined) {
      unchanged = false
      continue
    }
    const item = value[key] as JsonValue // one of its own keys
    state.steps.push(field)
    const decoded = decodeField(field, item, slots[field.slot], state)
    state.steps.pop()
    if (field.slot <= last || !Object.is(decoded, item) || key !== field.schema.name) unchanged = false
    last = field.slot
    slots[field.slot] = decoded
  }
  return write(struct, slots, unchanged ? value : undefined)
}

/** The struct's fields in Go's order; `original` itself where that is what it would be. */
function write(
  struct: CodecStruct,
  slots: (JsonValue | undefined)[],
  original: JsonObject | undefined,
): JsonObject {
  let same = original
  for (const { schema, type, slot, unset } of struct.fields) {
    const value = slots[slot]
    if (value === undefined) {
      if (unset === undefined) continue
      slots[slot] = unset
      same = undefined
    } else if (schema.omitEmpty && !schema.pointer && isEmpty(value, type)) {
      slots[slot] = undefined
      same = undefined
    }
  }
  if (same !== undefined) return same
  const object: { [key: string]: JsonValue } = {}
  for (const { schema, slot } of struct.fields) {
    const value = slots[slot]
    if (value !== undefined) object[schema.name] = value
  }
  return object
}

/** Undefined: as if the field had not been there. */
function decodeField(
  field: CodecField,
  value: JsonValue,
  before: JsonValue | undefined,
  state: DecodeState,
): JsonValue | undefined {
  const { type, schema } = field
  if (value === null) {
    // Null empties what can be nil and leaves everything else alone.
    const keeps = !schema.pointer && (type.kind === 'scalar' || type.kind === 'struct')
    return keeps ? before : undefined
  }
  if (type.kind === 'special' && type.special === 'time') {
    const time = decodeTime(value, state)
    return time === null && !schema.pointer ? undefined : time
  }
  return decodeValue(type, field.struct, value, before, state)
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
      // The table gives every struct type its struct.
      return decodeObject(struct as CodecStruct, value, isObject(before) ? before : undefined, state)
    case 'list':
      if (Array.isArray(value)) return decodeList(type.elem, struct, value, before, state)
      typeError(value, type.goType, state)
      return before
    case 'map':
      if (isObject(value)) return decodeMap(type.elem, struct, value, before, state)
      typeError(value, type.goType, state)
      return before
    case 'special':
      switch (type.special) {
        case 'quantity':
          return decodeQuantity(value, state)
        case 'intOrString':
          if (typeof value === 'string') return value
          return decodeScalar('int32', 'int32', value, state, true) ?? 0
        case 'time':
          return decodeTime(value, state)
        case 'rawObject':
          return value
      }
  }
}

function decodeList(
  elem: FieldType,
  struct: CodecStruct | undefined,
  list: JsonArray,
  before: JsonValue | undefined,
  state: DecodeState,
): JsonArray {
  const old: JsonArray = Array.isArray(before) ? before : []
  const decoded: JsonValue[] = new Array(list.length)
  let unchanged = true
  for (let i = 0; i < list.length; i++) {
    const item = list[i] as JsonValue // i is within the list
    state.steps.push(i)
    decoded[i] = decodeElement(elem, struct, item, old[i], state)
    state.steps.pop()
    if (!Object.is(decoded[i], item)) unchanged = false
  }
  return unchanged ? list : decoded
}

function decodeMap(
  elem: FieldType,
  struct: CodecStruct | undefined,
  map: JsonObject,
  before: JsonValue | undefined,
  state: DecodeState,
): JsonObject {
  const decoded = new Map<string, JsonValue>(isObject(before) ? Object.entries(before) : undefined)
  let unchanged = decoded.size === 0
  let last: string | undefined
  for (const key of Object.keys(map)) {
    const item = map[key] as JsonValue // one of its own keys
    state.steps.push(key)
    const value = decodeElement(elem, struct, item, undefined, state)
    state.steps.pop()
    decoded.set(key, value)
    if (!Object.is(value, item) || (last !== undefined && compareUtf8(last, key) > 0)) unchanged = false
    last = key
  }
  if (unchanged) return map
  const object: { [key: string]: JsonValue } = {}
  // Its own keys are what is asked for.
  for (const key of [...decoded.keys()].sort(compareUtf8)) setOwn(object, key, decoded.get(key) as JsonValue)
  return object
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

const INT_LIMITS: { readonly [kind in 'int32' | 'int64']: number } = { int32: 2 ** 31, int64: 2 ** 63 }

function decodeScalar(
  scalar: ScalarKind,
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

function decodeQuantity(value: JsonValue, state: DecodeState): JsonValue {
  const text = typeof value === 'string' ? trimAsGo(value) : JSON.stringify(value)
  const quantity = parseQuantity(text)
  if (quantity.ok) return quantity.canonical
  throw errorAt('kube-quantity', `${quantity.error}`, state)
}

/** Go trims the JSON text, where a tab or line break is still an escape. */
function trimAsGo(text: string): string {
  const trimmed = text.trim()
  if (trimmed.length === text.length) return text
  return /[\t\n\v\f\r\ufeff]/.test(text) ? text : trimmed
}

function decodeTime(value: JsonValue, state: DecodeState): string | null {
  if (typeof value !== 'string') {
    typeError(value, 'string', state, { atOnce: true })
    return null
  }
  const time = parseTime(value)
  if (time.ok) return time.canonical
  throw errorAt('kube-time', time.error, state)
}
