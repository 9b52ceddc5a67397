/**
 * Owns: the way in. `compileTemplate` parses and compiles once; `execute` runs on one request's data.
 */
import { Budget, type BudgetLimits } from './budget.ts'
import type { FunctionTable } from './functions.ts'
import type { GoValue } from './values.ts'

export interface CompileOptions {
  /** Beside Go's builtins, which they may replace. */
  readonly functions?: FunctionTable
}

export interface ExecuteOptions {
  /** Counts over several executions when it is handed on. */
  readonly budget?: Budget
  readonly limits?: BudgetLimits
  /** What the template may know of the clock; milliseconds since 1970. */
  readonly nowMs?: number
  /** What random functions start from. */
  readonly seed?: number
}

export interface CompiledTemplate {
  readonly name: string
  /** Calls a function that reads clock or seed, somewhere in the set. */
  readonly impure: boolean
  /** Calls a function that changes its argument (sprig's set): give it data that may change. */
  readonly mutates: boolean
  /** The names of all functions that the set calls. */
  readonly calls: ReadonlySet<string>
  /**
   * Runs the template. The text is a plain string; bytes outside UTF-8 (from trunc, substr) stand in it as
   * U+DC80..U+DCFF, and `toBytes` gives the exact bytes.
   * @throws TemplateExecError
   */
  execute(data: GoValue, options?: ExecuteOptions): string
}

/** A template's name and text, or several (name to text), of which `name` is executed. */
export type TemplateSource =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly texts: ReadonlyMap<string, string> }

/**
 * Parses the texts (several: in byte order of their names) and compiles them.
 * @throws TemplateParseError
 */
export declare function compileTemplate(source: TemplateSource, options?: CompileOptions): CompiledTemplate

export function newBudget(options: ExecuteOptions): Budget {
  return options.budget ?? new Budget(options.limits)
}
