/**
 * Reads one namespace immediately, because a review that depends on its labels is waiting. A namespace that was just
 * created may be used before its watch event arrives.
 */
import { RemoraError } from '../../errors.ts'
import type { ApiClient } from './api-client.ts'
import { versionOf } from './list-resource.ts'
import { namespaceFields } from './needed-fields.ts'
import type { ObjectStore } from './resource-store.ts'

/**
 * The number of concurrent reads. A review beyond that is answered with a temporary fault, which the API server
 * retries after a second.
 */
const MAX_READING = 32
/**
 * The form of Kubernetes' namespace names. Any client that reaches the port can send another name, which may be long or
 * a path.
 */
const NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/

export class NamespaceReader {
  readonly #api: ApiClient
  readonly #store: Pick<ObjectStore, 'get' | 'put'>
  readonly #timeoutMs: number
  readonly #reading = new Map<string, Promise<boolean>>()

  constructor(api: ApiClient, store: Pick<ObjectStore, 'get' | 'put'>, timeoutMs: number) {
    this.#api = api
    this.#store = store
    this.#timeoutMs = timeoutMs
  }

  /** Whether the store has it now. Concurrent requests for the same namespace share a read. */
  read(name: string, signal: AbortSignal): Promise<boolean> {
    if (!NAME.test(name)) return Promise.resolve(false)
    const running = this.#reading.get(name)
    if (running !== undefined) return running
    if (this.#reading.size >= MAX_READING) return Promise.resolve(false)
    const reading = this.#get(name, signal).finally(() => this.#reading.delete(name))
    this.#reading.set(name, reading)
    return reading
  }

  async #get(name: string, signal: AbortSignal): Promise<boolean> {
    if (this.#store.get(name) !== undefined) return true
    try {
      const path = `/api/v1/namespaces/${encodeURIComponent(name)}`
      const found = await this.#api.json({ path, signal, timeoutMs: this.#timeoutMs })
      // A watch event that arrived meanwhile is at least as new.
      if (this.#store.get(name) === undefined) this.#store.put(name, versionOf(found), namespaceFields(found))
      return true
    } catch (error) {
      if (error instanceof RemoraError || signal.aborted) return false
      throw error
    }
  }
}
