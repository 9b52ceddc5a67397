/**
 * The fields of a pod as a flat table of readable paths and values. List items are identified by name, and a text that
 * is JSON (PROXY_CONFIG and the like) is expanded, since each field in it has its own source.
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

/** `spec.containers[istio-proxy].env[PROXY_CONFIG].value{discoveryAddress}` with its value. */
export type PodFields = ReadonlyMap<string, JsonValue>

export function podFields(pod: JsonValue): PodFields {
  const fields = new Map<string, JsonValue>()
  visitFields(pod, '', (path, value) => fields.set(path, value))
  return fields
}

/** Calls `visit` for every leaf with its path. */
function visitFields(value: JsonValue, path: string, visit: (path: string, value: JsonValue) => void): void {
  if (isList(value) && value.length > 0) {
    const keys = itemKeys(value)
    for (const [index, item] of value.entries()) visitFields(item, `${path}[${keys[index]}]`, visit)
  } else if (isObject(value) && Object.keys(value).length > 0) {
    for (const [key, item] of Object.entries(value)) visitFields(item, joinPath(path, key), visit)
  } else {
    const inner = typeof value === 'string' && value.startsWith('{') ? tryParse(value) : undefined
    if (isObject(inner) && Object.keys(inner).length > 0) {
      for (const [key, item] of Object.entries(inner)) visit(`${path}{${key}}`, item)
    } else visit(path, value)
  }
}

export function joinPath(path: string, key: string): string {
  if (/[^A-Za-z0-9_-]/.test(key)) return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}

/** The field that identifies the items, as Kubernetes merges them; else their indexes. */
export function itemKeys(list: JsonArray): readonly string[] {
  for (const key of ['name', 'mountPath', 'containerPort', 'key']) {
    const keys = list.map((item) => (isObject(item) ? own(item, key) : undefined))
    const known = keys.every((found) => typeof found === 'string' || typeof found === 'number')
    if (known && new Set(keys).size === list.length) return keys.map(String)
  }
  return wordKeys(list) ?? list.map((_, index) => String(index))
}

/** For arguments: each by its flag or itself; undefined if that does not identify all items. */
export function wordKeys(list: JsonArray): readonly string[] | undefined {
  const words = list.map((item, index) => wordKey(item, list[index - 1])).filter((key) => key !== undefined)
  return words.length === list.length && new Set(words).size === list.length ? words : undefined
}

/** Arguments are identified by their flags, so that an added one does not shift all that follow. */
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

/** The object without the value at that path of keys; the same object if there is none. */
export function without(object: JsonObject, path: readonly string[]): JsonObject {
  const [key, ...rest] = path
  const inner = key === undefined ? undefined : own(object, key)
  if (key === undefined || inner === undefined) return object
  if (rest.length > 0) return isObject(inner) ? { ...object, [key]: without(inner, rest) } : object
  const { [key]: _, ...others } = object
  return others
}
