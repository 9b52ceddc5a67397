/** The order in which Go ranges over and prints maps. */
import { compareStrings } from '../strconv/go-string.ts'
import { type GoMap, type GoValue, type MapKey, MapValue } from '../values.ts'
import { mapKeys, wrap } from '../wrap.ts'

/** Strings by bytes, numbers by size with NaN first, false before true. */
export function sortedKeys(map: GoMap | MapValue): readonly MapKey[] {
  const keys = mapKeys(map)
  return keys.length < 2 ? keys : [...keys].sort(compareKeys)
}

function compareKeys(a: MapKey, b: MapKey): number {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b)
  if (typeof a === 'number' && Number.isNaN(a)) return -1
  if (typeof b === 'number' && Number.isNaN(b)) return 1
  return a < b ? -1 : a > b ? 1 : 0
}

/** A key as a value of the map's key type. */
export function mapKeyValue(map: GoMap | MapValue, key: MapKey): GoValue {
  return map instanceof MapValue ? wrap(map.type.key, key) : key
}
