/**
 * The key of the answer cache: a text made from a parsed review. Two reviews have the same key only if they differ in
 * nothing but their UID, the random suffix of the token volume's name, and the times of managedFields, as pods of one
 * workload do. src/server/answer-cache.ts decides when an answer may be stored.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import type { DecodedReview } from './decode-review.ts'

/**
 * Names of token volumes, as the ServiceAccount admission plugin writes them: a prefix and five random characters.
 */
export const TOKEN_VOLUME = 'kube-api-access-'
const TOKEN_VOLUME_NAME = /^kube-api-access-[a-z0-9]{5}$/
/**
 * Replaces the random suffix in the key. Written as one literal, because JSON.stringify takes twice as long for an object
 * with a text that V8 has joined from parts.
 */
const ANY_TOKEN_VOLUME = 'kube-api-access-*****'
/** Replaces times in the key. */
const ANY_TIME = '2001-02-03T04:05:06Z'

export interface AnswerKey {
  readonly text: string
  /** The name that the key leaves out; undefined if the pod has no token volume. */
  readonly tokenVolume: string | undefined
}

/**
 * Undefined if the token volume's name occurs outside names of volumes and mounts, or may be hidden by escapes.
 * @param beside what else the answer depends on: the key is one JSON text, so that V8 has no parts to join
 */
export function answerKey(
  review: DecodedReview,
  beside: readonly (string | boolean)[] = [],
): AnswerKey | undefined {
  const tokenVolume = tokenVolumeOf(review.object)
  const replaced = new Replaced(tokenVolume)
  const pod = replaced.pod(review.object)
  const text = JSON.stringify([beside, tokenVolume !== undefined, { ...review, uid: '', object: pod }])
  if (countOf(TOKEN_VOLUME, text) !== replaced.names) return undefined
  // A JSON text inside a string (in an annotation) could write the name with escapes.
  if (tokenVolume !== undefined && text.includes('\\\\') && /\\\\[uUx]/.test(text)) return undefined
  return { text, tokenVolume }
}

/** The pod's token volumes and their mounts. */
export function tokenItems(object: JsonObject, tokenVolume: string): readonly JsonObject[] {
  const spec = own(object, 'spec')
  const containers = CONTAINER_FIELDS.flatMap((field) => listAt(spec, field))
  const named = [
    ...listAt(spec, 'volumes'),
    ...containers.flatMap((container) => listAt(container, 'volumeMounts')),
  ]
  return named.filter(isObject).filter((item) => own(item, 'name') === tokenVolume)
}

const CONTAINER_FIELDS = ['containers', 'initContainers', 'ephemeralContainers'] as const

function tokenVolumeOf(object: JsonObject): string | undefined {
  for (const volume of listAt(own(object, 'spec'), 'volumes')) {
    const name = isObject(volume) ? own(volume, 'name') : undefined
    if (typeof name === 'string' && TOKEN_VOLUME_NAME.test(name)) return name
  }
  return undefined
}

/**
 * A copy of the pod without the parts that differ between pods of one workload. Subtrees without such parts are not
 * copied.
 */
class Replaced {
  /** Counts the replaced names of volumes and mounts. */
  names = 0
  readonly #tokenVolume: string | undefined

  constructor(tokenVolume: string | undefined) {
    this.#tokenVolume = tokenVolume
  }

  pod(object: JsonObject): JsonObject {
    const [metadata, spec] = [own(object, 'metadata'), own(object, 'spec')]
    let pod = object
    if (isObject(metadata) && own(metadata, 'managedFields') !== undefined)
      pod = { ...pod, metadata: withList(metadata, 'managedFields', withoutTime) }
    if (this.#tokenVolume === undefined || !isObject(spec)) return pod
    const rename = (item: JsonValue): JsonValue => this.#renamed(item)
    const remount = (container: JsonValue): JsonValue =>
      isObject(container) ? withList(container, 'volumeMounts', rename) : container
    const named = { ...spec }
    for (const field of ['volumes', ...CONTAINER_FIELDS] as const) {
      const list = own(spec, field)
      if (Array.isArray(list)) named[field] = list.map(field === 'volumes' ? rename : remount)
    }
    return { ...pod, spec: named }
  }

  #renamed(item: JsonValue): JsonValue {
    if (!isObject(item) || own(item, 'name') !== this.#tokenVolume) return item
    this.names++
    return { ...item, name: ANY_TOKEN_VOLUME }
  }
}

function withList(object: JsonObject, field: string, change: (item: JsonValue) => JsonValue): JsonObject {
  const list = own(object, field)
  return Array.isArray(list) ? { ...object, [field]: list.map(change) } : object
}

function withoutTime(entry: JsonValue): JsonValue {
  const time = isObject(entry) ? own(entry, 'time') : undefined
  return isObject(entry) && typeof time === 'string' && isTime(time) ? { ...entry, time: ANY_TIME } : entry
}

/** The format that an API server writes, because all such times decode alike. */
function isTime(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/.test(text)) return false
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, -1))
}

function listAt(object: JsonValue | undefined, field: string): readonly JsonValue[] {
  const list = isObject(object) ? own(object, field) : undefined
  return Array.isArray(list) ? list : []
}

function countOf(part: string, text: string): number {
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++
  return count
}
