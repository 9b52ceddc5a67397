/** JSON as JSON.parse returns it. Users choose the keys of objects: read them with `own` only. */
export type JsonValue = null | boolean | number | string | JsonArray | JsonObject
export type JsonArray = readonly JsonValue[]
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** The same, while its one owner may still change it. */
export type MutableJson = null | boolean | number | string | MutableJson[] | MutableJsonObject
export interface MutableJsonObject {
  [key: string]: MutableJson
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object's own property of that name, never one of the prototype (`constructor`, `__proto__`). */
export function own<T>(object: { readonly [key: string]: T } | undefined, key: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined
}

/** From this many keys on, copying them one by one takes less than half the time of a spread. */
const WIDE = 256

/** A shallow copy: the values of the fields are shared. */
export function copyObject<T>(object: { readonly [key: string]: T }): { [key: string]: T } {
  const keys = Object.keys(object)
  if (keys.length < WIDE) return { ...object }
  const copy: { [key: string]: T } = {}
  if (Object.hasOwn(object, '__proto__')) for (const key of keys) setOwn(copy, key, object[key] as T)
  else for (const key of keys) copy[key] = object[key] as T // `key` is one of the object's own keys
  return copy
}

/** Sets an own property, even if the key is `__proto__`. */
export function setOwn<T>(object: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    object[key] = value
  }
}
