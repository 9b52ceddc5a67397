/** Decides whether a value can be passed as a declared type, by Go's assignability and the rules of text/template. */
import { canBeNil, type GoType, intType, type PointerType, stringType } from '../types.ts'
import {
  ErrorValue,
  type GoValue,
  NilInterface,
  PointerValue,
  ScalarValue,
  StructValue,
  typeName,
  typeOf,
} from '../values.ts'
import { wrap, zeroOf } from '../wrap.ts'
import type { Site } from './site.ts'

/** The value as an argument of that type, or an error at `site`. */
export function fit(value: GoValue, type: GoType, site: Site): GoValue {
  if (type.kind === 'reflect') return value
  if (value === undefined) {
    if (canBeNil(type)) return zeroOf(type)
    return site.fail('type-mismatch', `invalid value; expected ${type.name}`)
  }
  if (type === stringType && typeof value === 'string') return value
  if (isAssignable(value, type)) return asCopy(value)
  if (value instanceof PointerValue && isTypeAssignable(value.type.elem, type)) {
    if (value.target !== undefined) return asCopy(value.target)
    return site.fail('nil-pointer', `dereference of nil pointer of type ${type.name}`)
  }
  if (value instanceof StructValue && value.addressable && isPointerTo(type, value)) {
    return new PointerValue(type, value)
  }
  const got = value === null ? 'interface {}' : typeName(value)
  return site.fail('type-mismatch', `wrong type for value; expected ${type.name}; got ${got}`)
}

/** A struct is passed as a copy, so its address cannot be taken any more. */
function asCopy(value: GoValue): GoValue {
  return value instanceof StructValue && value.addressable
    ? new StructValue(value.type, value.backing)
    : value
}

function isPointerTo(type: GoType, value: StructValue): type is PointerType {
  return type.kind === 'ptr' && type.elem === value.type
}

function isAssignable(value: GoValue, type: GoType): boolean {
  if (type.kind === 'interface') {
    if (type.requires.length === 0) return true
    if (value instanceof NilInterface) return value.type === type
    return type.requires.every((method) => hasMethod(value, method))
  }
  const own = typeOf(value)
  return own !== undefined && isTypeAssignable(own, type)
}

/** Between types that are not interfaces: the same type, or the same type literal if one of them is unnamed. */
function isTypeAssignable(from: GoType, to: GoType): boolean {
  if (from === to || from.name === to.name) return true
  if (to.kind === 'interface') return to.requires.length === 0
  return from.kind === to.kind && !(from.defined && to.defined) && underlyingName(from) === underlyingName(to)
}

/** Whether the value itself, not its address, has the method. */
export function hasMethod(value: GoValue, name: string): boolean {
  if (value instanceof ErrorValue) return name === 'Error'
  const type = typeOf(value)
  if (type === undefined) return false
  switch (type.kind) {
    case 'struct':
      return type.method(name)?.method.receiver === 'value'
    case 'ptr':
      return type.elem.kind === 'struct'
        ? type.elem.method(name) !== undefined
        : 'methods' in type.elem && type.elem.methods.some((method) => method.name === name)
    case 'interface':
    case 'map':
    case 'slice':
    case 'func':
    case 'reflect':
      return false
    default:
      return type.methods.some((method) => method.name === name && method.receiver === 'value')
  }
}

/** Go's prepareArg: for `call` and `index`, where integers convert among themselves. */
export function prepare(
  value: GoValue,
  type: GoType,
): { readonly value: GoValue } | { readonly problem: string } {
  if (value === undefined || value === null) {
    if (type.kind !== 'reflect' && !canBeNil(type)) {
      return { problem: `value is nil; should be of type ${type.name}` }
    }
    return { value: type.kind === 'reflect' ? value : zeroOf(type) }
  }
  if (type.kind === 'reflect' || isAssignable(value, type)) return { value: asCopy(value) }
  const own = typeOf(value) ?? intType
  if (isIntLike(own) && isIntLike(type)) return { value: convertInteger(value, type) }
  return { problem: `value has type ${own.name}; should be ${type.name}` }
}

export function isIntLike(type: GoType): boolean {
  return /^u?int(8|16|32|64)?$/.test(type.kind)
}

/** An integer of another integer type, wrapping as Go does. */
function convertInteger(value: GoValue, type: GoType): GoValue {
  return wrap(type, wrapInteger(integerOf(value) ?? 0n, type.kind))
}

/** The integer in a value of an integer type; undefined for other types. */
export function integerOf(value: GoValue): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (value instanceof ScalarValue && typeof value.value === 'bigint') return value.value
  return undefined
}

/** Go's conversion between integer types: the low bits. */
export function wrapInteger(value: bigint, kind: string): bigint {
  const bits = Number(/\d+$/.exec(kind)?.[0] ?? 64)
  return kind.startsWith('u') ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value)
}

/** The spelling of the underlying type literal, or the name itself if the type has none. */
function underlyingName(type: GoType): string {
  if (type.kind === 'slice') return `[]${type.elem.name}`
  if (type.kind === 'map') return `map[${type.key.name}]${type.elem.name}`
  return type.name
}
