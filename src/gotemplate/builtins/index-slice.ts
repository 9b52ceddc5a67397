/** The builtins index, slice and len. */
import { BuiltinError } from '../eval/call.ts'
import { integerOf, prepare } from '../eval/fit.ts'
import { indirect, indirectInterface } from '../eval/truth.ts'
import type { FunctionTable } from '../functions.ts'
import { byteLength, sliceBytes, toBytes } from '../strconv/go-string.ts'
import { anyType, intType, reflectType, stringType, uint8Type } from '../types.ts'
import {
  BytesValue,
  type GoValue,
  isGoList,
  isGoMap,
  type MapKey,
  MapValue,
  NilInterface,
  PointerValue,
  ScalarValue,
  SliceValue,
  typeName,
} from '../values.ts'
import { listGet, listLength, mapGet, mapSize, zeroOf } from '../wrap.ts'

/** The text of a string value of any string type. */
function textOf(value: GoValue): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof ScalarValue && typeof value.value === 'string' ? value.value : undefined
}

function isNilPointer(value: GoValue): boolean {
  return value === null || value instanceof NilInterface || value instanceof PointerValue
}

function indexNumber(index: GoValue, limit: number): number {
  if (index === undefined) throw new BuiltinError('type-mismatch', 'cannot index slice/array with nil')
  const whole = integerOf(index)
  if (whole === undefined) {
    throw new BuiltinError('type-mismatch', `cannot index slice/array with type ${typeName(index)}`)
  }
  if (whole < 0n || whole > BigInt(limit))
    throw new BuiltinError('index-range', `index out of range: ${whole}`)
  return Number(whole)
}

function indexOne(item: GoValue, index: GoValue): GoValue {
  // The most frequent use in templates: a label, an annotation.
  if (item instanceof MapValue && typeof index === 'string' && item.type.key === stringType)
    return mapGet(item, index) ?? zeroOf(item.type.elem)
  const text = textOf(item)
  if (text !== undefined) {
    const bytes = toBytes(text)
    const byte = bytes[indexNumber(index, bytes.length)]
    if (byte === undefined) throw new BuiltinError('index-range', 'reflect: string index out of range')
    return new ScalarValue(uint8Type, BigInt(byte))
  }
  if (item instanceof BytesValue) {
    const byte = item.bytes[indexNumber(index, item.bytes.length)]
    if (byte === undefined) throw new BuiltinError('index-range', 'reflect: slice index out of range')
    return new ScalarValue(uint8Type, BigInt(byte))
  }
  if (isGoList(item) || item instanceof SliceValue) {
    const length = listLength(item)
    const at = indexNumber(index, length)
    if (at === length) throw new BuiltinError('index-range', 'reflect: slice index out of range')
    return listGet(item, at)
  }
  if (isGoMap(item) || item instanceof MapValue) {
    const keyType = item instanceof MapValue ? item.type.key : stringType
    const key = prepare(index, keyType)
    if ('problem' in key) throw new BuiltinError('type-mismatch', key.problem)
    const found = mapGet(item, mapKeyOf(key.value))
    if (found !== undefined) return found
    return zeroOf(item instanceof MapValue ? item.type.elem : anyType)
  }
  throw new BuiltinError('type-mismatch', `can't index item of type ${typeName(item)}`)
}

function mapKeyOf(value: GoValue): MapKey {
  const bare = value instanceof ScalarValue ? value.value : value
  // The key fits the map's key type, and there are no other key types.
  return bare as MapKey
}

/** Indexes the first argument by the others. */
function index(args: readonly GoValue[]): GoValue {
  let current = indirectInterface(args[0])
  if (current === undefined) throw new BuiltinError('type-mismatch', 'index of untyped nil')
  for (let i = 1; i < args.length; i++) {
    current = indirect(current)
    if (isNilPointer(current)) throw new BuiltinError('nil-pointer', 'index of nil pointer')
    current = indexOne(current, indirectInterface(args[i]))
  }
  return current
}

function slice(item: GoValue, indexes: readonly GoValue[]): GoValue {
  const given = indirectInterface(item)
  if (given === undefined) throw new BuiltinError('type-mismatch', 'slice of untyped nil')
  const target = indirect(given)
  if (isNilPointer(target)) throw new BuiltinError('nil-pointer', 'slice of nil pointer')
  if (indexes.length > 3) {
    throw new BuiltinError('index-range', `too many slice indexes: ${indexes.length}`)
  }
  const text = textOf(target)
  if (text !== undefined && indexes.length === 3) {
    throw new BuiltinError('type-mismatch', 'cannot 3-index slice a string')
  }
  const length = text === undefined ? sliceLength(target) : byteLength(text)
  const bounds = indexes.map((bound) => indexNumber(bound, length))
  const [start = 0, end = length, capacity = length] = bounds
  if (start > end) throw new BuiltinError('index-range', `invalid slice index: ${start} > ${end}`)
  if (end > capacity) throw new BuiltinError('index-range', `invalid slice index: ${end} > ${capacity}`)
  if (typeof target === 'string') return sliceBytes(target, start, end)
  if (target instanceof ScalarValue) return new ScalarValue(target.type, sliceBytes(text ?? '', start, end))
  if (target instanceof BytesValue) return new BytesValue(target.bytes.subarray(start, end))
  if (target instanceof SliceValue) return new SliceValue(target.type, target.backing?.slice(start, end))
  return isGoList(target) ? target.slice(start, end) : target
}

function sliceLength(value: GoValue): number {
  if (isGoList(value) || value instanceof SliceValue) return listLength(value)
  if (value instanceof BytesValue) return value.bytes.length
  throw new BuiltinError('type-mismatch', `can't slice item of type ${typeName(value)}`)
}

function lengthOf(item: GoValue): bigint {
  const target = indirect(item)
  if (isNilPointer(target)) throw new BuiltinError('nil-pointer', 'len of nil pointer')
  const text = textOf(target)
  if (text !== undefined) return BigInt(byteLength(text))
  if (isGoMap(target) || target instanceof MapValue) return BigInt(mapSize(target))
  if (isGoList(target) || target instanceof SliceValue) return BigInt(listLength(target))
  if (target instanceof BytesValue) return BigInt(target.bytes.length)
  if (target === undefined) {
    throw new BuiltinError('type-mismatch', 'reflect: call of reflect.Value.Type on zero Value')
  }
  throw new BuiltinError('type-mismatch', `len of type ${typeName(target)}`)
}

export const indexing: FunctionTable = {
  index: {
    params: [reflectType, reflectType],
    variadic: true,
    returns: reflectType,
    call: index,
  },
  slice: {
    params: [reflectType, reflectType],
    variadic: true,
    returns: reflectType,
    call: ([item, ...indexes], { budget }) => {
      budget.allocate(typeof item === 'string' ? item.length : 0)
      const part = slice(item, indexes)
      if (isGoList(part) || part instanceof SliceValue) budget.charge(listLength(part) >> 4)
      return part
    },
  },
  len: {
    params: [reflectType],
    returns: intType,
    call: ([item], { budget }) => {
      const length = lengthOf(item)
      // Counting a map's keys is more than a single step.
      budget.charge(Number(length >> 3n))
      return length
    },
  },
}
