/** JSON as JSON.parse returns it. Objects are keyed by users: read them through `own` only. */
export type JsonValue = null | boolean | number | string | JsonArray | JsonObject
export type JsonArray = readonly JsonValue[]
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** The same, for the one owner that may change it. */
export type MutableJson = null | boolean | number | string | MutableJson[] | MutableJsonObject
export interface MutableJsonObject {
  [key: string]: MutableJson
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The own property of that name; never one of the prototype (`constructor`, `__proto__`). */
export function own<T>(object: { readonly [key: string]: T } | undefined, key: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined
}

/** Sets an own property, also when the key is `__proto__`. */
export function setOwn<T>(object: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    object[key] = value
  }
}
