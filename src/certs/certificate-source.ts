/** What the rest of Remora sees of its serving certificate, wherever it comes from. */
import type { CertificateError, CertificatePair } from './pair.ts'

/** Something that happened while following; the runtime logs it and acts on it. */
export type CertificateEvent =
  | { readonly kind: 'swapped'; readonly pair: CertificatePair }
  /** What is new is no good; the pair in use stays. */
  | { readonly kind: 'kept'; readonly error: CertificateError }
  /** There is no pair yet, because another replica may restore the shared CA. */
  | { readonly kind: 'waiting'; readonly error: CertificateError }
  /** `bundle` may answer something else than before. */
  | { readonly kind: 'bundle' }
  /** The CA that replicas share was made, put back where it had been taken away, or is another one now. */
  | {
      readonly kind: 'authority'
      readonly what: 'made' | 'restored' | 'replaced'
      readonly notAfterMs: number
    }

export interface CertificateSource {
  /** The newest good pair. @throws CertificateError before `start` has succeeded. */
  current(): CertificatePair
  /**
   * The CAs by which a client verifies the pair in use, and those that it should know for the next one; PEM. Empty
   * where they are not known (yet).
   */
  bundle(): readonly string[]
  /** What is wrong with what should be served by now. */
  problem(): CertificateError | undefined
  /** When the pair in use should have been replaced by another one. @throws CertificateError as `current`. */
  overdueAtMs(): number
  onEvent(listener: (event: CertificateEvent) => void): void
  /**
   * Reads for the first time and then follows. Where waiting may help it waits, until the signal is aborted.
   * @throws CertificateError or another RemoraError where it would not.
   */
  start(signal: AbortSignal): Promise<void>
  /** Looks now; never throws. */
  refresh(): Promise<void>
  close(): Promise<void>
}
