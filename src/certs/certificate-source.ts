/** The interface of the serving certificate's sources. */
import type { CertificateError, CertificatePair } from './pair.ts'

/** An event while following the certificate, for the log and the listener. */
export type CertificateEvent =
  | { readonly kind: 'swapped'; readonly pair: CertificatePair }
  /** The new certificate is unusable; the pair in use stays. */
  | { readonly kind: 'kept'; readonly error: CertificateError }
  /** There is no pair yet, because another replica may restore the shared CA. */
  | { readonly kind: 'waiting'; readonly error: CertificateError }
  /** The result of `bundle` may have changed. */
  | { readonly kind: 'bundle' }
  /** The shared CA was created, restored, or replaced by another one. */
  | {
      readonly kind: 'authority'
      readonly what: 'made' | 'restored' | 'replaced'
      readonly notAfterMs: number
    }

export interface CertificateSource {
  /** The newest usable pair. @throws CertificateError before `start` has succeeded */
  current(): CertificatePair
  /**
   * The CAs with which a client verifies the pair in use, and those for the next one; PEM. Empty if they are not
   * known (yet).
   */
  bundle(): readonly string[]
  /** The problem with the pair that should be served by now. */
  problem(): CertificateError | undefined
  /** When the pair in use should have been replaced. @throws CertificateError as `current` */
  overdueAtMs(): number
  onEvent(listener: (event: CertificateEvent) => void): void
  /**
   * Reads for the first time and then follows changes. Waits until the signal is aborted if waiting may help.
   * @throws CertificateError or another RemoraError if it would not
   */
  start(signal: AbortSignal): Promise<void>
  /** Checks now; never throws. */
  refresh(): Promise<void>
  close(): Promise<void>
}
