/**
 * Owns: the caBundles of our webhooks, filled and kept, over all MutatingWebhookConfigurations that an option names.
 * Not here: a single one of them (ca-bundle-configuration.ts), and where the CA comes from (the room certs).
 */
import type { ServiceName } from '../certs/index.ts'
import type { Problem } from '../inject/index.ts'
import {
  CaBundleConfiguration,
  type CaBundleHeal,
  type ConfigurationStatus,
} from './ca-bundle-configuration.ts'
import { DEFAULT_HEAL_LIMITS, type HealLimits } from './ca-bundle-policy.ts'
import { compareProblems } from './cluster.ts'
import { ApiClient } from './live/api-client.ts'
import { type EndpointSource, KubeConfigEndpoint } from './live/endpoint.ts'
import { DEFAULT_TIMING, type LiveTiming } from './live/timing.ts'

export interface CaBundlesOptions {
  /** Names of MutatingWebhookConfigurations; one that is not there is waited for. */
  readonly configurations: readonly string[]
  /** Only webhooks that call it are ours; undefined: all of these configurations. */
  readonly service: ServiceName | undefined
  /** The CAs that every bundle must hold, PEM; empty while they are not known, and then nothing is written. */
  readonly required: () => readonly string[]
  /**
   * Where replicas may learn of a new CA a minute apart, as from mounted files: each then adds its own to a bundle
   * with another CA of the same name, instead of taking that away from the others.
   */
  readonly keepNamesakes?: boolean
  readonly onHeal?: (heal: CaBundleHeal) => void
  readonly onProblems?: (change: {
    readonly appeared: readonly Problem[]
    readonly resolved: readonly Problem[]
  }) => void
  readonly endpoints?: EndpointSource
  readonly timing?: Partial<LiveTiming>
  readonly limits?: Partial<HealLimits>
}

export interface CaBundlesStatus {
  readonly configurations: readonly ConfigurationStatus[]
  readonly problems: readonly Problem[]
}

/** Each configuration's watch has a connection of its own. */
const SPARE_SOCKETS = 8

export class CaBundles {
  readonly #options: CaBundlesOptions
  readonly #endpoints: EndpointSource
  readonly #api: ApiClient
  readonly #configurations: readonly CaBundleConfiguration[]
  readonly #stopped = new AbortController()
  #ended: Promise<unknown> = Promise.resolve()
  #problems: readonly Problem[] = []

  constructor(options: CaBundlesOptions) {
    this.#options = options
    this.#endpoints =
      options.endpoints ?? new KubeConfigEndpoint(options.configurations.length + SPARE_SOCKETS)
    this.#api = new ApiClient(this.#endpoints)
    const shared = {
      service: options.service,
      api: this.#api,
      timing: { ...DEFAULT_TIMING, ...options.timing },
      limits: { ...DEFAULT_HEAL_LIMITS, ...options.limits },
      required: options.required,
      keepNamesakes: options.keepNamesakes ?? false,
      onHeal: (heal: CaBundleHeal) => options.onHeal?.(heal),
      onStatus: () => this.#tell(),
    }
    this.#configurations = [...new Set(options.configurations)].map(
      (name) => new CaBundleConfiguration({ ...shared, name }),
    )
  }

  /** Begins, and does not wait for the API server. @throws RemoraError `cluster-live-unconfigured` */
  async start(signal: AbortSignal): Promise<void> {
    await this.#endpoints.current()
    signal.addEventListener('abort', () => this.#stopped.abort(), { once: true })
    if (signal.aborted) this.#stopped.abort()
    const { signal: stopped } = this.#stopped
    this.#ended = Promise.all(this.#configurations.map((configuration) => configuration.run(stopped)))
  }

  /** To be called when `required` answers something else. */
  requiredChanged(): void {
    for (const configuration of this.#configurations) configuration.requiredChanged()
  }

  status(): CaBundlesStatus {
    return {
      configurations: this.#configurations.map((configuration) => configuration.status()),
      problems: this.#problems,
    }
  }

  async close(): Promise<void> {
    this.#stopped.abort()
    await this.#ended
    this.#api.close()
  }

  /** Problems of the same sentence are told once, whichever configuration they are of. */
  #tell(): void {
    const before = this.#problems
    this.#problems = this.#configurations.flatMap((configuration) => configuration.problems())
    const change = compareProblems(before, this.#problems)
    if (change.appeared.length > 0 || change.resolved.length > 0) this.#options.onProblems?.(change)
  }
}
