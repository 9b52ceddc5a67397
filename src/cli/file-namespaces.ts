/** The Namespaces of a file that a command is asked about: its pods will be created with their labels. */
import type { NamespaceFacts, Snapshot } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseYaml } from '../json/index.ts'
import { metadataOf, objectAt, textAt } from '../kube/index.ts'
import { isEmptyDocument, splitDocuments } from './documents.ts'

/** The snapshot after `kubectl apply` of the file: labels and annotations are added to those of the cluster. */
export function withNamespacesOf(text: string, source: string, snapshot: Snapshot): Snapshot {
  const found = splitDocuments(text)
    .filter((document) => !isEmptyDocument(document))
    .flatMap((document) => objectsOf(parseYaml('\n'.repeat(document.line - 1) + document.text, { source })))
    .filter((object) => textAt(object, 'kind') === 'Namespace' && textAt(object, 'apiVersion') === 'v1')
  if (found.length === 0) return snapshot
  const namespaces = new Map(snapshot.namespaces)
  for (const object of found) {
    const metadata = metadataOf(object)
    const name = textAt(metadata, 'name')
    if (name !== '') namespaces.set(name, merged(namespaces.get(name), metadata))
  }
  return { ...snapshot, namespaces }
}

function objectsOf(value: JsonValue): readonly JsonObject[] {
  if (!isObject(value)) return []
  const items = own(value, 'items')
  return textAt(value, 'kind') === 'List' && Array.isArray(items) ? items.filter(isObject) : [value]
}

function merged(known: NamespaceFacts | undefined, metadata: JsonObject): NamespaceFacts {
  const merge = (key: 'labels' | 'annotations') =>
    new Map([...(known?.[key] ?? []), ...textsOf(objectAt(metadata, key))])
  return { labels: merge('labels'), annotations: merge('annotations') }
}

function textsOf(object: JsonObject): readonly (readonly [string, string])[] {
  return Object.entries(object).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value] as const] : [],
  )
}
