/** Merges maps as the Go package mergo 1.0 does for sprig: into the first, which keeps its entries. */

import { own, setOwn } from '../../json/index.ts'
import type { FunctionContext } from '../context.ts'
import { GoFunctionError } from '../functions.ts'
import { type GoMap, type GoValue, isGoMap, MapValue, type MutableGoMap } from '../values.ts'
import { isEmptyValue } from './empty.ts'
import { listItems } from './list-items.ts'

const MAX_DEPTH = 500

/** A map[string]any, including nil. */
export function isGoDict(value: GoValue): value is GoMap | MapValue {
  return isGoMap(value) || (value instanceof MapValue && value.type.name === 'map[string]interface {}')
}

/** `overwrite`: the source wins, even with an empty value, except for nil maps. */
export function mergeInto(
  target: MutableGoMap,
  source: GoMap,
  overwrite: boolean,
  context: FunctionContext,
  depth = 0,
): void {
  if (depth > MAX_DEPTH) throw new GoFunctionError('the maps are nested too deeply to be merged')
  for (const key of Object.keys(source)) {
    context.budget.step()
    const from = own(source, key) ?? null
    const present = Object.hasOwn(target, key)
    const into = present ? own(target, key) : undefined
    if (from === null) {
      if (overwrite) setOwn(target, key, null)
      continue
    }
    const keeps = present && !isEmptyValue(into, context)
    if (isGoMap(from) && isGoMap(into) && into !== from) {
      mergeInto(thaw(target, key, into), from, overwrite, context, depth + 1)
      if (keeps) continue
    }
    if (listItems(from) !== undefined && keeps) {
      if (overwrite) setOwn(target, key, from)
      continue
    }
    if (overwrite || !keeps) setOwn(target, key, from)
  }
}

/** A nested map that may be changed: a frozen one is replaced by a copy. */
function thaw(target: MutableGoMap, key: string, map: GoMap): MutableGoMap {
  if (!Object.isFrozen(map)) return map as MutableGoMap
  const copy: MutableGoMap = { ...map }
  setOwn(target, key, copy)
  return copy
}
