/**
 * Where two pods differ by meaning, as field paths as people write them; items of lists are told apart by name. Not
 * here: showing the values.
 */
import { equalJson, isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'

export interface PodDifference {
  /** `spec.containers[istio-proxy].image`; `spec.containers (order)` where only the order of named items differs. */
  readonly path: string
  /** undefined: it is not there. Of an order: the names. */
  readonly before: JsonValue | undefined
  readonly after: JsonValue | undefined
}

/** Every place where they differ, each as deep as both have it; empty where both are equal. */
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
  // What came or went says for itself where it stands; of what both have the order may mean something.
  const before = [...left.keys()].filter((name) => right.has(name))
  const after = [...right.keys()].filter((name) => left.has(name))
  if (!equalJson(before, after)) found.push({ path: `${path} (order)`, before, after })
}

/** Where the first lacks something that the second has too; what the second has beyond is no difference. */
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

/** By mount path or name, undefined where that does not tell all items apart. */
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
