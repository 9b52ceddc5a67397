/** The file and line of a field of an object, for objects of a folder. Only for messages: it reads the texts again. */
import {
  findLine,
  isObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  own,
  readYamlDocuments,
} from '../../json/index.ts'
import { metadataOf, textAt } from '../../kube/index.ts'
import type { ManifestText } from './cluster-facts.ts'

export interface ManifestPlace {
  readonly file: string
  /** Unknown for a text that is not laid out by lines. */
  readonly line: number | undefined
}

/** The last file that defines the object counts. */
export function placeInManifest(
  object: JsonObject,
  path: readonly (string | number)[],
  texts: readonly ManifestText[] | undefined,
): ManifestPlace | undefined {
  const key = keyOf(object)
  const { name } = nameOf(object)
  for (const { file, text } of texts?.toReversed() ?? []) {
    if (name === '' || !text.includes(name)) continue
    for (const document of documentsOf(text)) {
      const within = pathTo(document.value, key)
      if (within === undefined) continue
      const line = findLine(document.text, [...within, ...path])
      return { file, line: line === undefined ? undefined : line + document.before }
    }
  }
  return undefined
}

interface TextDocument {
  readonly value: JsonValue
  readonly text: string
  /** Lines of the file before it. */
  readonly before: number
}

function documentsOf(text: string): readonly TextDocument[] {
  try {
    const found = readYamlDocuments(text, { limits: { maxBytes: text.length } })
    const lines = text.split('\n')
    return found.map(({ value, line }, index) => ({
      value,
      text: lines.slice(line - 1, (found[index + 1]?.line ?? lines.length + 1) - 1).join('\n'),
      before: line - 1,
    }))
  } catch (error) {
    if (error instanceof JsonError) return []
    throw error
  }
}

/** Where the object is in a document: the document itself, or an item of a List. */
function pathTo(value: JsonValue, key: string): readonly (string | number)[] | undefined {
  if (!isObject(value)) return undefined
  if (keyOf(value) === key) return []
  const items = own(value, 'items')
  if (!Array.isArray(items)) return undefined
  const index = items.findIndex((item) => isObject(item) && keyOf(item) === key)
  return index < 0 ? undefined : ['items', index]
}

function keyOf(object: JsonObject): string {
  const { namespace, name } = nameOf(object)
  return `${textAt(object, 'kind')} ${namespace}/${name}`
}

function nameOf(object: JsonObject): { readonly namespace: string; readonly name: string } {
  const metadata = metadataOf(object)
  return { namespace: textAt(metadata, 'namespace') || 'default', name: textAt(metadata, 'name') }
}
