/**
 * From what injection did to the pod's typed form to the pod as the API server sent it: only what changed is
 * written, so that unknown fields, explicit zeros and large numbers of the rest stay as they are.
 *
 * Istio's patch is the difference of two typed forms, and it goes through lists place by place (gomodules/jsonpatch
 * 2.3 and later): items past the old end are written in typed form, the others are changed where they stand. So does
 * this file, down to what the types do not know of, which stays at its place when another item comes there.
 */
import {
  equalJson,
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  own,
  setOwn,
} from '../json/index.ts'
import { isList } from './typed-pod.ts'

/**
 * @param raw as it was sent
 * @param before its typed form
 * @param after the typed form wanted
 */
export function applyChanges(raw: JsonObject, before: JsonObject, after: JsonObject): JsonObject {
  return equalJson(before, after) ? raw : changeObject(raw, before, after)
}

function change(
  raw: JsonValue | undefined,
  before: JsonValue | undefined,
  after: JsonValue,
): JsonValue | undefined {
  // Also where `raw` is absent: what only the typed form writes (`resources: {}`) is not added.
  if (before === after || equalJson(before, after)) return raw
  if (isObject(raw) && isObject(before) && isObject(after)) return changeObject(raw, before, after)
  if (isList(raw) && isList(before) && isList(after) && raw.length === before.length) {
    return changeList(raw, before, after)
  }
  return after
}

function changeObject(raw: JsonObject, before: JsonObject, after: JsonObject): JsonObject {
  const changed: { [key: string]: JsonValue } = {}
  // By folded name: what the types do not know under this spelling.
  const strange = new Map<string, string>()
  for (const key of Object.keys(raw)) {
    const known = own(before, key) !== undefined
    if (known && own(after, key) === undefined) continue
    if (!known) strange.set(key.toLowerCase(), key)
    setOwn(changed, key, raw[key] as JsonValue) // one of its own keys
  }
  for (const key of Object.keys(after)) {
    const value = after[key] as JsonValue // likewise
    const was = own(before, key)
    const sent = sentAs(raw, key, strange)
    const as = sent === undefined ? undefined : own(raw, sent)
    const result = was === undefined ? value : change(as, was, value)
    if (sent !== undefined && sent !== key) {
      if (result === as) continue
      delete changed[sent]
    }
    if (result !== undefined) setOwn(changed, key, result)
  }
  return changed
}

/** Go reads `Metadata` as metadata. What is changed there is written under the right name. */
function sentAs(raw: JsonObject, key: string, strange: ReadonlyMap<string, string>): string | undefined {
  if (Object.hasOwn(raw, key)) return key
  return strange.size === 0 ? undefined : strange.get(key.toLowerCase())
}

function changeList(raw: JsonArray, before: JsonArray, after: JsonArray): JsonArray {
  return after.map((item, index) => {
    const was = before[index]
    return was === undefined ? item : (change(raw[index], was, item) ?? item)
  })
}
