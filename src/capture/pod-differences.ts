/**
 * Owns: where two pods differ by meaning, as field paths as people write them; items of lists are told apart by name.
 * Not here: showing the values.
 */
import { equalJson, isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'

/** `spec.containers[istio-proxy].image`; empty where both are equal. */
export function podDifferences(a: JsonValue | undefined, b: JsonValue | undefined): readonly string[] {
  const found: string[] = []
  compare(a, b, '', found)
  return found
}

function compare(a: JsonValue | undefined, b: JsonValue | undefined, path: string, found: string[]): void {
  if (a === b || (a !== undefined && b !== undefined && equalJson(a, b))) return
  const [left, right] = [itemsByName(a), itemsByName(b)]
  if (isObject(a) && isObject(b)) compareObjects(a, b, path, found)
  else if (left !== undefined && right !== undefined) compareItems(left, right, path, found)
  else found.push(path)
}

function compareObjects(a: JsonObject, b: JsonObject, path: string, found: string[]): void {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    compare(own(a, key), own(b, key), appendField(path, key), found)
  }
}

function compareItems(
  a: ReadonlyMap<string, JsonObject>,
  b: ReadonlyMap<string, JsonObject>,
  path: string,
  found: string[],
): void {
  const before = found.length
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    compare(a.get(name), b.get(name), `${path}[${name}]`, found)
  }
  if (found.length === before) found.push(`${path} (order)`)
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
function itemsByName(list: JsonValue | undefined): ReadonlyMap<string, JsonObject> | undefined {
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
