/**
 * Reads backing data (JSON, or existing values) as a value of a declared Go type: absent and null become the type's
 * zero value, as when Go decodes into that type.
 */
import { own } from '../json/index.ts'
import {
  boolType,
  type FieldSpec,
  float64Type,
  type GoType,
  intType,
  type MapType,
  type ScalarType,
  type SliceType,
  stringType,
} from './types.ts'
import {
  type Backing,
  FuncValue,
  type GoList,
  type GoMap,
  type GoValue,
  type MapKey,
  MapValue,
  NilInterface,
  PointerValue,
  ScalarValue,
  SliceValue,
  StructValue,
  TypedValue,
} from './values.ts'

/** `raw` as a value of that type. `addressable`: reached through a pointer or list, which matters for structs only. */
export function wrap(type: GoType, raw: unknown, addressable = false): GoValue {
  if (raw instanceof TypedValue) {
    if (type.kind === 'ptr' && !(raw instanceof PointerValue))
      return new PointerValue(type, readdress(raw, true))
    // The content of an interface has no address.
    return readdress(raw, addressable && type.kind !== 'interface')
  }
  switch (type.kind) {
    case 'string':
      if (type === stringType) return typeof raw === 'string' ? raw : ''
      return new ScalarValue(type, typeof raw === 'string' ? raw : '')
    case 'bool':
      return type === boolType ? raw === true : new ScalarValue(type, raw === true)
    case 'float64':
      return type === float64Type ? toFloat(raw) : new ScalarValue(type, toFloat(raw))
    case 'float32':
      return new ScalarValue(type, Math.fround(toFloat(raw)))
    case 'complex128':
      return new ScalarValue(type, 0)
    case 'interface':
      if (raw === undefined || raw === null) {
        return type.requires.length === 0 ? null : new NilInterface(type)
      }
      // The content of an interface is in JSON's own form: every JSON value is a GoValue.
      return raw as GoValue
    case 'reflect':
      return raw as GoValue
    case 'ptr':
      return new PointerValue(
        type,
        raw === undefined || raw === null ? undefined : wrap(type.elem, raw, true),
      )
    case 'struct':
      return new StructValue(type, isBacking(raw) ? raw : undefined, addressable)
    case 'map':
      return wrapMap(type, raw)
    case 'slice':
      return wrapSlice(type, raw)
    case 'func':
      return new FuncValue(type, undefined)
    default:
      return integer(type, raw)
  }
}

/** Go's zero value of the type. */
export function zeroOf(type: GoType): GoValue {
  return wrap(type, undefined)
}

/** An integer of the type; anything else is 0. */
function integer(type: ScalarType, raw: unknown): bigint | ScalarValue {
  const value = toInteger(raw)
  return type === intType ? value : new ScalarValue(type, value)
}

function toInteger(raw: unknown): bigint {
  if (typeof raw === 'bigint') return raw
  if (typeof raw === 'number') return Number.isInteger(raw) ? BigInt(raw) : 0n
  // Protobuf's JSON writes 64-bit integers as strings.
  if (typeof raw === 'string' && /^-?\d{1,20}$/.test(raw)) return BigInt(raw)
  return 0n
}

function toFloat(raw: unknown): number {
  return typeof raw === 'number' ? raw : 0
}

function wrapMap(type: MapType, raw: unknown): GoMap | MapValue {
  if (raw instanceof Map) return new MapValue(type, raw)
  if (!isBacking(raw)) return new MapValue(type, undefined)
  const plain = !type.defined && type.key === stringType && isAny(type.elem)
  // As above: JSON's own form.
  return plain ? (raw as GoMap) : new MapValue(type, raw)
}

function wrapSlice(type: SliceType, raw: unknown): GoList | SliceValue {
  if (!Array.isArray(raw)) return new SliceValue(type, undefined)
  return !type.defined && isAny(type.elem) ? (raw as GoList) : new SliceValue(type, raw)
}

function isAny(type: GoType): boolean {
  return type.kind === 'interface' && type.requires.length === 0
}

function isBacking(raw: unknown): raw is Backing {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}

/** Whether a struct is addressable is decided where it is read, not where it was created. */
function readdress(value: TypedValue, addressable: boolean): TypedValue {
  if (value instanceof StructValue && value.addressable !== addressable) {
    return new StructValue(value.type, value.backing, addressable)
  }
  return value
}

/** The field's value, wrapped by its type. */
export function readField(struct: StructValue, field: FieldSpec): GoValue {
  const { backing } = struct
  if (backing === undefined) {
    return field.read === undefined
      ? wrap(field.type, undefined, struct.addressable)
      : field.read(undefined, {})
  }
  const key = field.json ?? field.name
  const raw = key === '' ? backing : own(backing, key)
  if (field.read !== undefined && !(raw instanceof TypedValue)) return field.read(raw, backing)
  return wrap(field.type, raw, struct.addressable)
}

/** A map's element, or undefined if there is no such key. */
export function mapGet(map: GoMap | MapValue, key: MapKey): GoValue {
  if (!(map instanceof MapValue)) {
    const value = own(map, String(key))
    return value === undefined ? undefined : value
  }
  const { backing, type } = map
  if (backing === undefined) return undefined
  if (backing instanceof Map) return backing.has(key) ? wrap(type.elem, backing.get(key)) : undefined
  const keyed = backing as Backing // not a Map, so it is keyed by text
  return Object.hasOwn(keyed, String(key)) ? wrap(type.elem, keyed[String(key)]) : undefined
}

/** A map's keys, unsorted. */
export function mapKeys(map: GoMap | MapValue): readonly MapKey[] {
  if (!(map instanceof MapValue)) return Object.keys(map)
  if (map.backing === undefined) return []
  return map.backing instanceof Map ? [...map.backing.keys()] : Object.keys(map.backing)
}

export function mapSize(map: GoMap | MapValue): number {
  if (map instanceof MapValue && map.backing instanceof Map) return map.backing.size
  return mapKeys(map).length
}

/** A list's element; the index is in range. */
export function listGet(list: GoList | SliceValue, index: number): GoValue {
  if (!(list instanceof SliceValue)) return list[index]
  return wrap(list.type.elem, list.backing?.[index], true)
}

export function listLength(list: GoList | SliceValue): number {
  return list.length
}
