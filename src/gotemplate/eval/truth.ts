/** Go's definition of truth, and dereferencing. */

import type { FunctionContext } from '../context.ts'
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
export function isTrue(value: GoValue, { filledMaps }: FunctionContext): boolean {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value !== ''
    case 'undefined':
      return false
    case 'number':
    case 'bigint':
      return isNotZero(value)
    case 'object':
      if (value === null) return false
      if (Array.isArray(value)) return value.length > 0
      return value instanceof TypedValue ? isTypedTrue(value) : filledMaps.has(value)
  }
}

function isTypedTrue(value: TypedValue): boolean {
  if (value instanceof ScalarValue) return isNotZero(value.value)
  if (value instanceof PointerValue) return value.target !== undefined
  if (value instanceof MapValue) return mapSize(value) > 0
  if (value instanceof SliceValue) return value.length > 0
  if (value instanceof BytesValue) return value.bytes.length > 0
  if (value instanceof FuncValue) return value.call !== undefined
  if (value instanceof ComplexValue) return value.real !== 0 || value.imaginary !== 0
  return !(value instanceof NilInterface)
}

function isNotZero(value: ScalarValue['value']): boolean {
  // NaN is not 0.
  return typeof value === 'bigint' ? value !== 0n : value !== false && value !== '' && value !== 0
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
