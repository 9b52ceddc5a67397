/**
 * A merge by strategy, in typed form again: Istio writes pod and patch as JSON, merges the texts and reads the result
 * into its types. What is merged, and when, is the overlay's and the overrides' business.
 */
import {
  isObject,
  type JsonObject,
  type JsonValue,
  type MutableJsonObject,
  own,
  setOwn,
} from '../json/index.ts'
import { decodeMergedPod, decodePod, KubeError } from '../kube/index.ts'
import { strategicMerge } from '../merge/index.ts'

/** What is known of a patch beforehand, so that less of it need be looked at. */
export interface KnownPatch {
  /** A pod in typed form: parts of the patch that are its own objects, at the same place, are not read again. */
  readonly typed: JsonObject
  /** isSettled of the patch. */
  readonly settled: boolean
}

/**
 * @param pod in typed form, exactly as decodePod returns pods
 * @throws MergeError, KubeError
 */
export function mergeTyped(pod: JsonObject, patch: JsonObject, known?: KnownPatch): JsonObject {
  const merged = strategicMerge(pod, patch, 'Pod', { settled: known?.settled ?? false })
  try {
    return decodeMergedPod(merged, known === undefined ? [pod] : [pod, known.typed])
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
