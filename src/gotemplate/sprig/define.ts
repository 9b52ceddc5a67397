/** Declares sprig's functions: narrows arguments that were checked, and makes errors. */
import { type FunctionSpec, GoFunctionError } from '../functions.ts'
import { anyType, boolType, type GoType, intType, stringType } from '../types.ts'
import { type GoValue, ScalarValue } from '../values.ts'

/** An argument of a string parameter. */
export function text(value: GoValue): string {
  return typeof value === 'string' ? value : ''
}

/** An argument of an int, int64 or int32 parameter as a count. */
export function count(value: GoValue): number {
  if (typeof value === 'bigint') return Number(value)
  return value instanceof ScalarValue ? Number(value.value) : 0
}

/** A function of string parameters. */
export function ofStrings(
  arity: number,
  returns: GoType,
  call: (texts: readonly string[], context: Parameters<FunctionSpec['call']>[1]) => GoValue,
): FunctionSpec {
  return {
    params: new Array<GoType>(arity).fill(stringType),
    returns,
    call: (args, context) => call(args.map(text), context),
  }
}

/** A function of any arguments: `arity` fixed ones, then `variadic` ones. */
export function ofAny(
  arity: number,
  returns: GoType,
  call: FunctionSpec['call'],
  variadic = false,
): FunctionSpec {
  const params = new Array<GoType>(arity + (variadic ? 1 : 0)).fill(anyType)
  return { params, variadic, returns, call }
}

/** A panic of sprig's own; afterwards only the runtime's panics (a nil dereference, say) count as panics. */
export function panic(message: string): GoFunctionError {
  return new GoFunctionError(message, /^(runtime error|interface conversion)/.test(message))
}

export const NIL_DEREFERENCE = 'runtime error: invalid memory address or nil pointer dereference'

export { anyType, boolType, intType, stringType }
