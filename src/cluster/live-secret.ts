/**
 * The CA of `--tls=self` in its Secret: read and updated by name, never created, so that the ServiceAccount needs
 * only `get` and `update` on this one name. Package certs interprets the content.
 */
import type { AuthorityStore, AuthorityTexts } from '../certs/index.ts'
import { RemoraError } from '../errors.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import { ApiClient } from './live/api-client.ts'
import { ApiRefused } from './live/api-error.ts'
import { type EndpointSource, KubeConfigEndpoint } from './live/endpoint.ts'
import { versionOf } from './live/list-resource.ts'

export interface LiveSecretOptions {
  readonly namespace: string
  readonly name: string
  /** The address of the API server; by default as in kubectl. */
  readonly endpoints?: EndpointSource
  readonly timeoutMs?: number
}

/** The manager of the fields in the Secret's managedFields. */
const FIELD_MANAGER = 'remora-tls'

export class LiveSecret implements AuthorityStore {
  readonly place: string
  readonly emptyCommand: string
  readonly #path: string
  readonly #endpoints: EndpointSource
  readonly #api: ApiClient
  readonly #timeoutMs: number
  /** The whole Secret as last read, because an update sends all of it. */
  #last: JsonObject | undefined

  constructor({
    namespace,
    name,
    endpoints = new KubeConfigEndpoint(),
    timeoutMs = 10_000,
  }: LiveSecretOptions) {
    this.place = `Secret ${namespace}/${name}`
    this.emptyCommand = `kubectl patch secret ${name} -n ${namespace} --type=merge -p '{"data":null}'`
    this.#path = `/api/v1/namespaces/${namespace}/secrets/${name}`
    this.#endpoints = endpoints
    this.#api = new ApiClient(endpoints)
    this.#timeoutMs = timeoutMs
  }

  /** @throws RemoraError `cluster-live-unconfigured` */
  async open(): Promise<void> {
    await this.#endpoints.current()
  }

  /** @throws RemoraError `tls-secret-missing`; ApiUnreachable, ApiRefused */
  async read(signal: AbortSignal): Promise<{ readonly texts: AuthorityTexts; readonly version: string }> {
    try {
      this.#last = await this.#api.json({ path: this.#path, signal, timeoutMs: this.#timeoutMs })
    } catch (error) {
      this.#last = undefined
      if (!(error instanceof ApiRefused && error.status === 404)) throw error
      throw new RemoraError(
        'tls-secret-missing',
        'it does not exist; the chart renders it without data, and so does `kubectl create secret generic`',
        { source: this.place, cause: error },
      )
    }
    return { texts: textsOf(this.#last), version: versionOf(this.#last) }
  }

  /** Also a conflict if the Secret was deleted; reading it again shows that. */
  async write(texts: AuthorityTexts, version: string, signal: AbortSignal): Promise<'written' | 'conflict'> {
    const object = this.#last
    if (object === undefined || versionOf(object) !== version) return 'conflict'
    const written = [...texts].map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')])
    const data: JsonObject = { ...dataOf(object), ...Object.fromEntries(written) }
    try {
      await this.#api.json({
        path: this.#path,
        query: { fieldManager: FIELD_MANAGER },
        method: 'PUT',
        body: { type: 'application/json', json: { ...object, data } },
        signal,
        timeoutMs: this.#timeoutMs,
      })
      return 'written'
    } catch (error) {
      if (error instanceof ApiRefused && (error.status === 409 || error.status === 404)) return 'conflict'
      throw error
    }
  }

  close(): void {
    this.#api.close()
  }
}

function dataOf(object: JsonObject): JsonObject {
  const data = own(object, 'data')
  return isObject(data) ? data : {}
}

function textsOf(object: JsonObject): AuthorityTexts {
  const texts = new Map<string, string>()
  for (const [key, value] of Object.entries(dataOf(object))) {
    if (typeof value === 'string') texts.set(key, Buffer.from(value, 'base64').toString('utf8'))
  }
  return texts
}
