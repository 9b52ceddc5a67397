/** What Kubernetes refuses about a pod, and how a container or volume is named in it. */
import { isObject, type JsonObject } from '../../json/index.ts'
import { listAt, textAt } from '../typed-pod.ts'

export interface PodProblem {
  /** `spec.volumes[istio-envoy]`: items by name, so that the same item has the same path before and after injection. */
  readonly path: string
  /** What is wrong there, as the end of a sentence that begins with the path. */
  readonly message: string
  readonly expected: string
  /** The fields behind it, where these are not all that the path has. */
  readonly fields?: readonly string[]
}

export interface NamedItem {
  readonly item: JsonObject
  readonly path: string
  readonly name: string
}

/** The objects of a list with their paths; an item without a name has its index. */
export function itemsOf(object: JsonObject, key: string, path: string): readonly NamedItem[] {
  return listAt(object, key).flatMap((item, index) => {
    if (!isObject(item)) return []
    const name = textAt(item, 'name')
    return [{ item, name, path: `${path}.${key}[${name === '' ? index : name}]` }]
  })
}

/** Values that occur more than once, each once. */
export function repeated<T>(values: readonly T[]): readonly T[] {
  const seen = new Set<T>()
  const twice = new Set<T>()
  for (const value of values) (seen.has(value) ? twice : seen).add(value)
  return [...twice]
}

/** `a, b and c`. */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
