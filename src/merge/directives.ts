/** The directives of a strategic merge, and their removal from a value that is new in the result. */
import { isObject, type JsonObject, type JsonValue, MAX_WALK_DEPTH, own } from '../json/index.ts'
import { MergeError } from './error.ts'

export const PATCH = '$patch'
export const RETAIN_KEYS = '$retainKeys'
export const SET_ELEMENT_ORDER = '$setElementOrder'
export const DELETE_FROM_PRIMITIVE_LIST = '$deleteFromPrimitiveList'

/** What follows `prefix/`; undefined if the key is not this directive. */
export function targetOf(key: string, prefix: string): string | undefined {
  return key.charCodeAt(prefix.length) === 0x2f ? key.slice(prefix.length + 1) : undefined
}

/**
 * The form in which a patch's value without a counterpart goes into the result: without nulls in objects (if
 * `dropNulls`) and without objects that contain `$patch`. Other directives stay, as in Kubernetes. Shares with the
 * patch what does not change. Undefined if the value itself contains `$patch`.
 */
export function adoptValue(value: JsonValue, dropNulls: boolean, depth = 0): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_WALK_DEPTH)
    throw new MergeError('merge-too-deep', 'the patch is nested too deep', undefined)
  return Array.isArray(value)
    ? adoptList(value, dropNulls, depth)
    : adoptObject(value as JsonObject, dropNulls, depth) // Array.isArray does not narrow readonly lists
}

/**
 * Whether adoptValue returns the value itself: it contains no null in an object and no `$patch`. Computed once for
 * values that many merges share; see strategicMerge's `settled`.
 */
export function isSettled(value: JsonValue): boolean {
  return adoptValue(value, true) === value
}

function adoptObject(object: JsonObject, dropNulls: boolean, depth: number): JsonObject | undefined {
  const marker = own(object, PATCH)
  if (marker !== undefined && !(dropNulls && marker === null)) return undefined
  let draft: { [key: string]: JsonValue } | undefined
  for (const key of Object.keys(object)) {
    const item = object[key] as JsonValue // `key` is one of its own keys
    const adopted = item === null && dropNulls ? undefined : adoptValue(item, dropNulls, depth + 1)
    if (adopted === item) continue
    draft ??= { ...object }
    if (adopted === undefined) delete draft[key]
    else draft[key] = adopted // exists already, even `__proto__`: the spread copied it as an own property
  }
  return draft ?? object
}

function adoptList(list: readonly JsonValue[], dropNulls: boolean, depth: number): readonly JsonValue[] {
  let draft: JsonValue[] | undefined
  for (let i = 0; i < list.length; i++) {
    const item = list[i] as JsonValue // i is within the list
    const adopted = adoptValue(item, dropNulls, depth + 1)
    if (adopted !== item) draft ??= list.slice(0, i)
    if (draft !== undefined && adopted !== undefined) draft.push(adopted)
  }
  return draft ?? list
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

export function carriesPatch(item: JsonValue | undefined): boolean {
  return isObject(item) && Object.hasOwn(item, PATCH)
}
