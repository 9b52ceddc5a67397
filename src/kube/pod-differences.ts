/**
 * Where two pods differ in meaning, as readable field paths; list items are identified by name. Does not render values.
 */
import { equalJson, isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'

export interface PodDifference {
  /** `spec.containers[istio-proxy].image`; `spec.containers (order)` where only the order of named items differs. */
  readonly path: string
  /** undefined: missing. For an order: the names. */
  readonly before: JsonValue | undefined
  readonly after: JsonValue | undefined
}

/** Every difference, each as deep as both pods have the path; empty if they are equal. */
export function comparePods(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly PodDifference[] {
  const found: PodDifference[] = []
  compare({ path: '', before, after }, found)
  return found
}

/** Their paths only. */
export function podDifferences(a: JsonValue | undefined, b: JsonValue | undefined): readonly string[] {
  return comparePods(a, b).map(({ path }) => path)
}

function compare({ path, before, after }: PodDifference, found: PodDifference[]): void {
  if (before === after) return
  if (before !== undefined && after !== undefined && equalJson(before, after)) return
  const [left, right] = [itemsByName(before), itemsByName(after)]
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare({ path: appendField(path, key), before: own(before, key), after: own(after, key) }, found)
    }
  } else if (left !== undefined && right !== undefined) compareItems(path, left, right, found)
  else found.push({ path, before, after })
}

type Items = ReadonlyMap<string, JsonObject>

function compareItems(path: string, left: Items, right: Items, found: PodDifference[]): void {
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    compare({ path: `${path}[${name}]`, before: left.get(name), after: right.get(name) }, found)
  }
  // Added and removed items are reported themselves; the order matters only for items that both have.
  const before = [...left.keys()].filter((name) => right.has(name))
  const after = [...right.keys()].filter((name) => left.has(name))
  if (!equalJson(before, after)) found.push({ path: `${path} (order)`, before, after })
}

/** The paths of what `wanted` has and `actual` lacks; anything more in `actual` is not a difference. */
export function missingFrom(wanted: JsonValue, actual: JsonValue | undefined, path = ''): readonly string[] {
  if (actual !== undefined && equalJson(wanted, actual)) return []
  if (isObject(wanted) && isObject(actual)) {
    return Object.entries(wanted).flatMap(([key, value]) =>
      missingFrom(value, own(actual, key), appendField(path, key)),
    )
  }
  const [left, right] = [itemsByName(wanted), itemsByName(actual)]
  if (left !== undefined && right !== undefined) {
    return [...left].flatMap(([name, item]) => missingFrom(item, right.get(name), `${path}[${name}]`))
  }
  return [path]
}

/** By mount path or name; undefined if that does not identify all items. */
function itemsByName(list: JsonValue | undefined): Items | undefined {
  if (!Array.isArray(list)) return undefined
  const items = new Map<string, JsonObject>()
  for (const item of list) {
    const name = isObject(item) ? (own(item, 'mountPath') ?? own(item, 'name')) : undefined
    if (!isObject(item) || typeof name !== 'string' || items.has(name)) return undefined
    items.set(name, item)
  }
  return items
}

function appendField(path: string, key: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}
