/** sprig's conversion of any value to text, and of any value to a list of texts. */
import type { FunctionContext } from '../context.ts'
import { hasMethod } from '../eval/fit.ts'
import { findMethod } from '../eval/member.ts'
import { formatValue } from '../fmt/print.ts'
import { fromBytes } from '../strconv/go-string.ts'
import { BytesValue, type GoValue } from '../values.ts'
import { listItems } from './list-items.ts'

export function strval(value: GoValue, context: FunctionContext): string {
  if (typeof value === 'string') return value
  if (value instanceof BytesValue) return fromBytes(value.bytes)
  for (const name of ['Error', 'String']) {
    if (!hasMethod(value, name)) continue
    const method = findMethod(value, name)
    const result = method?.spec.call(method.receiver, [], context)
    if (typeof result === 'string') return result
  }
  return formatValue(value, context)
}

/** The texts of a list without nil items; for any other value its one text; for nil none. */
export function textsOf(value: GoValue, context: FunctionContext): string[] {
  const items = listItems(value)
  if (items === undefined) return value === null || value === undefined ? [] : [strval(value, context)]
  context.budget.charge(items.length)
  return items.filter((item) => item !== null && item !== undefined).map((item) => strval(item, context))
}
