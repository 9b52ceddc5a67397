/** Times in the metadata of objects, in milliseconds since 1970. */
import { isObject, type JsonObject } from '../json/index.ts'
import { listAt, metadataOf, textAt } from '../kube/index.ts'

export function creationMs(object: JsonObject): number | undefined {
  return parse(textAt(metadataOf(object), 'creationTimestamp'))
}

/** The last write of the object's own fields by any manager; undefined without managedFields. */
export function writtenMs(object: JsonObject): number | undefined {
  const times = listAt(metadataOf(object), 'managedFields')
    .filter(isObject)
    .filter((entry) => textAt(entry, 'subresource') === '')
    .map((entry) => parse(textAt(entry, 'time')))
    .filter((time) => time !== undefined)
  return times.length === 0 ? undefined : Math.max(...times)
}

function parse(text: string): number | undefined {
  const ms = text === '' ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
