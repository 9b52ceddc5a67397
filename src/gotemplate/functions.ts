/**
 * Owns: how functions that templates call are declared, and what they are given.
 * Not here: the functions themselves (builtins/, sprig/) and argument checking (call.ts).
 */
import type { FunctionContext } from './context.ts'
import type { GoType, GoValue } from './types.ts'

export interface FunctionSpec {
  readonly params: readonly GoType[]
  /** The last parameter's type is then that of each further argument. */
  readonly variadic?: boolean
  readonly returns: GoType
  /**
   * Gets arguments that fit the declared types: a string parameter a string, `any` whatever came (null for a
   * missing value), `reflectType` also undefined. Throws GoFunctionError for what Go returns as an error.
   */
  readonly call: (args: readonly GoValue[], context: FunctionContext) => GoValue
  /** Depends on the request's clock or seed. */
  readonly impure?: 'clock' | 'random'
  /** Changes an argument in place (sprig's set): the caller must hand over data that may change. */
  readonly mutates?: boolean
  /** Not to be had here, and why: using it is an error when the template is compiled. */
  readonly refused?: string
}

/** By name, as a template calls them. A later table of several wins. */
export type FunctionTable = Readonly<Record<string, FunctionSpec>>

/** What Go's function returns as its error, or (`panicked`) the text that it panics with. */
export class GoFunctionError extends Error {
  readonly panicked: boolean

  constructor(message: string, panicked = false) {
    super(message)
    this.name = 'GoFunctionError'
    this.panicked = panicked
  }
}
