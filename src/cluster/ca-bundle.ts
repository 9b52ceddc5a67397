/**
 * Responsible for: the caBundles of our webhooks, filled and kept, over all MutatingWebhookConfigurations that an option names.
 * Not here: a single one of them (ca-bundle-configuration.ts), and where the CA comes from (package certs).
 */
import type { ServiceName } from '../certs/index.ts'
import type { Problem } from '../inject/index.ts'
import {
  CaBundleConfiguration,
  type CaBundleHeal,
  type ConfigurationStatus,
} from './ca-bundle-configuration.ts'
import { DEFAULT_HEAL_LIMITS, HEAL_BACK_OFF, type HealLimits } from './ca-bundle-policy.ts'
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
  readonly onHeal?: (heal: CaBundleHeal) => void
  readonly onProblems?: (change: {
    readonly appeared: readonly Problem[]
    readonly resolved: readonly Problem[]
  }) => void
  readonly endpoints?: EndpointSource
  readonly timing?: Partial<LiveTiming>
  readonly limits?: Partial<HealLimits>
  /** How long `registered` waits for bundles that are not filled; default 30,000. */
  readonly patienceMs?: number
}

export interface CaBundlesStatus {
  readonly configurations: readonly ConfigurationStatus[]
  readonly problems: readonly Problem[]
}

/** Each configuration's watch has a connection of its own. */
const SPARE_SOCKETS = 8
/** Longer than a write and its repetitions take; a replica without the right to write must serve all the same. */
const PATIENCE_MS = 30_000

export class CaBundles {
  readonly #options: CaBundlesOptions
  readonly #endpoints: EndpointSource
  readonly #api: ApiClient
  readonly #configurations: readonly CaBundleConfiguration[]
  readonly #stopped = new AbortController()
  #ended: Promise<unknown> = Promise.resolve()
  #problems: readonly Problem[] = []
  #requiredSinceMs: number | undefined
  #registered = false

  constructor(options: CaBundlesOptions) {
    this.#options = options
    this.#endpoints =
      options.endpoints ?? new KubeConfigEndpoint(options.configurations.length + SPARE_SOCKETS)
    this.#api = new ApiClient(this.#endpoints)
    const shared = {
      service: options.service,
      api: this.#api,
      timing: { ...DEFAULT_TIMING, backOff: HEAL_BACK_OFF, ...options.timing },
      limits: { ...DEFAULT_HEAL_LIMITS, ...options.limits },
      required: options.required,
      othersContested: (self: CaBundleConfiguration) =>
        this.#configurations.some((one) => one !== self && one.contested),
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
    if (this.#options.required().length > 0) this.#requiredSinceMs ??= performance.now()
    for (const configuration of this.#configurations) configuration.requiredChanged()
  }

  status(): CaBundlesStatus {
    return {
      configurations: this.#configurations.map((configuration) => configuration.status()),
      problems: this.#problems,
    }
  }

  /**
   * Whether the API server can trust this replica by now: every configuration that is there has held its CA once since
   * the start. Stays true, also where time ran out.
   */
  registered(): boolean {
    if (this.#registered) return true
    const since = this.#requiredSinceMs
    if (since === undefined) return false
    const late = performance.now() - since >= (this.#options.patienceMs ?? PATIENCE_MS)
    this.#registered = late || this.#configurations.every((configuration) => configuration.settled)
    return this.#registered
  }

  /**
   * Whether all caBundles hold our CA and have held it for a while; undefined before they have been read, and where no
   * configuration is there.
   */
  good(): boolean | undefined {
    const known = this.#configurations.map((one) => one.good()).filter((good) => good !== undefined)
    return known.length === 0 ? undefined : known.every((good) => good)
  }

  /** The certificates in the caBundles of our webhooks now, PEM; undefined until all have been read. */
  held(): readonly string[] | undefined {
    const held = this.#configurations.map((one) => one.held())
    return held.every((one) => one !== undefined) ? [...new Set(held.flat())] : undefined
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
