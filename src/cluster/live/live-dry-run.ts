/** Creates pods with `dryRun=All` and the user's own permissions: the API server judges them, and nothing is stored. */
import { RemoraError } from '../../errors.ts'
import type { JsonObject } from '../../json/index.ts'
import { type DryRunVerdict, notJudgedPod, readWarnings, verdictOfStatus } from '../../kube/index.ts'
import { ApiClient } from './api-client.ts'
import { ApiRefused, ApiUnreachable } from './api-error.ts'
import { type EndpointSource, type KubeConfigChoice, KubeConfigEndpoint } from './endpoint.ts'

/** The API server waits 10 s for each webhook by default. */
const TIMEOUT_MS = 30_000

export class LiveDryRun {
  readonly #api: ApiClient
  readonly #timeoutMs: number

  constructor(
    choice: KubeConfigChoice,
    endpoints: EndpointSource = new KubeConfigEndpoint({ choice }),
    timeoutMs: number = TIMEOUT_MS,
  ) {
    this.#api = new ApiClient(endpoints)
    this.#timeoutMs = timeoutMs
  }

  /** The signal ends it early. */
  async create(namespace: string, pod: JsonObject, signal: AbortSignal): Promise<DryRunVerdict> {
    let warnings: readonly string[] = []
    try {
      await this.#api.json({
        path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
        // Controllers drop unknown fields, so these are no reason to refuse; they become warnings.
        query: { dryRun: 'All', fieldValidation: 'Warn', fieldManager: 'remora' },
        method: 'POST',
        accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
        body: { type: 'application/json', json: pod },
        onWarnings: (headers) => {
          warnings = readWarnings(headers)
        },
        signal,
        timeoutMs: this.#timeoutMs,
      })
      return { kind: 'accepted', warnings }
    } catch (error) {
      if (error instanceof ApiRefused) return verdictOfStatus(error.facts)
      if (error instanceof ApiUnreachable) return notJudgedPod(error.message, 'server')
      if (error instanceof RemoraError) return notJudgedPod(error.message)
      throw error
    }
  }

  close(): void {
    this.#api.close()
  }
}
