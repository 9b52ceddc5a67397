/** Changes to JSON values and texts that keep most of their structure. Not a test. */
import { isObject, type JsonObject, type JsonValue, setOwn } from '../../src/json/index.ts'
import type { Random } from './random.ts'
import { annotations, labelKeys, podKeys, scalars } from './vocabulary.ts'

/** A copy of the value with `count` places changed; `pool` gives subtrees from other values. */
export function mutate(value: JsonValue, random: Random, count: number): JsonValue {
  let changed = value
  for (let i = 0; i < count; i++) changed = mutateOnce(changed, random, value)
  return changed
}

/** Goes down a random path and changes what is there. */
function mutateOnce(value: JsonValue, random: Random, pool: JsonValue): JsonValue {
  if (Array.isArray(value)) return mutateList(value, random, pool)
  if (isObject(value)) return mutateObject(value, random, pool)
  if (random.chance(0.9)) return random.pick(scalars.filter((one) => typeof one === typeof value))
  return random.chance(0.7) ? random.pick(scalars) : wrap(value, random)
}

function wrap(value: JsonValue, random: Random): JsonValue {
  return random.pick<JsonValue>([[value], { [random.pick(podKeys)]: value }, [], {}, String(value), null])
}

function mutateList(list: readonly JsonValue[], random: Random, pool: JsonValue): JsonValue {
  const copy = [...list]
  const at = random.below(copy.length + 1)
  const item = copy[at]
  if (item === undefined)
    copy.push(copy.length > 0 && random.chance(0.6) ? (copy[0] ?? null) : somewhere(pool, random))
  else if (random.chance(0.85)) copy[at] = mutateOnce(item, random, pool)
  else if (random.chance(0.5)) copy.splice(at, 1)
  else copy.reverse()
  return copy
}

function mutateObject(object: JsonObject, random: Random, pool: JsonValue): JsonValue {
  const keys = Object.keys(object)
  const copy: { [key: string]: JsonValue } = {}
  for (const key of keys) setOwn(copy, key, object[key] ?? null)
  const key = keys.length > 0 && random.chance(0.95) ? random.pick(keys) : random.pick(podKeys)
  const old = Object.hasOwn(object, key) ? (object[key] ?? null) : undefined
  if (key === 'annotations') setOwn(copy, key, addAnnotation(old, random))
  else if (key === 'labels') setOwn(copy, key, addLabel(old, random))
  else if (old === undefined || random.chance(0.02)) setOwn(copy, key, somewhere(pool, random))
  else if (random.chance(0.05)) delete copy[key]
  else setOwn(copy, key, mutateOnce(old, random, pool))
  return copy
}

function addAnnotation(old: JsonValue | undefined, random: Random): JsonValue {
  if (random.chance(0.02)) return random.pick(scalars)
  const copy: { [key: string]: JsonValue } = isObject(old) ? { ...old } : {}
  for (let i = random.below(4); i >= 0; i--) {
    const key = random.pick(Object.keys(annotations))
    const value = random.pick(annotations[key] ?? [''])
    setOwn(
      copy,
      key,
      random.chance(0.1) ? mutateText(value, random, ['{', '}', ': ', '"', ',', '\n']) : value,
    )
  }
  return copy
}

function addLabel(old: JsonValue | undefined, random: Random): JsonValue {
  const copy: { [key: string]: JsonValue } = isObject(old) ? { ...old } : {}
  const value = random.pick(['true', 'false', 'default', 'canary', 'web', '', 'n1'])
  setOwn(copy, random.pick(labelKeys), random.chance(0.02) ? random.pick(scalars) : value)
  return copy
}

/** A subtree of the pool, or a scalar. */
function somewhere(pool: JsonValue, random: Random): JsonValue {
  let value = pool
  for (let depth = random.below(6); depth > 0 && typeof value === 'object' && value !== null; depth--) {
    const inner: readonly JsonValue[] = Object.values(value)
    if (inner.length === 0) break
    value = random.pick(inner)
  }
  return random.chance(0.3) ? random.pick(scalars) : value
}

/** Cuts, doubles or moves a piece of the text, or puts one of `pieces` into it. */
export function mutateText(text: string, random: Random, pieces: readonly string[]): string {
  const from = random.below(text.length + 1)
  const to = Math.min(text.length, from + 1 + random.below(40))
  switch (random.below(5)) {
    case 0:
      return text.slice(0, from) + text.slice(to)
    case 1:
      return text.slice(0, to) + text.slice(from)
    case 2: {
      const target = random.below(text.length + 1)
      return text.slice(0, target) + text.slice(from, to) + text.slice(target)
    }
    default:
      return text.slice(0, from) + random.pick(pieces) + text.slice(from)
  }
}
