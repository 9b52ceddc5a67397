/** default, empty, coalesce, all, any, ternary, and sprig's functions on types. */
import type { FunctionTable } from '../functions.ts'
import { anyType, boolType, type GoType, stringType } from '../types.ts'
import { type GoValue, typeName } from '../values.ts'
import { deepEqual } from './deep-equal.ts'
import { ofAny, text } from './define.ts'
import { isEmptyValue } from './empty.ts'
import { kindName } from './list-items.ts'

/** A function of a type name and a value to compare with it. */
function named(call: (name: string, value: GoValue) => boolean): FunctionTable[string] {
  const params: readonly GoType[] = [stringType, anyType]
  return { params, returns: boolType, call: ([name, value]) => call(text(name), value) }
}

export const defaults: FunctionTable = {
  default: ofAny(
    1,
    anyType,
    ([fallback, ...given], context) =>
      given.length === 0 || isEmptyValue(given[0], context) ? fallback : given[0],
    true,
  ),
  empty: ofAny(1, boolType, ([value], context) => isEmptyValue(value, context)),
  coalesce: ofAny(
    0,
    anyType,
    (values, context) => values.find((value) => !isEmptyValue(value, context)) ?? null,
    true,
  ),
  all: ofAny(0, boolType, (values, context) => !values.some((value) => isEmptyValue(value, context)), true),
  any: ofAny(0, boolType, (values, context) => values.some((value) => !isEmptyValue(value, context)), true),
  ternary: {
    params: [anyType, anyType, boolType],
    returns: anyType,
    call: ([yes, no, condition]) => (condition === true ? yes : no),
  },
  typeOf: ofAny(1, stringType, ([value]) => typeName(value)),
  typeIs: named((name, value) => name === typeName(value)),
  typeIsLike: named((name, value) => name === typeName(value) || `*${name}` === typeName(value)),
  kindOf: ofAny(1, stringType, ([value]) => kindName(value)),
  kindIs: named((name, value) => name === kindName(value)),
  deepEqual: ofAny(2, boolType, ([a, b], { budget }) => deepEqual(a, b, budget)),
}
