/**
 * Watches one MutatingWebhookConfiguration by name, and writes its caBundles when they lack our CA.
 * ca-bundle-policy.ts decides when, ca-bundle-patch.ts what.
 */
import { type ServiceName, splitCertificates } from '../certs/index.ts'
import { RemoraError } from '../errors.ts'
import type { Problem } from '../inject/index.ts'
import { caBundleFields, caBundlePatch, lackingWebhooks, ourWebhooks } from './ca-bundle-patch.ts'
import {
  conflictedWrite,
  failedWrite,
  type HealLimits,
  type HealState,
  INITIAL_HEAL_STATE,
  isContested,
  isGood,
  type Moment,
  seenGood,
  seenLost,
  unseen,
  wroteBundle,
} from './ca-bundle-policy.ts'
import type { ApiClient } from './live/api-client.ts'
import { ApiRefused } from './live/api-error.ts'
import { backOffMs } from './live/back-off.ts'
import { Reflector } from './live/reflector.ts'
import { ResourceStore, type StoredObject } from './live/resource-store.ts'
import type { LiveTiming } from './live/timing.ts'

/** The manager of the fields in managedFields. */
export const CA_BUNDLE_MANAGER = 'remora-ca-bundle'
const COLLECTION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
const STRATEGIC_MERGE = 'application/strategic-merge-patch+json'
/** A write that hangs is aborted and repeated, because pods are refused until one succeeds. */
const WRITE_TIMEOUT_MS = 5_000
/** Several replicas may write at the same time; more conflicts in a row have another cause. */
const CONFLICTS_BEFORE_PROBLEM = 4

export interface ConfigurationOptions {
  readonly name: string
  /** Only webhooks that call this Service are ours; undefined: all. */
  readonly service: ServiceName | undefined
  readonly api: ApiClient
  readonly timing: LiveTiming
  readonly limits: HealLimits
  /** The CAs that every bundle must contain; empty if they are not known yet. */
  readonly required: () => readonly string[]
  /** Whether another configuration is contested. */
  readonly othersContested: (self: CaBundleConfiguration) => boolean
  readonly onHeal: (heal: CaBundleHeal) => void
  readonly onStatus: () => void
}

/** A successful write. */
export interface CaBundleHeal {
  readonly configuration: string
  readonly webhooks: readonly string[]
  /** How often the CA was lost again soon after a write, in the current series. */
  readonly reverts: number
}

export interface ConfigurationStatus {
  readonly name: string
  /** `absent`: not in the cluster. `lacking`: must be written. `unread`: not known yet. */
  readonly state: 'unread' | 'absent' | 'lacking' | 'filled'
  readonly heals: number
  readonly reverts: number
}

export class CaBundleConfiguration {
  readonly #options: ConfigurationOptions
  readonly #store: ResourceStore
  readonly #reflector: Reflector
  #signal = new AbortController().signal
  #state: HealState = INITIAL_HEAL_STATE
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined
  #held = false
  #heals = 0
  #failures = 0
  #failure: Problem | undefined
  #strangers: Problem | undefined

