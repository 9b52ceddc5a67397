/** Parses a manifest into objects: JSON or YAML, several documents, Lists at any depth. */
import { RemoraError } from '../errors.ts'
import {
  isObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  own,
  parseJson,
  readYamlDocuments,
  type YamlDocument,
} from '../json/index.ts'
import type { ClusterObject } from '../revisions/index.ts'

/** Lists inside Lists: `kubectl` writes one level, export tools a few. */
const maxListDepth = 16

/**
 * The objects of one file, in order. Throws `manifest-malformed` with file and line if the text is not YAML or JSON,
 * or if a document is not a Kubernetes object. Then no object of the file counts, because the missing ones would look
 * deleted.
 */
export function parseManifest(path: string, text: string): readonly ClusterObject[] {
  const objects: ClusterObject[] = []
  for (const document of readDocuments(path, text)) {
    collect(document.value, { path, line: document.line, where: '', depth: 0 }, objects)
  }
  return objects
}

/** An export of a large cluster as one file; far more than one object may have. */
const maxManifestBytes = 256 * 1024 * 1024

function readDocuments(path: string, text: string): readonly YamlDocument[] {
  try {
    if (/\.json$/i.test(path)) {
      return [{ value: parseJson(text, { source: path, maxBytes: maxManifestBytes }), line: 1 }]
    }
    return readYamlDocuments(text, { source: path, limits: { maxBytes: maxManifestBytes } })
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    // The message contains the position, unless the whole text is too large.
    throw new RemoraError('manifest-malformed', `${path}: ${error.message}`, {
      source: path,
      ...(error.line === undefined ? {} : { line: error.line }),
      cause: error,
    })
  }
}

interface Place {
  readonly path: string
  readonly line: number
  /** The path within the document: `items[3]`. */
  readonly where: string
  readonly depth: number
}

function collect(value: JsonValue, place: Place, objects: ClusterObject[]): void {
  if (value === null && place.where === '') return
  if (!isObject(value)) throw malformed(place, `expected a Kubernetes object, found ${nameType(value)}`)
  const kind = own(value, 'kind')
  const apiVersion = own(value, 'apiVersion')
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') {
    throw malformed(place, 'a Kubernetes object needs `apiVersion` and `kind`, both strings')
  }
  const items = own(value, 'items')
  if (!kind.endsWith('List') || items === undefined) {
    objects.push({ object: value, source: place.path })
    return
  }
  if (items === null) return
  if (!Array.isArray(items))
    throw malformed(place, `items of a ${kind} must be a list, found ${nameType(items)}`)
  if (place.depth >= maxListDepth) throw malformed(place, `Lists are nested more than ${maxListDepth} deep`)
  for (const [index, item] of items.entries()) {
    const where = `${place.where}${place.where === '' ? '' : '.'}items[${index}]`
    collect(withListKind(item, kind, apiVersion), { ...place, where, depth: place.depth + 1 }, objects)
  }
}

/** Items of a typed list (`NamespaceList`) have neither kind nor apiVersion, as the API itself writes them. */
function withListKind(item: JsonValue, listKind: string, apiVersion: string): JsonValue {
  if (!isObject(item) || listKind === 'List' || own(item, 'kind') !== undefined) return item
  const typed: JsonObject = { apiVersion, kind: listKind.slice(0, -'List'.length), ...item }
  return typed
}

function malformed(place: Place, why: string): RemoraError {
  const inside = place.where === '' ? '' : ` (${place.where})`
  return new RemoraError('manifest-malformed', `${place.path}, line ${place.line}${inside}: ${why}`, {
    source: place.path,
    line: place.line,
    path: place.where,
  })
}

function nameType(value: JsonValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${JSON.stringify(value).slice(0, 40)}`
}
