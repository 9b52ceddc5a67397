/** Owns: what sprig calls empty: like Go templates' truth, but a struct never is and a func must be nil. */
import { isTrue } from '../eval/truth.ts'
import { type GoValue, StructValue } from '../values.ts'

export function isEmptyValue(value: GoValue): boolean {
  return !(value instanceof StructValue) && !isTrue(value)
}
