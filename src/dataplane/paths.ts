/**
 * Places in a pod: fields by key, items of Kubernetes' keyed lists by what identifies them, so that the order of a list and
 * items that others add do not matter.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { isList, textAt } from '../kube/index.ts'

/** A key, or an item of a keyed list. */
export type Segment = string | { readonly item: string }
export type Path = readonly Segment[]

const BY_NAME = (item: JsonObject): string => textAt(item, 'name')

/** What identifies the items of each list that the API server treats as a map. */
const ITEM_KEYS: ReadonlyMap<string, (item: JsonObject) => string> = new Map([
  ['containers', BY_NAME],
  ['initContainers', BY_NAME],
  ['volumes', BY_NAME],
  ['env', BY_NAME],
  ['imagePullSecrets', BY_NAME],
  ['volumeMounts', (item) => textAt(item, 'mountPath')],
  ['ports', (item) => `${own(item, 'containerPort') ?? ''}/${textAt(item, 'protocol') || 'TCP'}`],
])

/** The items by what identifies them, the last of each; undefined for a list without keys. */
export function itemsOf(
  key: string,
  list: JsonValue | undefined,
): ReadonlyMap<string, JsonObject> | undefined {
  const keyOf = ITEM_KEYS.get(key)
  if (keyOf === undefined) return undefined
  return new Map((isList(list) ? list.filter(isObject) : []).map((item) => [keyOf(item), item]))
}

/** `spec.containers[istio-proxy].image` */
export function pathText(path: Path): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment !== 'string') text += `[${segment.item}]`
    else if (!/^[A-Za-z][A-Za-z0-9]*$/.test(segment)) text += `[${JSON.stringify(segment)}]`
    else text += text === '' ? segment : `.${segment}`
  }
  return text
}

/** The container that a path is in; undefined for other places. */
export function containerAt(path: Path): string | undefined {
  const [spec, list, item] = path
  if (spec !== 'spec' || (list !== 'containers' && list !== 'initContainers')) return undefined
  return typeof item === 'object' ? item.item : undefined
}

/** The value there. `missing`: how many segments of the path exist, if not all do. */
export function lookUp(
  root: JsonObject,
  path: Path,
): { readonly value: JsonValue } | { readonly missing: number } {
  let value: JsonValue = root
  let key = ''
  for (let index = 0; index < path.length; index++) {
    const segment = path[index] as Segment // within the path
    const next: JsonValue | undefined =
      typeof segment === 'string'
        ? isObject(value)
          ? own(value, segment)
          : undefined
        : itemsOf(key, value)?.get(segment.item)
    if (next === undefined) return { missing: index }
    if (typeof segment === 'string') key = segment
    value = next
  }
  return { value }
}
