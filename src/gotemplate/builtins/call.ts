/** The builtin `call`. */
import type { FunctionContext } from '../context.ts'
import { BuiltinError, checkArgumentCount, parameterType } from '../eval/call.ts'
import { prepare } from '../eval/fit.ts'
import { indirectInterface } from '../eval/truth.ts'
import { GoFunctionError } from '../functions.ts'
import { FuncValue, type GoValue, typeName } from '../values.ts'

/** Calls the first argument with the others. `callee`: its source text, for messages. */
export function callValue(callee: string, args: readonly GoValue[], context: FunctionContext): GoValue {
  const fn = indirectInterface(args[0])
  if (fn === undefined) throw new BuiltinError('not-a-function', 'call of nil')
  if (!(fn instanceof FuncValue)) {
    throw new BuiltinError('not-a-function', `non-function ${callee} of type ${typeName(fn)}`)
  }
  const { type } = fn
  const { length } = type.results
  const second = type.results[1]
  if (length === 2 && second?.name !== 'error') {
    throw new GoFunctionError(
      `invalid function signature for ${callee}: second return value should be error; is ${second?.name}`,
    )
  }
  if (length !== 1 && length !== 2) {
    throw new GoFunctionError(`function ${callee} has ${length} return values; should be 1 or 2`)
  }
  const given = args.slice(1)
  const problem = checkArgumentCount(type, callee, given.length, given.length)
  if (problem !== undefined) throw new BuiltinError('arg-count', problem)
  const prepared = given.map((arg, i) => {
    const fitting = prepare(indirectInterface(arg), parameterType(type, i))
    if ('problem' in fitting) throw new BuiltinError('type-mismatch', `arg ${i}: ${fitting.problem}`)
    return fitting.value
  })
  if (fn.call === undefined) {
    throw new BuiltinError('not-a-function', 'reflect.Value.Call: call of nil function')
  }
  return fn.call(prepared, context)
}
