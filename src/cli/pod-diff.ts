/**
 * The difference of two pods as readable lines: the structure for orientation, `+` and `-` for additions and removals, list
 * items matched by name. Long values are cut. The caller adds colours.
 */
import { equalJson, isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'

const width = 108

/** Lines; empty where both are equal. */
export function diffPods(before: JsonObject, after: JsonObject): readonly DiffLine[] {
  return diffObjects(before, after, 0)
}

export interface DiffLine {
  readonly sign: Sign | ' '
  readonly text: string
}

function diffObjects(before: JsonObject, after: JsonObject, depth: number): readonly DiffLine[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    diffValues(key, own(before, key), own(after, key), depth),
  )
}

function diffValues(
  key: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  depth: number,
): readonly DiffLine[] {
  if (before !== undefined && after !== undefined && equalJson(before, after)) return []
  if (isObject(before) && isObject(after)) {
    return [same(`${key}:`, depth), ...diffObjects(before, after, depth + 1)]
  }
  const [old, now] = [namedItems(before), namedItems(after)]
  if (before !== undefined && old !== undefined && now !== undefined) {
    return [same(`${key}:`, depth), ...diffItems(old, now, depth + 1)]
  }
  return [...show('-', key, before, depth), ...show('+', key, after, depth)]
}

function diffItems(
  before: ReadonlyMap<string, JsonObject>,
  after: ReadonlyMap<string, JsonObject>,
  depth: number,
): readonly DiffLine[] {
  const gone = [...before].filter(([name]) => !after.has(name))
  return [
    ...gone.flatMap(([name, item]) => showItem('-', name, item, depth)),
    ...[...after].flatMap(([name, item]) => {
      const old = before.get(name)
      if (old === undefined) return showItem('+', name, item, depth)
      const lines = diffObjects(old, item, depth + 1)
      return [same(lines.length === 0 ? `- ${name} (unchanged)` : `- ${name}`, depth), ...lines]
    }),
  ]
}

/** By name or mount path; undefined if the value is not a list of such objects. */
function namedItems(value: JsonValue | undefined): ReadonlyMap<string, JsonObject> | undefined {
  if (value === undefined) return new Map()
  if (!Array.isArray(value)) return undefined
  const items = new Map<string, JsonObject>()
  for (const item of value) {
    const name = isObject(item) ? (own(item, 'mountPath') ?? own(item, 'name')) : undefined
    if (!isObject(item) || typeof name !== 'string') return undefined
    items.set(name, item)
  }
  return items
}

type Sign = '+' | '-'

function showItem(sign: Sign, name: string, item: JsonObject, depth: number): readonly DiffLine[] {
  const rest = Object.fromEntries(Object.entries(item).filter(([, value]) => value !== name))
  // Volumes, variables and ports take one line each, containers several.
  if (!('image' in item)) return [line(sign, `- ${name} ${compactValue(rest)}`, depth)]
  return [
    line(sign, `- ${name}`, depth),
    ...Object.entries(rest).flatMap(([key, value]) => show(sign, key, value, depth + 1)),
  ]
}

function show(sign: Sign, key: string, value: JsonValue | undefined, depth: number): readonly DiffLine[] {
  if (value === undefined) return []
  const items = namedItems(value)
  if (items !== undefined && items.size > 0) {
    return [
      line(sign, `${key}:`, depth),
      ...[...items].flatMap(([name, item]) => showItem(sign, name, item, depth + 1)),
    ]
  }
  return [line(sign, `${key}: ${compactValue(value)}`, depth)]
}

/** On one line, without quotes. */
export function compactValue(value: JsonValue): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `[${value.map(compactValue).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const [only, ...others] = Object.entries(value)
  if (only !== undefined && others.length === 0) return `${only[0]}: ${compactValue(only[1])}`
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}: ${compactValue(inner)}`)
    .join(', ')}}`
}

function same(text: string, depth: number): DiffLine {
  return { sign: ' ', text: cut(`  ${'  '.repeat(depth)}${text}`) }
}

function line(sign: Sign, text: string, depth: number): DiffLine {
  return { sign, text: cut(`${sign} ${'  '.repeat(depth)}${text}`) }
}

function cut(text: string): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text
}
