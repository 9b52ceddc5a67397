/** The builtins eq, ne, lt, le, gt, ge and not. */
import { BuiltinError } from '../eval/call.ts'
import { indirectInterface, isTrue } from '../eval/truth.ts'
import type { FunctionTable } from '../functions.ts'
import { compareStrings } from '../strconv/go-string.ts'
import { boolType, reflectType, type StructType } from '../types.ts'
import { type GoValue, isGoList, ScalarValue, StructValue, typeName, typeOf } from '../values.ts'
import { readField } from '../wrap.ts'
import { isNil } from './nil.ts'

type BasicKind = 'bool' | 'complex' | 'int' | 'float' | 'string' | 'uint' | undefined

/** Go's groups of kinds that can be compared with each other. */
function basicKind(value: GoValue): BasicKind {
  const kind = typeOf(value)?.kind
  switch (kind) {
    case 'bool':
    case 'string':
      return kind
    case 'complex128':
      return 'complex'
    case 'float32':
    case 'float64':
      return 'float'
    case undefined:
    case 'interface':
    case 'map':
    case 'slice':
    case 'struct':
    case 'ptr':
    case 'func':
    case 'reflect':
      return undefined
    default:
      return kind.startsWith('u') ? 'uint' : 'int'
  }
}

type Plain = boolean | string | number | bigint

function plain(value: GoValue): Plain {
  // Only called for the basic kinds except complex, which are these.
  return value instanceof ScalarValue ? value.value : (value as Plain)
}

/** Integers compare across signedness; other kinds only with their own. */
function comparable(a: BasicKind, b: BasicKind): boolean {
  return a === b || (a === 'int' && b === 'uint') || (a === 'uint' && b === 'int')
}

function incompatible(a: GoValue, b: GoValue): BuiltinError {
  return new BuiltinError(
    'bad-comparison',
    `incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`,
  )
}

/** Whether the first equals any of the others. */
function equalsAny(values: readonly GoValue[]): boolean {
  const [first, second] = values
  // The most frequent comparison in templates.
  if (values.length === 2 && typeof first === 'string' && typeof second === 'string') return first === second
  const a = indirectInterface(first)
  if (values.length < 2) throw new BuiltinError('arg-count', 'missing argument for comparison')
  const kind = basicKind(a)
  for (const other of values.slice(1)) {
    const b = indirectInterface(other)
    const otherKind = basicKind(b)
    if (!comparable(kind, otherKind)) {
      if (a !== undefined && b !== undefined) throw incompatible(a, b)
    } else if (kind === undefined || kind === 'complex') {
      if (equalOthers(a, b)) return true
    } else if (plain(a) === plain(b)) return true
  }
  return false
}

function equalOthers(a: GoValue, b: GoValue): boolean {
  if (a !== undefined && b !== undefined && typeOf(a)?.kind !== typeOf(b)?.kind) {
    throw new BuiltinError('bad-comparison', `non-comparable types ${typeName(a)}, ${typeName(b)}`)
  }
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b)
  const type = typeOf(b)
  if (type?.kind === 'map' || type?.kind === 'slice' || type?.kind === 'func' || !structComparable(b)) {
    throw new BuiltinError('bad-comparison', `non-comparable type ${typeName(b)}`)
  }
  return sameValue(a, b)
}

function structComparable(value: GoValue): boolean {
  return !(value instanceof StructValue) || typeComparable(value.type)
}

function typeComparable(type: StructType): boolean {
  return type.fields.every(({ type: field }) => {
    if (field.kind === 'struct') return typeComparable(field)
    return field.kind !== 'map' && field.kind !== 'slice' && field.kind !== 'func'
  })
}

function sameValue(a: GoValue, b: GoValue): boolean {
  if (a instanceof StructValue && b instanceof StructValue) {
    return (
      a.type === b.type && a.type.fields.every((field) => sameValue(readField(a, field), readField(b, field)))
    )
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (isGoList(a) || isGoList(b)) return false
  if (a instanceof ScalarValue && b instanceof ScalarValue) {
    return a.type.name === b.type.name && a.value === b.value
  }
  return samePointer(a, b)
}

function samePointer(a: object, b: object): boolean {
  if (a === b) return true
  if ('target' in a && 'target' in b) {
    const left = a.target instanceof StructValue ? (a.target.backing ?? a.target) : a.target
    const right = b.target instanceof StructValue ? (b.target.backing ?? b.target) : b.target
    return typeof left === 'object' && left === right
  }
  if ('real' in a && 'real' in b && 'imaginary' in a && 'imaginary' in b) {
    return a.real === b.real && a.imaginary === b.imaginary
  }
  return a === b
}

function less(first: GoValue, second: GoValue): boolean {
  const a = indirectInterface(first)
  const b = indirectInterface(second)
  const kind = basicKind(a)
  const otherKind = basicKind(b)
  if (kind === undefined || otherKind === undefined) throw badType()
  if (!comparable(kind, otherKind)) throw incompatible(a, b)
  if (kind === 'bool' || kind === 'complex') throw badType()
  const x = plain(a)
  const y = plain(b)
  return typeof x === 'string' && typeof y === 'string' ? compareStrings(x, y) < 0 : x < y
}

function badType(): BuiltinError {
  return new BuiltinError('bad-comparison', 'invalid type for comparison')
}

const two = { params: [reflectType, reflectType], returns: boolType }

export const comparisons: FunctionTable = {
  eq: {
    params: [reflectType, reflectType],
    variadic: true,
    returns: boolType,
    call: equalsAny,
  },
  ne: { ...two, call: (values) => !equalsAny(values) },
  lt: { ...two, call: ([a, b]) => less(a, b) },
  le: { ...two, call: ([a, b]) => less(a, b) || equalsAny([a, b]) },
  gt: { ...two, call: ([a, b]) => !(less(a, b) || equalsAny([a, b])) },
  ge: { ...two, call: ([a, b]) => !less(a, b) },
  not: { params: [reflectType], returns: boolType, call: ([value], context) => !isTrue(value, context) },
}
