/** Whole objects of a folder of manifests, read once, for a short-lived command. */
import { RemoraError } from '../errors.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import type { ClusterObject } from '../revisions/index.ts'
import { findManifestFiles, readManifestFile } from './folder-files.ts'
import { parseManifest } from './manifest.ts'
import { groupOf, kindRow, type ObjectKind, type ObjectReader } from './object-reader.ts'

export class FolderObjects implements ObjectReader {
  readonly #folder: string
  #objects: Promise<readonly ClusterObject[]> | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  async get(
    kind: ObjectKind,
    { namespace, name }: { readonly namespace: string; readonly name: string },
  ): Promise<JsonObject | undefined> {
    const all = await this.list(kind, kindRow(kind).global === true ? undefined : namespace)
    return all.find((object) => textOf(object, 'name') === name)
  }

  async list(kind: ObjectKind, namespace?: string): Promise<readonly JsonObject[]> {
    const { kind: wanted, apiVersion } = kindRow(kind)
    this.#objects ??= readAll(this.#folder)
    // The last one of duplicate objects counts, as in the snapshot.
    const found = new Map<string, JsonObject>()
    for (const { object } of await this.#objects) {
      if (own(object, 'kind') !== wanted) continue
      if (groupOf(String(own(object, 'apiVersion'))) !== groupOf(apiVersion)) continue
      if (namespace === undefined || namespaceOf(object) === namespace) found.set(keyOf(object), object)
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, object]) => object)
  }

  close(): void {}
}

/** The snapshot reports a file that cannot be read; the other files count. */
async function readAll(folder: string): Promise<readonly ClusterObject[]> {
  const objects: ClusterObject[] = []
  for (const file of await findManifestFiles(folder)) {
    try {
      objects.push(...parseManifest(file.path, await readManifestFile(folder, file)))
    } catch (error) {
      if (!(error instanceof RemoraError)) throw error
    }
  }
  return objects
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
