/** Go's reflect.DeepEqual: same type, same content. */
import type { Budget } from '../budget.ts'
import { GoFunctionError } from '../functions.ts'
import {
  BytesValue,
  ComplexValue,
  ErrorValue,
  FuncValue,
  type GoValue,
  isGoMap,
  MapValue,
  PointerValue,
  ScalarValue,
  SliceValue,
  StructValue,
  typeName,
} from '../values.ts'
import { listGet, listLength, mapGet, mapKeys, readField } from '../wrap.ts'

const MAX_DEPTH = 500

export function deepEqual(a: GoValue, b: GoValue, budget: Budget, depth = 0): boolean {
  budget.step()
  if (depth > MAX_DEPTH) throw new GoFunctionError('the values are nested too deeply to be compared')
  const left = a ?? null
  const right = b ?? null
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return left === right
  }
  if (typeName(left) !== typeName(right)) return false
  const next = (x: GoValue, y: GoValue): boolean => deepEqual(x, y, budget, depth + 1)
  if (left instanceof ScalarValue && right instanceof ScalarValue) return left.value === right.value
  if ((isGoMap(left) || left instanceof MapValue) && (isGoMap(right) || right instanceof MapValue)) {
    return equalMaps(left, right, next)
  }
  if (
    (Array.isArray(left) || left instanceof SliceValue) &&
    (Array.isArray(right) || right instanceof SliceValue)
  ) {
    if (isNilList(left) !== isNilList(right) || listLength(left) !== listLength(right)) return false
    for (let i = 0; i < listLength(left); i++) if (!next(listGet(left, i), listGet(right, i))) return false
    return true
  }
  if (left instanceof StructValue && right instanceof StructValue) {
    return left.type.fields.every((field) => next(readField(left, field), readField(right, field)))
  }
  if (left instanceof PointerValue && right instanceof PointerValue) {
    if (left.target === undefined || right.target === undefined) return left.target === right.target
    return next(left.target, right.target)
  }
  if (left instanceof BytesValue && right instanceof BytesValue)
    return Buffer.compare(left.bytes, right.bytes) === 0
  if (left instanceof ErrorValue && right instanceof ErrorValue) return left.message === right.message
  if (left instanceof FuncValue && right instanceof FuncValue)
    return left.call === undefined && right.call === undefined
  return left instanceof ComplexValue && right instanceof ComplexValue
    ? left.real === right.real && left.imaginary === right.imaginary
    : true
}

type AnyMap = Parameters<typeof mapGet>[0]

function equalMaps(a: AnyMap, b: AnyMap, next: (x: GoValue, y: GoValue) => boolean): boolean {
  const isNil = (map: AnyMap): boolean => map instanceof MapValue && map.backing === undefined
  const keys = mapKeys(a)
  if (isNil(a) !== isNil(b) || keys.length !== mapKeys(b).length) return false
  return keys.every((key) => {
    const other = mapGet(b, key)
    return other !== undefined && next(mapGet(a, key), other)
  })
}

function isNilList(list: readonly GoValue[] | SliceValue): boolean {
  return list instanceof SliceValue && list.backing === undefined
}
