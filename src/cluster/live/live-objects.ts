/** Whole objects of a live cluster, read on demand for a short-lived command and not watched. A kind is listed once. */
import { isObject, type JsonObject, own } from '../../json/index.ts'
import { groupOf, type KindRow, kindRow, listAt, type ObjectKind, textAt } from '../../kube/index.ts'
import type { ObjectReader } from '../object-reader.ts'
import { ApiClient } from './api-client.ts'
import { ApiRefused } from './api-error.ts'
import { type EndpointSource, KubeConfigEndpoint } from './endpoint.ts'
import { metadataOf } from './resources.ts'

const TIMEOUT_MS = 10_000
/** Pods have about 10 KB each, so a page has a few MiB at most. */
const PAGE_SIZE = 250

export class LiveObjects implements ObjectReader {
  readonly #api: ApiClient
  readonly complete = true
  /** All objects of a kind, by its path. */
  readonly #listed: Map<string, readonly JsonObject[]>

  /**
   * @param endpoints the address of the API server; by default as in kubectl
   * @param listed kinds that have been listed already, by path
   */
  constructor(
    endpoints: EndpointSource = new KubeConfigEndpoint(),
    listed: ReadonlyMap<string, readonly JsonObject[]> = new Map(),
  ) {
    this.#api = new ApiClient(endpoints)
    this.#listed = new Map(listed)
  }

  async get(
    kind: ObjectKind,
    { namespace, name }: { readonly namespace: string; readonly name: string },
  ): Promise<JsonObject | undefined> {
    try {
      return await this.#read(`${pathOf(kindRow(kind), namespace)}/${encodeURIComponent(name)}`)
    } catch (error) {
      if (error instanceof ApiRefused && error.status === 404) return undefined
      throw error
    }
  }

  async list(kind: ObjectKind, namespace?: string): Promise<readonly JsonObject[]> {
    const { kind: itemKind, apiVersion, named } = kindRow(kind)
    const path = pathOf(kindRow(kind), undefined)
    const all = named === undefined ? this.#listed.get(path) : undefined
    const found = all?.filter((object) => namespace === undefined || namespaceOf(object) === namespace)
    try {
      const items = found ?? (await this.#listServed(kindRow(kind), namespace))
      if (namespace === undefined && named === undefined) this.#listed.set(path, items)
      // Items of a list have no apiVersion and kind.
      return items.map((item) => ({ apiVersion, kind: itemKind, ...item }))
    } catch (error) {
      // The extension is not installed.
      if (kindRow(kind).extension && isNotFound(error)) return []
      throw error
    }
  }

  /** An older or newer release of an extension may serve other versions of the kind only. */
  async #listServed(row: KindRow, namespace?: string): Promise<readonly JsonObject[]> {
    try {
      return await this.#listPages(row, namespace)
    } catch (error) {
      if (row.extension !== true || !isNotFound(error)) throw error
    }
    const { apiVersion: tried } = row
    const group = await this.#read(`/apis/${groupOf(tried)}`)
    const versions = listAt(group, 'versions')
      .filter(isObject)
      .map((version) => textAt(version, 'groupVersion'))
    for (const apiVersion of versions.filter((version) => version !== '' && version !== tried)) {
      try {
        return await this.#listPages({ ...row, apiVersion }, namespace)
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }
    return []
  }

  async #listPages(row: KindRow, namespace?: string): Promise<readonly JsonObject[]> {
    const { named } = row
    const objects: JsonObject[] = []
    for (let continued = ''; ; ) {
      const page = await this.#read(pathOf(row, namespace), {
        limit: String(PAGE_SIZE),
        ...(named === undefined ? {} : { fieldSelector: `metadata.name=${named}` }),
        ...(continued === '' ? {} : { continue: continued }),
      })
      const items = own(page, 'items')
      for (const item of Array.isArray(items) ? items : []) if (isObject(item)) objects.push(item)
      const metadata = own(page, 'metadata')
      const next = isObject(metadata) ? own(metadata, 'continue') : undefined
      if (typeof next !== 'string' || next === '') return objects
      continued = next
    }
  }

  async others(): Promise<readonly JsonObject[]> {
    return []
  }

  async texts(): Promise<undefined> {
    return undefined
  }

  close(): void {
    this.#api.close()
  }

  #read(path: string, query: Readonly<Record<string, string>> = {}): Promise<JsonObject> {
    return this.#api.json({ path, query, signal: AbortSignal.timeout(TIMEOUT_MS), timeoutMs: TIMEOUT_MS })
  }
}

function namespaceOf(object: JsonObject): string {
  return String(own(metadataOf(object), 'namespace') ?? '')
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiRefused && error.status === 404
}

function pathOf({ apiVersion, plural, global }: KindRow, namespace: string | undefined): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  if (global || namespace === undefined) return `${root}/${plural}`
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
}
