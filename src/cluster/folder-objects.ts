/** Whole objects of a folder of manifests, for a short-lived command. */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { groupOf, kindRow, OBJECT_KINDS, type ObjectKind } from '../kube/index.ts'
import type { ClusterObject } from '../revisions/index.ts'
import type { FileText, ObjectReader } from './object-reader.ts'

export class FolderObjects implements ObjectReader {
  readonly #objects: readonly ClusterObject[]

  readonly #readTexts: () => Promise<readonly FileText[]>
  readonly complete = false

  /** @param objects of all files, in their order */
  constructor(objects: readonly ClusterObject[], readTexts: () => Promise<readonly FileText[]>) {
    this.#objects = objects
    this.#readTexts = readTexts
  }

  async get(
    kind: ObjectKind,
    { namespace, name }: { readonly namespace: string; readonly name: string },
  ): Promise<JsonObject | undefined> {
    const all = await this.list(kind, kindRow(kind).global === true ? undefined : namespace)
    return all.find((object) => textOf(object, 'name') === name)
  }

  async list(kind: ObjectKind, namespace?: string): Promise<readonly JsonObject[]> {
    const { kind: wanted, apiVersion, named } = kindRow(kind)
    // The last one of duplicate objects counts, as in the snapshot.
    const found = new Map<string, JsonObject>()
    for (const { object } of this.#objects) {
      if (own(object, 'kind') !== wanted) continue
      if (groupOf(String(own(object, 'apiVersion'))) !== groupOf(apiVersion)) continue
      if (named !== undefined && textOf(object, 'name') !== named) continue
      if (namespace === undefined || namespaceOf(object) === namespace) found.set(keyOf(object), object)
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, object]) => object)
  }

  async others(namespace?: string): Promise<readonly JsonObject[]> {
    return this.#objects
      .map(({ object }) => object)
      .filter((object) => !KNOWN.has(kindOf(object)))
      .filter((object) => namespace === undefined || namespaceOf(object) === namespace)
  }

  texts(): Promise<readonly FileText[]> {
    return this.#readTexts()
  }

  close(): void {}
}

const KNOWN: ReadonlySet<string> = new Set(
  Object.values(OBJECT_KINDS).map(({ kind, apiVersion }) => `${groupOf(apiVersion)}/${kind}`),
)

function kindOf(object: JsonObject): string {
  return `${groupOf(String(own(object, 'apiVersion')))}/${String(own(object, 'kind'))}`
}

function keyOf(object: JsonObject): string {
  return `${namespaceOf(object)}/${textOf(object, 'name')}`
}

function namespaceOf(object: JsonObject): string {
  return textOf(object, 'namespace') || 'default'
}

function textOf(object: JsonObject, key: string): string {
  const metadata = own(object, 'metadata')
  const value = isObject(metadata) ? own(metadata, key) : undefined
  return typeof value === 'string' ? value : ''
}
