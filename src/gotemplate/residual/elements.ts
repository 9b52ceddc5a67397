/** The elements of a loop, for the loops that can be recorded: over lists, and over constant maps. */
import { mapKeyValue, sortedKeys } from '../eval/map-order.ts'
import { type GoValue, isGoList, isGoMap, MapValue, SliceValue } from '../values.ts'
import { listGet, listLength, mapGet, mapSize } from '../wrap.ts'

/** -1 for anything but a list. */
export function lengthOf(value: GoValue): number {
  return isGoList(value) || value instanceof SliceValue ? listLength(value) : -1
}

export function mapSizeOf(value: GoValue): number {
  return isGoMap(value) || value instanceof MapValue ? mapSize(value) : 0
}

/** Keys and elements of a list or map in order; empty for nil; undefined for anything else. */
export function pairsOf(
  value: GoValue,
  charge: () => void,
): readonly (readonly [GoValue, GoValue])[] | undefined {
  if (value === undefined) return []
  if (isGoList(value) || value instanceof SliceValue) {
    return Array.from({ length: listLength(value) }, (_, i) => [BigInt(i), listGet(value, i)] as const)
  }
  if (!isGoMap(value) && !(value instanceof MapValue)) return undefined
  charge()
  return sortedKeys(value).map((key) => [mapKeyValue(value, key), mapGet(value, key)] as const)
}
