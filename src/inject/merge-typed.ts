/**
 * A strategic merge with a typed result: Istio writes pod and patch as JSON, merges the texts and decodes the result.
 * The overlay and the overrides decide what is merged.
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

/** What is known of a patch in advance, which saves work. */
export interface KnownPatch {
  /** A typed pod: parts of the patch that are the same object at the same position are not decoded again. */
  readonly typed: JsonObject
  /** isSettled of the patch. */
  readonly settled: boolean
}

/**
 * @param pod typed, exactly as decodePod returns pods
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

/** Go decodes the merged text, whose keys are sorted, and reports the first of several errors in it. */
function sortKeys<T extends JsonValue>(value: T): T {
  let sorted: JsonValue = value
  if (Array.isArray(value)) sorted = value.map(sortKeys)
  else if (isObject(value)) {
    const object: MutableJsonObject = {}
    for (const key of Object.keys(value).sort()) setOwn(object, key, sortKeys(own(value, key) ?? null))
    sorted = object
  }
  return sorted as T // the same type with another order of keys
}
