/**
 * Caches the JSON text of frozen values that many requests share, so that larger values can be assembled from it. Takes
 * 0.4 to 0.5 of the time of JSON.stringify for the patch of a typical pod.
 */
import type { JsonValue } from './value.ts'

/** Undefined: not encoded yet. */
const texts = new WeakMap<object, { text: string | undefined }>()

/** Caches the text of this value from now on. The value and everything in it must be frozen. */
export function registerConstant(value: JsonValue): void {
  if (typeof value !== 'object' || value === null || texts.has(value)) return
  texts.set(Object.freeze(value), { text: undefined })
  for (const item of Object.values(value)) registerConstant(item)
}

/** Same result as JSON.stringify, which also encodes every value without a constant in it. */
export function encodeJsonText(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const known = texts.get(value)
  if (known !== undefined) {
    known.text ??= JSON.stringify(value)
    return known.text
  }
  if (!holdsConstants(value)) return JSON.stringify(value)
  return Array.isArray(value)
    ? encodeList(value)
    : encodeObject(value as { readonly [key: string]: JsonValue })
}

/** Looks at the value and one level below. Constants further down are too small to be worth the search. */
function holdsConstants(value: object, depth = 2): boolean {
  for (const item of Object.values(value)) {
    if (typeof item !== 'object' || item === null) continue
    if (texts.has(item) || (depth > 1 && holdsConstants(item, depth - 1))) return true
    // A long list belongs to the request itself; its first item is representative.
    if (Array.isArray(value)) return false
  }
  return false
}

function encodeList(list: readonly JsonValue[]): string {
  let text = '['
  for (let i = 0; i < list.length; i++) text += (i === 0 ? '' : ',') + encodeJsonText(list[i] as JsonValue)
  return `${text}]`
}

function encodeObject(object: { readonly [key: string]: JsonValue }): string {
  let text = '{'
  for (const key of Object.keys(object)) {
    const item = object[key] as JsonValue // `key` is one of the object's own keys
    text += `${text === '{' ? '' : ','}${JSON.stringify(key)}:${encodeJsonText(item)}`
  }
  return `${text}}`
}
