/**
 * Which reviews get the same answer: a text made of a parsed review that is equal for two reviews only if they differ in
 * nothing but their UID, the random end of the token volume's name, and the times of managedFields. These are what differs
 * between the pods of one workload. Not here: when an answer may be kept (src/server/answer-cache.ts).
 */
import { encodeKey } from '../cache/index.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import type { DecodedReview } from './decode-review.ts'

/** How the ServiceAccount admission plugin names the volume of a pod's token, five random characters after it. */
export const TOKEN_VOLUME = 'kube-api-access-'
const TOKEN_VOLUME_NAME = /^kube-api-access-[a-z0-9]{5}$/
/** In the key, for whatever the five characters are. */
const ANY_TOKEN_VOLUME = `${TOKEN_VOLUME}*****`
/** In the key, for whatever the time is. */
const ANY_TIME = '2001-02-03T04:05:06Z'

export interface AnswerKey {
  readonly text: string
  /** The name that the key leaves out; undefined where the pod has no token volume. */
  readonly tokenVolume: string | undefined
}

/** Undefined where the token volume's name stands anywhere but in names of volumes and mounts, or may be hidden there. */
export function answerKey(review: DecodedReview): AnswerKey | undefined {
  const { kind: _, uid: __, object, objectKind, ...rest } = review
  const tokenVolume = tokenVolumeOf(object)
  const replaced = new Replaced(tokenVolume)
  const pod = JSON.stringify(replaced.pod(object))
  if (countOf(TOKEN_VOLUME, pod) !== replaced.names) return undefined
  // A text within the text (an annotation that holds JSON) could write the name with escapes.
  if (tokenVolume !== undefined && /\\\\[uUx]/.test(pod)) return undefined
  const head = JSON.stringify([rest, objectKind])
  return { text: encodeKey([head, tokenVolume !== undefined, pod]), tokenVolume }
}

/** The pod's volumes and mounts of the token. */
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

/** A copy of the pod without what differs between the pods of one workload; what has nothing of it is not copied. */
class Replaced {
  /** Names of volumes and mounts that were replaced. */
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
    let named = withList(spec, 'volumes', rename)
    for (const field of CONTAINER_FIELDS) named = withList(named, field, remount)
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

/** In the one form that an API server writes, so that one such time decodes as every other one does. */
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
