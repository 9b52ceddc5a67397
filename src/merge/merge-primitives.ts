/**
 * The union of two lists of primitives, with Kubernetes' way of removing duplicates: the last item takes the place of
 * each. Where the old list has duplicates of its own this even shows in the final order, since Go appends the patch
 * to the old list's own memory when its capacity allows, and the old list is what the order is read from.
 */
import type { JsonArray, JsonValue } from '../json/index.ts'

export function mergePrimitives(
  original: JsonArray,
  patch: JsonArray,
): { items: JsonArray; oldOrder: JsonArray } {
  const both = original.concat(patch)
  const counts = new Map<JsonValue, number>()
  for (const item of both) counts.set(item, (counts.get(item) ?? 0) + 1)
  if (counts.size === both.length) return { items: both, oldOrder: original }
  const length = removeDuplicates(both, counts)
  const shared = both.length <= goCapacity(original.length)
  return { items: both.slice(0, length), oldOrder: shared ? both.slice(0, original.length) : original }
}

/** In place; returns the new length. What lies past it stays as it was. */
function removeDuplicates(list: JsonValue[], counts: ReadonlyMap<JsonValue, number>): number {
  let length = list.length
  for (let i = 0; i < length - 1; i++) {
    if (counts.get(list[i] as JsonValue) === 1) continue // i and j are within the list, here and below
    for (let j = i + 1; j < length; j++) {
      if (list[i] !== list[j]) continue
      length--
      list[j] = list[length] as JsonValue
      j--
    }
  }
  return length
}

/** Of a slice of interfaces that Go's JSON decoder has appended `length` items to, one by one; exact up to 512. */
function goCapacity(length: number): number {
  let capacity = length === 0 ? 0 : 1
  while (capacity < length) capacity = capacity < 512 ? capacity * 2 : length
  return capacity
}
