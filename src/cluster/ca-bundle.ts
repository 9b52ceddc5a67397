/**
 * Fills and maintains the caBundles of our webhooks in all MutatingWebhookConfigurations that an option names.
 * ca-bundle-configuration.ts handles a single one; package certs provides the CA.
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
  /** Names of MutatingWebhookConfigurations; one that does not exist may be created later. */
  readonly configurations: readonly string[]
  /** Only webhooks that call this Service are ours; undefined: all of these configurations. */
  readonly service: ServiceName | undefined
  /** The CAs that every bundle must contain, PEM; empty while they are not known, and then nothing is written. */
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

/** Each configuration's watch has its own connection. */
const SPARE_SOCKETS = 8
/** Longer than a write with its retries. A replica without the right to write must serve anyway. */
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
      options.endpoints ??
      new KubeConfigEndpoint({ maxSockets: options.configurations.length + SPARE_SOCKETS })
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
      onStatus: () => this.#notify(),
    }
    this.#configurations = [...new Set(options.configurations)].map(
      (name) => new CaBundleConfiguration({ ...shared, name }),
    )
  }

  /** Starts without waiting for the API server. @throws RemoraError `cluster-live-unconfigured` */
  async start(signal: AbortSignal): Promise<void> {
    await this.#endpoints.current()
    signal.addEventListener('abort', () => this.#stopped.abort(), { once: true })
    if (signal.aborted) this.#stopped.abort()
    const { signal: stopped } = this.#stopped
    this.#ended = Promise.all(this.#configurations.map((configuration) => configuration.run(stopped)))
  }

  /** Must be called when the result of `required` changes. */
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
   * Whether the API server can trust this replica: every existing configuration has contained its CA once since the
   * start. Stays true, also after a time-out.
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
   * Whether all caBundles contain our CA and have contained it for a while; undefined before they have been read, and
   * if no configuration exists.
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

  /** Problems with the same message are reported once for all configurations. */
  #notify(): void {
    const before = this.#problems
    this.#problems = this.#configurations.flatMap((configuration) => configuration.problems())
    const change = compareProblems(before, this.#problems)
    if (change.appeared.length > 0 || change.resolved.length > 0) this.#options.onProblems?.(change)
  }
}
