/** Reads and changes RevisionRollouts with the user's own rights, for commands. */
import { RemoraError } from '../../errors.ts'
import type { JsonObject } from '../../json/index.ts'
import { metadataOf, textAt } from '../../kube/index.ts'
import { ROLLOUT_API_VERSION, ROLLOUT_KIND } from '../../rollout/index.ts'
import { ApiClient } from './api-client.ts'
import { ApiRefused } from './api-error.ts'
import { type EndpointSource, type KubeConfigChoice, KubeConfigEndpoint } from './endpoint.ts'

const TIMEOUT_MS = 10_000
const PATH = `/apis/${ROLLOUT_API_VERSION}/revisionrollouts`

export class LiveRollouts {
  readonly #api: ApiClient

  constructor(choice: KubeConfigChoice, endpoints: EndpointSource = new KubeConfigEndpoint({ choice })) {
    this.#api = new ApiClient(endpoints)
  }

  /** @throws RemoraError if there is none of this name, or it cannot be read */
  async get(name: string): Promise<JsonObject> {
    try {
      return await this.#request(name)
    } catch (error) {
      if (!(error instanceof ApiRefused && error.status === 404)) throw error
      throw new RemoraError('rollout-unknown', `there is no ${ROLLOUT_KIND} ${JSON.stringify(name)}`, {
        cause: error,
      })
    }
  }

  /**
   * Sets `spec.percent`, unless the object has changed since it was read.
   * @throws RemoraError where the API server refuses
   */
  setPercent(object: JsonObject, percent: string): Promise<JsonObject> {
    const { name, resourceVersion } = {
      name: textAt(metadataOf(object), 'name'),
      resourceVersion: textAt(metadataOf(object), 'resourceVersion'),
    }
    return this.#request(name, { metadata: { resourceVersion }, spec: { percent } })
  }

  close(): void {
    this.#api.close()
  }

  #request(name: string, patch?: JsonObject): Promise<JsonObject> {
    return this.#api.json({
      path: `${PATH}/${encodeURIComponent(name)}`,
      ...(patch !== undefined && {
        method: 'PATCH',
        query: { fieldManager: 'remora-rollout' },
        body: { type: 'application/merge-patch+json', json: patch },
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      timeoutMs: TIMEOUT_MS,
    })
  }
}
