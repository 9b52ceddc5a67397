/** Counts and types arguments, and interprets errors thrown by a callee. */
import { BudgetError } from '../budget.ts'
import type { ExecErrorClass } from '../errors.ts'
import { GoFunctionError } from '../functions.ts'
import type { GoType } from '../types.ts'

/** A function, a method or a function held as data. */
export interface Callable {
  readonly params: readonly GoType[]
  readonly variadic?: boolean | undefined
}

/** An error of a builtin, which has its own error class. */
export class BuiltinError extends GoFunctionError {
  readonly class: ExecErrorClass

  constructor(kind: ExecErrorClass, message: string) {
    super(message)
    this.class = kind
  }
}

/** The type of argument number `index`. */
export function parameterType(callable: Callable, index: number): GoType {
  const { params } = callable
  const type = params[Math.min(index, params.length - 1)]
  // The number of arguments has been checked already.
  if (type === undefined) throw new RangeError(`argument ${index} of a function without parameters`)
  return type
}

/** The problem with that number of arguments, if any. `given` excludes a piped one, as Go's message does. */
export function checkArgumentCount(
  callable: Callable,
  name: string,
  count: number,
  given: number,
): string | undefined {
  const { params, variadic } = callable
  if (variadic === true) {
    const least = params.length - 1
    return count < least ? `wrong number of args for ${name}: want at least ${least} got ${given}` : undefined
  }
  return count === params.length
    ? undefined
    : `wrong number of args for ${name}: want ${params.length} got ${count}`
}

/** Class and message of an error thrown by a function; rethrows errors that are not the function's. */
export function describeFailure(name: string, error: unknown): [ExecErrorClass, string] {
  if (error instanceof BuiltinError) return [error.class, `error calling ${name}: ${error.message}`]
  if (error instanceof GoFunctionError) {
    return [error.panicked ? 'panic' : 'function-error', `error calling ${name}: ${error.message}`]
  }
  if (error instanceof BudgetError) {
    return [error.dimension === 'depth' ? 'too-deep' : 'budget', `error calling ${name}: ${error.message}`]
  }
  throw error
}
