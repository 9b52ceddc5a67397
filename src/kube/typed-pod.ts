/**
 * Reading a pod in its typed form: plain JSON as Go's types encode it (codec.ts), so that every field that is there has
 * the right type. Nothing is decided here.
 */
import { isObject, type JsonArray, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { decodeTyped } from './codec.ts'

const none: JsonObject = {}
const empty: JsonArray = []

/** A field that holds an object; empty where it is not there. */
export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = own(object, key)
  return isObject(value) ? value : none
}

/** A field that holds a list; empty where it is not there. */
export function listAt(object: JsonObject, key: string): JsonArray {
  const value = own(object, key)
  return isList(value) ? value : empty
}

/** A field that holds a text; "" where it is not there, as in Go. */
export function textAt(object: JsonObject, key: string): string {
  const value = own(object, key)
  return typeof value === 'string' ? value : ''
}

/** Array.isArray does not narrow readonly arrays. */
export function isList(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value)
}

export function metadataOf(pod: JsonObject): JsonObject {
  return objectAt(pod, 'metadata')
}

export function specOf(pod: JsonObject): JsonObject {
  return objectAt(pod, 'spec')
}

export function annotationOf(pod: JsonObject, name: string): string | undefined {
  const value = own(objectAt(metadataOf(pod), 'annotations'), name)
  return typeof value === 'string' ? value : undefined
}

export function labelOf(pod: JsonObject, name: string): string | undefined {
  const value = own(objectAt(metadataOf(pod), 'labels'), name)
  return typeof value === 'string' ? value : undefined
}

/** `containers` or `initContainers` of a pod. */
export type ContainerField = 'containers' | 'initContainers'

export function containersOf(pod: JsonObject, field: ContainerField): readonly JsonObject[] {
  const list = listAt(specOf(pod), field)
  return areObjects(list) ? list : list.filter(isObject)
}

/** So are all lists of containers in typed form, and need no copy. */
function areObjects(list: JsonArray): list is readonly JsonObject[] {
  for (const item of list) if (!isObject(item)) return false
  return true
}

export function findContainer(containers: readonly JsonObject[], name: string): JsonObject | undefined {
  return containers.find((container) => textAt(container, 'name') === name)
}

/** A container of the pod, or else an init container; Istio 1.19 and later look for the proxy so. */
export function findInPod(pod: JsonObject, name: string): JsonObject | undefined {
  return (
    findContainer(containersOf(pod, 'containers'), name) ??
    findContainer(containersOf(pod, 'initContainers'), name)
  )
}

/** The pod with another spec field, still in typed form; everything else is shared. */
export function withSpecField(pod: JsonObject, field: string, value: JsonValue): JsonObject {
  const before = specOf(pod)
  const spec = { ...before, [field]: value }
  // A field that is new has its place among the others.
  return { ...pod, spec: Object.hasOwn(before, field) ? spec : decodeTyped('PodSpec', spec) }
}

/** The pod with other metadata; everything else is shared. */
export function withMetadata(pod: JsonObject, changes: JsonObject): JsonObject {
  return { ...pod, metadata: { ...metadataOf(pod), ...changes } }
}