  constructor(options: ConfigurationOptions) {
    this.#options = options
    this.#store = new ResourceStore(() => this.#check(false))
    this.#reflector = new Reflector({
      resource: {
        name: 'mutatingwebhookconfigurations',
        path: COLLECTION,
        selectors: { fieldSelector: `metadata.name=${options.name}` },
        pageSize: 1,
        fields: caBundleFields,
        mayBeAbsent: false,
      },
      api: options.api,
      store: this.#store,
      timing: options.timing,
      onStatus: options.onStatus,
    })
  }

  /** Runs until the signal is aborted. Rejects only because of a bug. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true })
    await this.#reflector.run(signal)
    await this.#writing
  }

  /** The required CAs may have changed. */
  requiredChanged(): void {
    this.#check(true)
  }

  status(): ConfigurationStatus {
    const { name } = this.#options
    const state = !this.#reflector.synced
      ? 'unread'
      : this.#stored() === undefined
        ? 'absent'
        : this.#state.phase === 'good'
          ? 'filled'
          : 'lacking'
    return { name, state, heals: this.#heals, reverts: this.#state.reverts }
  }

  /** It has contained our CA once, or has no webhook of ours. */
  get settled(): boolean {
    return (
      this.#held ||
      (this.#reflector.synced && (this.#stored() === undefined || this.#strangers !== undefined))
    )
  }

  get contested(): boolean {
    return isContested(this.#state, this.#options.limits)
  }

  /**
   * Whether the caBundles contain our CA and have contained it for a while; undefined if there is nothing to check.
   */
  good(): boolean | undefined {
    return this.#stored() === undefined ? undefined : isGood(this.#state, this.#moment())
  }

  /** The certificates in the caBundles of our webhooks now, PEM; undefined until they have been read. */
  held(): readonly string[] | undefined {
    if (!this.#reflector.synced) return undefined
    const stored = this.#stored()
    if (stored === undefined) return []
    return ourWebhooks(stored.found.object, this.#options.service).flatMap(({ bundle }) =>
      splitCertificates(bundle),
    )
  }

  problems(): readonly Problem[] {
    const { name } = this.#options
    const reading = this.#reflector.problem
    const unread =
      reading === undefined
        ? undefined
        : { code: reading.code, message: `${name}, for its caBundle: ${reading.message}` }
    const contested = !this.contested
      ? undefined
      : {
          code: 'ca-bundle-contested',
          message: `${name}: something keeps removing our CA from caBundle, and pods are refused until it is restored; make the GitOps tool or CA injector ignore that field (managed by ${CA_BUNDLE_MANAGER})`,
        }
    return [unread, contested, this.#failure, this.#strangers].filter((problem) => problem !== undefined)
  }

  #stored(): StoredObject | undefined {
    return this.#store.get(this.#options.name)
  }

  #moment(): Moment {
    const { limits, othersContested } = this.#options
    return { nowMs: performance.now(), random: Math.random(), limits, shared: othersContested(this) }
  }

  #check(ours: boolean): void {
    if (this.#signal.aborted) return
    clearTimeout(this.#timer)
    const { service, required, onStatus } = this.#options
    const stored = this.#stored()
    const certificates = required()
    if (stored === undefined || certificates.length === 0) {
      this.#state = unseen(this.#state)
      this.#strangers = undefined
    } else {
      const webhooks = ourWebhooks(stored.found.object, service)
      this.#strangers = webhooks.length > 0 ? undefined : this.#noWebhook()
      if (lackingWebhooks(webhooks, certificates).length > 0) {
        this.#state = seenLost(this.#state, ours, this.#moment())
        this.#schedule()
      } else this.#settle()
    }
    onStatus()
  }

  /** Nothing is missing. Checks again when the series of reverts ends. */
  #settle(): void {
    this.#state = seenGood(this.#state, this.#moment())
    this.#held = true
    this.#failures = 0
    this.#failure = undefined
    if (this.#state.reverts === 0) return
    const heldMs = performance.now() - this.#state.goodSinceMs
    const waitMs = Math.max(1, this.#options.limits.holdMs - heldMs)
    this.#timer = setTimeout(() => this.#check(false), waitMs).unref()
  }

  #noWebhook(): Problem | undefined {
    const { name, service } = this.#options
    if (service === undefined) return undefined
    const called = `${service.namespace}/${service.name}`
    return {
      code: 'ca-bundle-no-webhook',
      message: `${name}: no webhook calls the Service ${called}, so Remora fills no caBundle in it`,
    }
  }

  #schedule(): void {
    if (this.#writing !== undefined || this.#signal.aborted) return
    clearTimeout(this.#timer)
    const waitMs = Math.max(0, this.#state.notBeforeMs - performance.now())
    this.#timer = setTimeout(() => {
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined
        if (this.#state.phase === 'lost') this.#schedule()
      })
    }, waitMs)
  }

  async #write(): Promise<void> {
    const { name, service, api, timing, required, onHeal, onStatus } = this.#options
    const stored = this.#stored()
    const certificates = required()
    const webhooks = stored === undefined ? [] : ourWebhooks(stored.found.object, service)
    const lacking = certificates.length === 0 ? [] : lackingWebhooks(webhooks, certificates)
    if (stored === undefined || lacking.length === 0) {
      this.#state = unseen(this.#state)
      return
    }
    const version = stored.resourceVersion
    try {
      await api.json({
        path: `${COLLECTION}/${name}`,
        query: { fieldManager: CA_BUNDLE_MANAGER },
        method: 'PATCH',
        body: {
          type: STRATEGIC_MERGE,
          json: caBundlePatch(lacking, certificates, { version, nowMs: Date.now() }),
        },
        signal: this.#signal,
        timeoutMs: Math.min(timing.requestTimeoutMs, WRITE_TIMEOUT_MS),
      })
    } catch (error) {
      if (this.#signal.aborted) return
      if (!(error instanceof RemoraError)) throw error
      this.#failed(error)
      return
    }
    this.#failures = 0
    this.#failure = undefined
    this.#heals += 1
    // The watch may have seen it as good already, which counts.
    if (this.#state.phase === 'lost') this.#state = wroteBundle(this.#state, this.#moment())
    onHeal({
      configuration: name,
      webhooks: lacking.map((webhook) => webhook.name),
      reverts: this.#state.reverts,
    })
    onStatus()
  }

  #failed(error: RemoraError): void {
    const { name, timing, onStatus } = this.#options
    this.#failures += 1
    const refused = error instanceof ApiRefused ? error : undefined
    const conflict = refused?.status === 409 || refused?.status === 404
    const waitMs = backOffMs(this.#failures, timing.backOff, Math.random(), refused?.retryAfterMs)
    this.#state = (conflict ? conflictedWrite : failedWrite)(this.#state, waitMs, this.#moment())
    if (conflict && this.#failures < CONFLICTS_BEFORE_PROBLEM) return
    // The first message of a series stays, so that one outage is one line in the log.
    this.#failure ??= { code: 'ca-bundle-not-written', message: `${name}: ${error.message}` }
    onStatus()
  }
}
