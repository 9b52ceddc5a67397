/**
 * Whether two patched pods are the same, as the corpus' README says: apart from what Go's typed encoding adds or
 * leaves out, and with quantities of the request's own containers compared by value.
 */
import {
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  own,
  setOwn,
} from '../../src/json/index.ts'
import { parseQuantity } from '../../src/kube/index.ts'

export interface Difference {
  readonly path: string
  readonly ours: JsonValue | undefined
  readonly expected: JsonValue | undefined
}

/** @param request the pod as it was sent: quantities of its own containers may be written differently */
export function comparePods(
  ours: JsonObject,
  expected: JsonObject,
  request: JsonObject | undefined,
): readonly Difference[] {
  const own = containerNames(request)
  const differences: Difference[] = []
  compare(settle(dropNoise(ours), own), settle(dropNoise(expected), own), '', differences)
  return differences
}

export function showDifferences(differences: readonly Difference[]): readonly string[] {
  const show = (value: JsonValue | undefined) => (value === undefined ? '(absent)' : JSON.stringify(value))
  return differences.map(
    ({ path, ours, expected }) => `${path}\n  ours:     ${show(ours)}\n  expected: ${show(expected)}`,
  )
}

function compare(
  a: JsonValue | undefined,
  b: JsonValue | undefined,
  path: string,
  found: Difference[],
): void {
  if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      compare(own(a, key), own(b, key), `${path}/${key}`, found)
  } else if (isList(a) && isList(b)) {
    for (let i = 0; i < Math.max(a.length, b.length); i++) compare(a[i], b[i], `${path}/${i}`, found)
  } else if (a !== b) found.push({ path, ours: a, expected: b })
}

function isList(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value)
}

const LISTS = ['containers', 'initContainers', 'ephemeralContainers']

/** Without `creationTimestamp: null`, `status: {}`, and of containers `resources: {}` and empty lists. */
function dropNoise(pod: JsonObject): JsonObject {
  return edit(pod, (key, value) => {
    if (key === 'status') return isObject(value) && Object.keys(value).length === 0 ? undefined : value
    if (key === 'metadata')
      return isObject(value)
        ? edit(value, (name, item) => (name === 'creationTimestamp' && item === null ? undefined : item))
        : value
    if (key === 'spec') return isObject(value) ? edit(value, dropFromSpec) : value
    return value
  })
}

function dropFromSpec(key: string, value: JsonValue): JsonValue | undefined {
  if (!LISTS.includes(key)) return value
  // Go writes a list that was never set as null.
  if (value === null || isEmptyList(value)) return undefined
  if (!isList(value)) return value
  return value.map((container) => (isObject(container) ? edit(container, dropFromContainer) : container))
}

function dropFromContainer(key: string, value: JsonValue): JsonValue | undefined {
  if (key === 'resources' && isObject(value) && Object.keys(value).length === 0) return undefined
  return isEmptyList(value) ? undefined : value
}

function isEmptyList(value: JsonValue): boolean {
  return isList(value) && value.length === 0
}

function edit(
  object: JsonObject,
  change: (key: string, value: JsonValue) => JsonValue | undefined,
): JsonObject {
  const edited: { [key: string]: JsonValue } = {}
  for (const key of Object.keys(object)) {
    const value = change(key, object[key] ?? null)
    if (value !== undefined) setOwn(edited, key, value)
  }
  return edited
}

function containerNames(request: JsonObject | undefined): ReadonlySet<JsonValue> {
  const spec = request === undefined ? undefined : own(request, 'spec')
  if (!isObject(spec)) return new Set()
  const names = LISTS.flatMap((list) => {
    const containers = own(spec, list)
    return isList(containers)
      ? containers.filter(isObject).map((container) => own(container, 'name') ?? null)
      : []
  })
  return new Set(names)
}

/** Quantities of these containers in their canonical form. */
function settle(pod: JsonObject, names: ReadonlySet<JsonValue>): JsonObject {
  return edit(pod, (key, value) =>
    key === 'spec' && isObject(value) ? edit(value, (list, items) => settleList(list, items, names)) : value,
  )
}

function settleList(key: string, value: JsonValue, names: ReadonlySet<JsonValue>): JsonValue {
  if (!LISTS.includes(key) || !isList(value)) return value
  return value.map((container) => {
    if (!isObject(container) || !names.has(own(container, 'name') ?? null)) return container
    return edit(container, (name, item) => (name === 'resources' ? settleQuantities(item) : item))
  })
}

function settleQuantities(resources: JsonValue): JsonValue {
  if (!isObject(resources)) return resources
  return edit(resources, (name, amounts) => {
    if (!isObject(amounts) || (name !== 'limits' && name !== 'requests')) return amounts
    return edit(amounts, (_, amount) => {
      const parsed = parseQuantity(String(amount))
      return parsed.ok ? parsed.canonical : amount
    })
  })
}
