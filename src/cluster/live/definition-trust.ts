/**
 * Which namespaces may define revisions and tags, as the webhook configurations say now. When that changes, the kinds that
 * define them must be listed again; until these lists are complete a snapshot would miss revisions, so building is held.
 */
import { readWebhookConfigurations, TrustedNamespaces, type TrustOptions } from '../../istio/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { pause } from './back-off.ts'

export interface DefinitionTrustOptions {
  readonly trust: TrustOptions
  /** Building is held this long at most. */
  readonly maxHoldMs: number
  readonly signal: AbortSignal
  /** Building is no longer held. */
  readonly onRelease: () => void
}

export class DefinitionTrust {
  readonly #options: DefinitionTrustOptions
  #current: TrustedNamespaces
  #hold: Promise<void> | undefined

  constructor(options: DefinitionTrustOptions) {
    this.#options = options
    this.#current = new TrustedNamespaces([], options.trust)
  }

  get current(): TrustedNamespaces {
    return this.#current
  }

  get holdsBuild(): boolean {
    return this.#hold !== undefined
  }

  /**
   * @param webhooks all webhook configurations, as they are now
   * @param relist requests complete lists of the kinds that define revisions and tags
   */
  update(webhooks: readonly JsonObject[], relist: () => readonly Promise<void>[]): void {
    const { trust, maxHoldMs, signal, onRelease } = this.#options
    const next = new TrustedNamespaces(readWebhookConfigurations(webhooks), trust)
    const same = next.fingerprint() === this.#current.fingerprint()
    this.#current = next
    if (same) return
    const lists = relist()
    if (lists.length === 0) return
    const listed = new AbortController()
    const late = pause(maxHoldMs, AbortSignal.any([listed.signal, signal]))
    const hold = Promise.race([Promise.all(lists), late]).then(() => {
      listed.abort()
      // A later change holds it anew.
      if (this.#hold !== hold) return
      this.#hold = undefined
      onRelease()
    })
    this.#hold = hold
  }
}
