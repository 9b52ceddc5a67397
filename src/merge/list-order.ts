/**
 * The order of a merged list: first that of the patch, then the one that the items had. Items are identified by their
 * merge key, or by their value if they are primitives. The first one counts, since a key may occur twice (53/TCP and
 * 53/UDP).
 */
import { isObject, type JsonValue, own } from '../json/index.ts'
import { PATCH } from './directives.ts'
import { stableSort } from './stable-sort.ts'

/** The identity of an item: the merge key's value, or the primitive itself. */
export type KeyOf = (item: JsonValue) => JsonValue | undefined

export function keyBy(mergeKey: string | undefined): KeyOf {
  if (mergeKey === undefined) return (item) => item
  return (item) => (isObject(item) ? own(item, mergeKey) : null)
}

/** Each key with its first index. */
export function firstPlaces(list: readonly JsonValue[], keyOf: KeyOf): Map<JsonValue | undefined, number> {
  const places = new Map<JsonValue | undefined, number>()
  for (let i = 0; i < list.length; i++) {
    const key = keyOf(list[i] as JsonValue) // i is within the list
    if (!places.has(key)) places.set(key, i)
  }
  return places
}

/**
 * `merged` in its final order: the items that `patchOrder` names in its order, interleaved with the others in the order
 * of `oldOrder`. An untouched item precedes a named one only if it did so in the old list.
 */
export function orderMerged(
  merged: readonly JsonValue[],
  patchOrder: readonly JsonValue[],
  oldOrder: readonly JsonValue[],
  keyOf: KeyOf,
): JsonValue[] {
  const patchPlaces = firstPlaces(patchOrder, keyOf)
  const oldPlaces = firstPlaces(oldOrder, keyOf)
  const named: JsonValue[] = []
  const others: JsonValue[] = []
  for (const item of merged) (patchPlaces.has(keyOf(item)) ? named : others).push(item)
  const left = sortByPlace(others, oldPlaces, keyOf)
  const right = sortByPlace(named, patchPlaces, keyOf)
  const ordered: JsonValue[] = []
  let i = 0
  for (const item of right) {
    const place = oldPlaces.get(keyOf(item))
    while (i < left.length) {
      const other = oldPlaces.get(keyOf(left[i] as JsonValue)) // i is within the list
      if (place === undefined || other === undefined || other >= place) break
      ordered.push(left[i++] as JsonValue)
    }
    ordered.push(item)
  }
  while (i < left.length) ordered.push(left[i++] as JsonValue)
  return ordered
}

/** Items with a literal `$patch: delete` (only a document can contain one) go last. */
function sortByPlace(
  items: readonly JsonValue[],
  places: ReadonlyMap<JsonValue | undefined, number>,
  keyOf: KeyOf,
): JsonValue[] {
  const kept: PlacedItem[] = []
  const deletes: JsonValue[] = []
  for (const item of items) {
    if (isObject(item) && own(item, PATCH) === 'delete') deletes.push(item)
    else kept.push({ item, place: places.get(keyOf(item)) })
  }
  sortPlaced(kept)
  const sorted = kept.map((entry) => entry.item)
  for (const item of deletes) sorted.push(item)
  return sorted
}

interface PlacedItem {
  readonly item: JsonValue
  readonly place: number | undefined
}

/** Kubernetes compares with "unless both are found, the left one is less", which is not a total order. */
function sortPlaced(entries: PlacedItem[]): void {
  if (entries.every((entry) => entry.place !== undefined)) {
    entries.sort((a, b) => (a.place ?? 0) - (b.place ?? 0))
  } else {
    stableSort(entries, (a, b) => a.place === undefined || b.place === undefined || a.place < b.place)
  }
}
