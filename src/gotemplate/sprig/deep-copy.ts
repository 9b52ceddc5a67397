/** Copies that share nothing mutable with the original. */

import { setOwn } from '../../json/index.ts'
import type { Budget } from '../budget.ts'
import { BuiltinError } from '../eval/call.ts'
import { GoFunctionError } from '../functions.ts'
import { AppendedList, type GoValue, isGoMap, type MutableGoMap } from '../values.ts'

const MAX_DEPTH = 500

export function copyDeeply(value: GoValue, budget: Budget): GoValue {
  if (value === null || value === undefined) {
    throw new BuiltinError('type-mismatch', 'reflect: call of reflect.Value.Type on zero Value')
  }
  return copyAt(value, budget, 0)
}

function copyAt(value: GoValue, budget: Budget, depth: number): GoValue {
  if (depth > MAX_DEPTH) throw new GoFunctionError('the value is nested too deeply to be copied')
  budget.step()
  const items = value instanceof AppendedList ? value.values : value
  if (Array.isArray(items)) return items.map((item: GoValue) => copyAt(item, budget, depth + 1))
  if (!isGoMap(value)) return value
  const copy: MutableGoMap = {}
  for (const key of Object.keys(value)) setOwn(copy, key, copyAt(value[key], budget, depth + 1))
  return copy
}
