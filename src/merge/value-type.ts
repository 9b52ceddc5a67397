/** The types that Kubernetes' merge distinguishes: the Go types that its JSON decoder produces. */
import type { JsonArray, JsonValue } from '../json/index.ts'
import { MergeError, type PathNode, show } from './error.ts'

export type ValueType = 'null' | 'bool' | 'string' | 'integer' | 'float' | 'list' | 'object'

const INT64_LIMIT = 2 ** 63

/** Whole numbers within int64 are integers. JSON.parse does not reveal that a number was written as `1.0`. */
export function valueType(value: JsonValue): ValueType {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isInteger(value) && value >= -INT64_LIMIT && value < INT64_LIMIT ? 'integer' : 'float'
    default:
      return value === null ? 'null' : Array.isArray(value) ? 'list' : 'object'
  }
}

/** The one type of all items, undefined for empty lists. @throws MergeError merge-type-mismatch */
export function elementType(lists: readonly JsonArray[], path: PathNode | undefined): ValueType | undefined {
  let type: ValueType | undefined
  for (const list of lists) {
    for (const item of list) {
      const found = valueType(item)
      type ??= found
      if (found === 'list' || found === 'null' || found !== type) {
        const message = `all items of a merged list must have the same type, found ${show(item)} among ${type}s`
        throw new MergeError('merge-type-mismatch', message, path)
      }
    }
  }
  return type
}
