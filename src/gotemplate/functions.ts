/**
 * How functions for templates are declared. The functions are in builtins/ and sprig/, argument checking in call.ts.
 */
import type { FunctionContext } from './context.ts'
import type { GoType, GoValue } from './types.ts'

export interface FunctionSpec {
  readonly params: readonly GoType[]
  /** The type of the last parameter is then that of each further argument. */
  readonly variadic?: boolean
  readonly returns: GoType
  /**
   * Gets arguments of the declared types: a string parameter gets a string, `any` gets any value (null if it is
   * missing), `reflectType` may also be undefined. Throws GoFunctionError for what Go returns as an error.
   */
  readonly call: (args: readonly GoValue[], context: FunctionContext) => GoValue
  /** Depends on the request's clock or seed. */
  readonly impure?: 'clock' | 'random'
  /** Changes an argument in place (sprig's set): the caller must pass data that may change. */
  readonly mutates?: boolean
  /** The reason why the function is not supported: using it is an error when the template is compiled. */
  readonly refused?: string
}

/** By name, as a template calls them. Later tables override earlier ones. */
export type FunctionTable = Readonly<Record<string, FunctionSpec>>

/** The error that Go's function returns, or (`panicked`) the text with which it panics. */
export class GoFunctionError extends Error {
  readonly panicked: boolean

  constructor(message: string, panicked = false) {
    super(message)
    this.name = 'GoFunctionError'
    this.panicked = panicked
  }
}
