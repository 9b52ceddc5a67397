/**
 * The RFC 6902 patch from one document to another. It is minimal in this sense: no operation touches an equal subtree
 * that stays in place. In lists the common prefix and suffix stay. Of the paired items between them those of a longest
 * increasing run stay and are diffed inside; every other item is one remove and one add.
 *
 * Uses only `add`, `replace` and `remove` with values, on members and indexes that exist (or the index just past the
 * end for `add`), never `-`, and never `add` or `remove` of the whole document. kube-apiserver's library
 * (evanphx/json-patch v4, Apply without options), RFC 6902 and fast-json-patch all interpret these forms alike.
 */
import {
  equalJson,
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  MAX_WALK_DEPTH,
  own,
} from '../json/index.ts'
import { JsonPatchError } from './error.ts'
import { longestIncreasingRun } from './longest-run.ts'
import type { DiffOperation } from './operation.ts'
import { mergeKeyOf, pairItems } from './pair-items.ts'
import { appendToken } from './pointer.ts'

/**
 * Skips subtrees that are the same object on both sides. O(n log n) in the size of what differs. The operations share
 * their values with `to`.
 * @throws JsonPatchError json-patch-too-deep
 */
export function diffJson(from: JsonValue, to: JsonValue): DiffOperation[] {
  const operations: DiffOperation[] = []
  diffValue(from, to, '', undefined, operations, 0)
  return operations
}

/** `name`: the field that contains the value, which decides how a list's items pair. */
function diffValue(
  from: JsonValue,
  to: JsonValue,
  path: string,
  name: string | undefined,
  operations: DiffOperation[],
  depth: number,
): void {
  if (from === to) return
  if (depth > MAX_WALK_DEPTH) {
    throw new JsonPatchError(
      'json-patch-too-deep',
      `values nested deeper than ${MAX_WALK_DEPTH} are not compared`,
    )
  }
  if (Array.isArray(from) && Array.isArray(to)) diffList(from, to, path, name, operations, depth)
  else if (isObject(from) && isObject(to)) diffObject(from, to, path, operations, depth)
  else operations.push({ op: 'replace', path, value: to })
}

function diffObject(
  from: JsonObject,
  to: JsonObject,
  path: string,
  operations: DiffOperation[],
  depth: number,
): void {
  let stayed = 0
  const earlier = Object.keys(from)
  for (const key of earlier) {
    const before = from[key] as JsonValue // `key` is one of its own keys
    const after = own(to, key)
    if (after === undefined) {
      operations.push({ op: 'remove', path: appendToken(path, key) })
      continue
    }
    stayed++
    if (before !== after) diffValue(before, after, appendToken(path, key), key, operations, depth + 1)
  }
  const keys = Object.keys(to)
  if (keys.length === stayed) return
  // A map to which something was added has its other keys in the same order: comparing them is cheaper than looking each up.
  let next = 0
  for (const key of keys) {
    if (key === earlier[next]) next++
    else if (!Object.hasOwn(from, key))
      operations.push({ op: 'add', path: appendToken(path, key), value: to[key] as JsonValue }) // `key` is one of its own keys
  }
}

function diffList(
  from: JsonArray,
  to: JsonArray,
  path: string,
  name: string | undefined,
  operations: DiffOperation[],
  depth: number,
): void {
  const shorter = Math.min(from.length, to.length)
  let start = 0
  while (start < shorter && equalJson(from[start], to[start])) start++
  let tail = 0
  while (tail < shorter - start && equalJson(from[from.length - 1 - tail], to[to.length - 1 - tail])) tail++
  const oldMiddle = from.slice(start, from.length - tail)
  const newMiddle = to.slice(start, to.length - tail)
  const pairs = pairItems(oldMiddle, newMiddle, mergeKeyOf(name))
  const staying = longestIncreasingRun(pairs)
  removeItems(oldMiddle.length, pairs, staying, start, path, operations)
  let next = 0
  for (let j = 0; j < newMiddle.length; j++) {
    const item = newMiddle[j] as JsonValue // j is within the list
    const itemPath = appendToken(path, start + j)
    if (staying[next] === j) {
      next++
      diffValue(oldMiddle[pairs[j] as number] as JsonValue, item, itemPath, undefined, operations, depth + 1)
    } else {
      operations.push({ op: 'add', path: itemPath, value: item })
    }
  }
}

/** From the end, so that every index is one of the old list. */
function removeItems(
  length: number,
  pairs: readonly number[],
  staying: readonly number[],
  start: number,
  path: string,
  operations: DiffOperation[],
): void {
  let next = staying.length - 1
  for (let i = length - 1; i >= 0; i--) {
    if (next >= 0 && pairs[staying[next] as number] === i) next--
    else operations.push({ op: 'remove', path: appendToken(path, start + i) })
  }
}
