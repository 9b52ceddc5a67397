/**
 * Deep operations on JSON values: equality, copy, freeze. All are recursive and fail with `json-too-deep` at
 * MAX_WALK_DEPTH. The parsers' limits are lower, so only a value built in code can reach it.
 */
import { JsonError } from './error.ts'
import { type JsonValue, type MutableJson, type MutableJsonObject, setOwn } from './value.ts'

/** The most levels of nesting that the deep operations and encoders walk; far below the limit of the stack. */
export const MAX_WALK_DEPTH = 1000

export function assertWalkDepth(depth: number): void {
  if (depth > MAX_WALK_DEPTH) {
    throw new JsonError('json-too-deep', `a value is nested deeper than ${MAX_WALK_DEPTH} levels`)
  }
}

/** Same type and content in any order of keys. Numbers compare with `===`, so 0 equals -0. */
export function equalJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return equalAt(a, b, 0)
}

function equalAt(a: JsonValue | undefined, b: JsonValue | undefined, depth: number): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  assertWalkDepth(depth)
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) {
      if (!equalAt(a[i], b[i], depth + 1)) return false
    }
    return true
  }
  if (Array.isArray(b)) return false
  // Array.isArray does not narrow readonly arrays away: past this line both are objects.
  const left = a as { readonly [key: string]: JsonValue }
  const right = b as { readonly [key: string]: JsonValue }
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  for (const key of keys) {
    if (!Object.hasOwn(right, key) || !equalAt(left[key], right[key], depth + 1)) return false
  }
  return true
}

/** A copy that shares nothing with the original, so its owner may change it. */
export function cloneJson(value: JsonValue): MutableJson {
  return cloneAt(value, 0)
}

function cloneAt(value: JsonValue, depth: number): MutableJson {
  if (typeof value !== 'object' || value === null) return value
  assertWalkDepth(depth)
  if (Array.isArray(value)) {
    const copy: MutableJson[] = new Array(value.length)
    for (let i = 0; i < value.length; i++) copy[i] = cloneAt(value[i], depth + 1)
    return copy
  }
  const copy: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value)) setOwn(copy, key, cloneAt(item, depth + 1))
  return copy
}

/** Freezes the value and everything in it in place, and returns it. Skips subtrees that are frozen already. */
export function freezeJson<T extends JsonValue>(value: T): T {
  freezeAt(value, 0)
  return value
}

function freezeAt(value: JsonValue, depth: number): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  assertWalkDepth(depth)
  for (const item of Array.isArray(value) ? value : Object.values(value)) freezeAt(item, depth + 1)
  Object.freeze(value)
}
