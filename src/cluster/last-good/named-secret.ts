/** One existing Secret that is read and patched by name, which needs only `get` and `patch` on this name. */
import { isObject, type JsonObject, own } from '../../json/index.ts'
import type { ApiClient } from '../live/api-client.ts'
import { ApiRefused } from '../live/api-error.ts'
import { versionOf } from '../live/list-resource.ts'

export interface SecretName {
  readonly namespace: string
  readonly name: string
}

export interface SecretContent {
  readonly data: ReadonlyMap<string, Buffer>
  readonly version: string
}

/** The manager of the fields in the Secret's managedFields. */
const FIELD_MANAGER = 'remora-last-good'
const MERGE_PATCH = 'application/merge-patch+json'

export class NamedSecret {
  /** `Secret remora-system/remora-last-good-0`. */
  readonly place: string
  readonly #api: ApiClient
  readonly #path: string
  readonly #timeoutMs: number

  constructor(api: ApiClient, { namespace, name }: SecretName, timeoutMs: number) {
    this.place = `Secret ${namespace}/${name}`
    this.#api = api
    this.#path = `/api/v1/namespaces/${namespace}/secrets/${name}`
    this.#timeoutMs = timeoutMs
  }

  /** Undefined if it does not exist. @throws ApiRefused, ApiUnreachable, JsonError */
  async read(signal: AbortSignal): Promise<SecretContent | undefined> {
    const request = { path: this.#path, signal, timeoutMs: this.#timeoutMs }
    try {
      return contentOf(await this.#api.json(request))
    } catch (error) {
      if (error instanceof ApiRefused && error.status === 404) return undefined
      throw error
    }
  }

  /**
   * Writes these keys and keeps all others.
   * @param data undefined removes the key
   * @param version the write fails as a conflict if the Secret has changed since; undefined: no check
   */
  async patch(
    data: ReadonlyMap<string, Buffer | undefined>,
    { signal, version }: { readonly signal: AbortSignal; readonly version?: string },
  ): Promise<SecretContent | 'conflict' | 'missing'> {
    const encoded = [...data].map(([key, bytes]) => [key, bytes?.toString('base64') ?? null])
    const json: JsonObject = {
      ...(version === undefined ? {} : { metadata: { resourceVersion: version } }),
      data: Object.fromEntries(encoded),
    }
    try {
      const object = await this.#api.json({
        path: this.#path,
        query: { fieldManager: FIELD_MANAGER },
        method: 'PATCH',
        body: { type: MERGE_PATCH, json },
        signal,
        timeoutMs: this.#timeoutMs,
      })
      return contentOf(object)
    } catch (error) {
      if (error instanceof ApiRefused && error.status === 409) return 'conflict'
      if (error instanceof ApiRefused && error.status === 404) return 'missing'
      throw error
    }
  }
}

function contentOf(object: JsonObject): SecretContent {
  const found = own(object, 'data')
  const data = new Map<string, Buffer>()
  for (const [key, value] of Object.entries(isObject(found) ? found : {})) {
    if (typeof value === 'string') data.set(key, Buffer.from(value, 'base64'))
  }
  return { data, version: versionOf(object) }
}
