/**
 * Pairs the items of the new list with those of the old one. Lists that Kubernetes merges by a key (`name`,
 * `mountPath`, `containerPort` ...) pair by it; all others pair by deep equality. If a key occurs twice (53/TCP and
 * 53/UDP), equal items pair first and the rest in order.
 */
import { encodeGoJson, isObject, type JsonArray, type JsonValue, own } from '../json/index.ts'
import { allTypes } from '../merge/index.ts'

/** By the list's field name, anywhere in a pod; the schema has only one key for each name. */
const MERGE_KEYS: ReadonlyMap<string, string> = readMergeKeys()

function readMergeKeys(): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  for (const type of allTypes()) {
    for (const { name, mergeKey } of type.fields) if (mergeKey !== undefined) keys.set(name, mergeKey)
  }
  return keys
}

/** The merge key of the list in the field of that name. */
export function mergeKeyOf(fieldName: string | undefined): string | undefined {
  return fieldName === undefined ? undefined : MERGE_KEYS.get(fieldName)
}

/** For each item of `to` the index of its partner in `from`, or -1. No item has more than one partner. */
export function pairItems(from: JsonArray, to: JsonArray, mergeKey: string | undefined): number[] {
  // Items that were only added, such as injection's volumes: identifying each would be half of the cost of the diff.
  if (from.length === 0) return new Array(to.length).fill(-1)
  const named = mergeKey === undefined ? undefined : pairByName(from, to, mergeKey)
  if (named !== undefined) return named
  const groups = new Map<JsonValue, number[]>()
  for (let i = 0; i < from.length; i++) {
    const key = identify(from[i] as JsonValue, mergeKey) // i is within the list, here and below
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [i])
    else group.push(i)
  }
  const pairs: number[] = new Array(to.length).fill(-1)
  const crowded = new Map<JsonValue, number[]>()
  for (let j = 0; j < to.length; j++) {
    const key = identify(to[j] as JsonValue, mergeKey)
    const group = groups.get(key)
    if (group === undefined) continue
    const rivals = crowded.get(key)
    if (rivals !== undefined) rivals.push(j)
    else crowded.set(key, [j])
  }
  for (const [key, wanted] of crowded) {
    const offered = groups.get(key) ?? []
    if (wanted.length === 1 && offered.length === 1) pairs[wanted[0] as number] = offered[0] as number
    else pairGroup(from, to, offered, wanted, pairs)
  }
  return pairs
}

/**
 * For lists in which every item has a text under the merge key and no two texts are equal, which is nearly all lists.
 * It costs a quarter of the general method, which makes texts and lists of indexes for each item. Otherwise undefined.
 */
function pairByName(from: JsonArray, to: JsonArray, mergeKey: string): number[] | undefined {
  const places = new Map<string, number>()
  for (let i = 0; i < from.length; i++) {
    const name = nameOf(from[i], mergeKey)
    if (name === undefined || places.has(name)) return undefined
    places.set(name, i)
  }
  const pairs: number[] = new Array(to.length)
  const taken = new Uint8Array(from.length)
  for (let j = 0; j < to.length; j++) {
    const name = nameOf(to[j], mergeKey)
    if (name === undefined) return undefined
    const place = places.get(name)
    if (place === undefined) {
      pairs[j] = -1
      continue
    }
    if (taken[place] === 1) return undefined
    taken[place] = 1
    pairs[j] = place
  }
  return pairs
}

function nameOf(item: JsonValue | undefined, mergeKey: string): string | undefined {
  const name = isObject(item) ? own(item, mergeKey) : undefined
  return typeof name === 'string' ? name : undefined
}

function pairGroup(
  from: JsonArray,
  to: JsonArray,
  offered: readonly number[],
  wanted: readonly number[],
  pairs: number[],
): void {
  const byContent = new Map<string, number[]>()
  for (let k = offered.length - 1; k >= 0; k--) {
    const i = offered[k] as number
    const content = encodeGoJson(from[i] as JsonValue)
    const places = byContent.get(content)
    if (places === undefined) byContent.set(content, [i])
    else places.push(i)
  }
  const taken = new Set<number>()
  for (const j of wanted) {
    const i = byContent.get(encodeGoJson(to[j] as JsonValue))?.pop()
    if (i === undefined) continue
    pairs[j] = i
    taken.add(i)
  }
  let next = 0
  for (const j of wanted) {
    if (pairs[j] !== -1) continue
    while (next < offered.length && taken.has(offered[next] as number)) next++
    if (next === offered.length) return
    pairs[j] = offered[next++] as number
  }
}

/** Equal for items that may be partners: a primitive itself, the prefixed merge key, or the whole content. */
function identify(item: JsonValue, mergeKey: string | undefined): JsonValue {
  if (typeof item === 'string') return `"${item}`
  if (typeof item !== 'object' || item === null) return item
  if (mergeKey !== undefined && isObject(item)) {
    const key = own(item, mergeKey)
    if (typeof key === 'string') return `s${key}`
    if (typeof key === 'number') return `n${key}`
  }
  return encodeGoJson(item)
}
