/** Go's definition of truth, and dereferencing. */

import {
  BytesValue,
  ComplexValue,
  FuncValue,
  type GoValue,
  MapValue,
  NilInterface,
  PointerValue,
  ScalarValue,
  SliceValue,
  TypedValue,
} from '../values.ts'
import { mapSize } from '../wrap.ts'

/** Not the zero value of its type, and not empty. */
export function isTrue(value: GoValue): boolean {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value !== ''
    case 'undefined':
      return false
    case 'number':
      // NaN is not 0.
      return value !== 0
    case 'bigint':
      return value !== 0n
    case 'object':
      if (value === null) return false
      if (Array.isArray(value)) return value.length > 0
      return value instanceof TypedValue ? isTypedTrue(value) : hasKeys(value)
  }
}

function isTypedTrue(value: TypedValue): boolean {
  if (value instanceof ScalarValue) return isTrue(value.value)
  if (value instanceof PointerValue) return value.target !== undefined
  if (value instanceof MapValue) return mapSize(value) > 0
  if (value instanceof SliceValue) return value.length > 0
  if (value instanceof BytesValue) return value.bytes.length > 0
  if (value instanceof FuncValue) return value.call !== undefined
  if (value instanceof ComplexValue) return value.real !== 0 || value.imaginary !== 0
  return !(value instanceof NilInterface)
}

/** Maps known not to be empty: finding even one key of a large map takes time that grows with its size. */
const nonEmpty = new WeakSet<object>()

function hasKeys(map: object): boolean {
  if (nonEmpty.has(map)) return true
  for (const key in map) {
    if (!Object.hasOwn(map, key)) continue
    nonEmpty.add(map)
    return true
  }
  return false
}

/** Must be called by whoever removes a key from a map. */
export function mayBeEmpty(map: object): void {
  nonEmpty.delete(map)
}

/** Dereferences pointers; stops at a nil one and returns it. */
export function indirect(value: GoValue): GoValue {
  let current = value
  while (current instanceof PointerValue && current.target !== undefined) current = current.target
  return current
}

/** nil in an interface becomes the missing value. */
export function indirectInterface(value: GoValue): GoValue {
  return value === null || value instanceof NilInterface ? undefined : value
}
