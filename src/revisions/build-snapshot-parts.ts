/**
 * The parts of a snapshot with one value per object: namespaces, nodes, ProxyConfigs. An object that cannot be read
 * keeps its own last good value while all others go on changing.
 */
import { RemoraError } from '../errors.ts'
import type { NamespaceFacts, Problem } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { type ClusterObject, type KindObjects, nameObject } from './build-snapshot-objects.ts'

/** What the objects of one kind say. Never changed: while the objects are the same, so is the part. */
export interface Part<T> {
  readonly objects: KindObjects
  /** By the object's key. */
  readonly entries: ReadonlyMap<string, PartEntry<T>>
  /** Of the entries that have one. */
  readonly values: ReadonlyMap<string, T>
  readonly problems: readonly Problem[]
}

export interface PartEntry<T> {
  readonly object: JsonObject
  /** The last good value; undefined if there never was one. */
  readonly value: T | undefined
  readonly problem: Problem | undefined
}

/** Reads new objects; an object with the same identity as before is not read again. */
export function buildPart<T>(
  objects: KindObjects,
  parse: (object: JsonObject) => T,
  previous: Part<T> | undefined,
): Part<T> {
  if (previous?.objects === objects) return previous
  const entries = new Map<string, PartEntry<T>>()
  const values = new Map<string, T>()
  const problems: Problem[] = []
  for (const [key, found] of objects.byKey) {
    const before = previous?.entries.get(key)
    const entry = before?.object === found.object ? before : readObject(key, found, parse, before?.value)
    entries.set(key, entry)
    if (entry.value !== undefined) values.set(key, entry.value)
    if (entry.problem !== undefined) problems.push(entry.problem)
  }
  return { objects, entries, values, problems }
}

function readObject<T>(
  key: string,
  found: ClusterObject,
  parse: (object: JsonObject) => T,
  lastGood: T | undefined,
): PartEntry<T> {
  try {
    return { object: found.object, value: parse(found.object), problem: undefined }
  } catch (error) {
    if (!(error instanceof RemoraError)) throw error
    const sequel = lastGood === undefined ? 'it is not used' : 'its last good state stays in use'
    const message = `${nameObject(found, key)}: ${error.message}; ${sequel}`
    return {
      object: found.object,
      value: lastGood,
      problem: { code: 'object-malformed', message, where: nameObject(found, key) },
    }
  }
}

/** @throws RemoraError `object-malformed` */
export function parseNamespace(object: JsonObject): NamespaceFacts {
  const metadata = readObjectAt(own(object, 'metadata'), 'metadata')
  return Object.freeze({
    labels: readTextMap(metadata && own(metadata, 'labels'), 'metadata.labels'),
    annotations: readTextMap(metadata && own(metadata, 'annotations'), 'metadata.annotations'),
  })
}

/** The kubelet's version (`v1.33.4`); empty if the node has none. @throws RemoraError `object-malformed` */
export function parseNode(object: JsonObject): string {
  const status = readObjectAt(own(object, 'status'), 'status')
  const info = readObjectAt(status && own(status, 'nodeInfo'), 'status.nodeInfo')
  const version = info && own(info, 'kubeletVersion')
  if (version === undefined || version === null) return ''
  if (typeof version !== 'string') throw notAsExpected('status.nodeInfo.kubeletVersion', 'a string', version)
  return version
}

/** The same object, after a check that its labels and data are texts. @throws RemoraError `object-malformed` */
export function checkConfigMap(object: JsonObject): JsonObject {
  const metadata = readObjectAt(own(object, 'metadata'), 'metadata')
  readTextMap(metadata && own(metadata, 'labels'), 'metadata.labels')
  readTextMap(own(object, 'data'), 'data')
  return object
}

function readObjectAt(value: JsonValue | undefined, path: string): JsonObject | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw notAsExpected(path, 'an object', value)
  return value
}

function readTextMap(value: JsonValue | undefined, path: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>()
  for (const [name, text] of Object.entries(readObjectAt(value, path) ?? {})) {
    if (typeof text !== 'string') throw notAsExpected(`${path}.${name}`, 'a string (in quotes)', text)
    map.set(name, text)
  }
  return map
}

function notAsExpected(path: string, expected: string, found: JsonValue): RemoraError {
  const shown = JSON.stringify(found)
  const short = shown.length > 60 ? `${shown.slice(0, 57)}...` : shown
  return new RemoraError('object-malformed', `${path}: expected ${expected}, found ${short}`, { path })
}
