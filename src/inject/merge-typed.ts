/** A strategic merge by Pod's schema whose result is in typed form again, as Istio's merges are. */
import {
  isObject,
  type JsonObject,
  type JsonValue,
  type MutableJsonObject,
  own,
  setOwn,
} from '../json/index.ts'
import { decodePod, KubeError } from '../kube/index.ts'
import { strategicMerge } from '../merge/index.ts'

/** @throws MergeError, KubeError */
export function mergeTyped(pod: JsonObject, patch: JsonObject): JsonObject {
  const merged = strategicMerge(pod, patch, 'Pod')
  try {
    return decodePod(merged)
  } catch (error) {
    if (error instanceof KubeError) decodePod(sortKeys(merged))
    throw error
  }
}

/** Go decodes the merged text, whose keys are sorted, and names the first of several errors in it. */
function sortKeys<T extends JsonValue>(value: T): T {
  let sorted: JsonValue = value
  if (Array.isArray(value)) sorted = value.map(sortKeys)
  else if (isObject(value)) {
    const object: MutableJsonObject = {}
    for (const key of Object.keys(value).sort()) setOwn(object, key, sortKeys(own(value, key) ?? null))
    sorted = object
  }
  return sorted as T // the same shape in another order
}
