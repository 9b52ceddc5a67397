/**
 * The union of two lists of primitives. Duplicates are removed as in Kubernetes: each is replaced by the last item. If
 * the old list has duplicates itself, this affects even the final order: Go appends the patch to the old list's own
 * array if its capacity allows, and the order is read from that array.
 */
import type { JsonArray, JsonValue } from '../json/index.ts'

export function mergePrimitives(
  original: JsonArray,
  patch: JsonArray,
): { items: JsonArray; oldOrder: JsonArray } {
  const both = original.concat(patch)
  const places = new Map<JsonValue, number[]>()
  for (const [place, item] of both.entries()) {
    const known = places.get(item)
    if (known === undefined) places.set(item, [place])
    else known.push(place)
  }
  if (places.size === both.length) return { items: both, oldOrder: original }
  const length = removeDuplicates(both, places)
  const shared = both.length <= goCapacity(original.length)
  return { items: both.slice(0, length), oldOrder: shared ? both.slice(0, original.length) : original }
}

/**
 * Works in place and returns the new length; what is beyond it stays unchanged. Kubernetes compares each item with all
 * others. Here the indexes of each item are known, and a moved item is added to them, so the work is that of sorting
 * them.
 */
function removeDuplicates(list: JsonValue[], places: Map<JsonValue, number[]>): number {
  let length = list.length
  for (let i = 0; i < length - 1; i++) {
    const item = list[i] as JsonValue // i is within the list, as are all places
    const known = places.get(item)
    // Each item is handled once: afterwards it occurs once.
    if (known === undefined || !places.delete(item) || known.length === 1) continue
    for (const place of known.sort((a, b) => a - b)) {
      if (place <= i) continue
      while (place < length && list[place] === item) {
        const moved = list[--length] as JsonValue
        list[place] = moved
        if (moved !== item) places.get(moved)?.push(place)
      }
    }
  }
  return length
}

/** The capacity of a slice of interfaces to which Go's JSON decoder has appended `length` items; exact up to 512. */
function goCapacity(length: number): number {
  let capacity = length === 0 ? 0 : 1
  while (capacity < length) capacity = capacity < 512 ? capacity * 2 : length
  return capacity
}
