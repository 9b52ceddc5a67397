/**
 * The fields of a pod as a flat table: a path that people can read, and the value as text. Items of lists go by their
 * names, and a text that is JSON (PROXY_CONFIG and its like) is opened, since each field of it has its own source.
 */
import {
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  own,
  parseJson,
} from '../../json/index.ts'
import { isList } from '../../kube/index.ts'

/** `spec.containers[istio-proxy].env[PROXY_CONFIG].value{discoveryAddress}` to its value. */
export type PodFields = ReadonlyMap<string, JsonValue>

export function podFields(pod: JsonValue): PodFields {
  const fields = new Map<string, JsonValue>()
  visitFields(pod, '', (path, value) => fields.set(path, value))
  return fields
}

/** Told every leaf, with its path. */
function visitFields(value: JsonValue, path: string, tell: (path: string, value: JsonValue) => void): void {
  if (isList(value) && value.length > 0) {
    const keys = itemKeys(value)
    for (const [index, item] of value.entries()) visitFields(item, `${path}[${keys[index]}]`, tell)
  } else if (isObject(value) && Object.keys(value).length > 0) {
    for (const [key, item] of Object.entries(value)) visitFields(item, joinPath(path, key), tell)
  } else {
    const inner = typeof value === 'string' && value.startsWith('{') ? tryParse(value) : undefined
    if (isObject(inner) && Object.keys(inner).length > 0) {
      for (const [key, item] of Object.entries(inner)) tell(`${path}{${key}}`, item)
    } else tell(path, value)
  }
}

export function joinPath(path: string, key: string): string {
  if (/[^A-Za-z0-9_-]/.test(key)) return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}

/** The field that tells the items apart, as Kubernetes merges them; else their places. */
export function itemKeys(list: JsonArray): readonly string[] {
  for (const key of ['name', 'mountPath', 'containerPort', 'key']) {
    const keys = list.map((item) => (isObject(item) ? own(item, key) : undefined))
    const known = keys.every((found) => typeof found === 'string' || typeof found === 'number')
    if (known && new Set(keys).size === list.length) return keys.map(String)
  }
  return wordKeys(list) ?? list.map((_, index) => String(index))
}

/** Of arguments: each by its flag or itself; undefined where that does not tell all items apart. */
export function wordKeys(list: JsonArray): readonly string[] | undefined {
  const words = list.map((item, index) => wordKey(item, list[index - 1])).filter((key) => key !== undefined)
  return words.length === list.length && new Set(words).size === list.length ? words : undefined
}

/** Arguments go by their flags, so that one more does not move all that follow. */
function wordKey(item: JsonValue, before: JsonValue | undefined): string | undefined {
  if (typeof item !== 'string') return undefined
  if (item.startsWith('-')) return item.split('=')[0]
  const isValue = typeof before === 'string' && before.startsWith('-') && !before.includes('=')
  return isValue ? `${before} value` : item
}

function tryParse(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/** The object without what is at the path of keys; the same where nothing is there. */
export function without(object: JsonObject, path: readonly string[]): JsonObject {
  const [key, ...rest] = path
  const inner = key === undefined ? undefined : own(object, key)
  if (key === undefined || inner === undefined) return object
  if (rest.length > 0) return isObject(inner) ? { ...object, [key]: without(inner, rest) } : object
  const { [key]: _, ...others } = object
  return others
}
