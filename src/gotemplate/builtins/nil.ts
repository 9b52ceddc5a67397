/** Whether a value is nil or missing. */
import { FuncValue, type GoValue, MapValue, NilInterface, PointerValue, SliceValue } from '../values.ts'

export function isNil(value: GoValue): boolean {
  if (value === undefined || value === null || value instanceof NilInterface) return true
  if (value instanceof PointerValue) return value.target === undefined
  if (value instanceof MapValue || value instanceof SliceValue) return value.backing === undefined
  return value instanceof FuncValue && value.call === undefined
}
