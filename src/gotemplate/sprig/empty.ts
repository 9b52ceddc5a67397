/**
 * sprig's definition of empty: like the truth of Go templates, but a struct is never empty and a func only if it is
 * nil.
 */
import type { FunctionContext } from '../context.ts'
import { isTrue } from '../eval/truth.ts'
import { type GoValue, StructValue } from '../values.ts'

export function isEmptyValue(value: GoValue, context: FunctionContext): boolean {
  return !(value instanceof StructValue) && !isTrue(value, context)
}
