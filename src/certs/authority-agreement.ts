/**
 * Agrees on the one CA that replicas share: reads it from the store, restores it there, and creates one if no replica
 * has any.
 *
 * The API server trusts the CA in the caBundles. A replica that finds no CA in the store, but a valid one in the
 * caBundles, may be the only one that lost it, so it gives the others time to restore it before it creates a new one.
 * Unusable content (half a pair, no PEM, an expired CA) counts as missing once it has been there for a while.
 */
import { type Authority, type AuthorityTexts, readAuthority } from './authority.ts'
import { validUntilMs } from './bundle.ts'
import { CertificateError } from './pair.ts'

/** The store of the replicas' CA. If two writers have the same version, only one succeeds. */
export interface AuthorityStore {
  /** For messages: `Secret istio-system/remora-ca`. */
  readonly place: string
  /** The command that empties it, for messages. */
  readonly emptyCommand: string
  /** @throws RemoraError if the store can never be read, because its namespace is unknown */
  open(): Promise<void>
  /** @throws RemoraError if it cannot be read now */
  read(signal: AbortSignal): Promise<{ readonly texts: AuthorityTexts; readonly version: string }>
  /** Keeps other keys of the store. @throws RemoraError if it cannot be written now */
  write(texts: AuthorityTexts, version: string, signal: AbortSignal): Promise<'written' | 'conflict'>
  close(): void
}

export interface AgreementTiming {
  /**
   * How long a replica without a CA waits for one that has it. Running replicas read the store at least every 12 s.
   */
  readonly restoreWaitMs: number
  /** How long unusable content must stay before it is replaced, because it may be written in two steps. */
  readonly repairMs: number
}

export interface AgreementOptions {
  readonly store: AuthorityStore
  readonly timing: AgreementTiming
  /** The certificates in the caBundles now, PEM; undefined until they have been read. */
  readonly trusted: () => readonly string[] | undefined
  /** @throws CertificateError if this CA cannot sign */
  readonly check: (authority: Authority) => void
  readonly onWritten: (what: 'made' | 'restored', authority: Authority) => void
  readonly signal: AbortSignal
}

const MAX_CONFLICTS = 5
const NOT_YET_VALID = 'authority-not-yet-valid'

export class AuthorityAgreement {
  readonly #options: AgreementOptions
  /** When a replica without a CA started to wait; monotonic clock. */
  #waitEndsMs: number | undefined
  #rejected: { readonly version: string; readonly sinceMs: number } | undefined

  constructor(options: AgreementOptions) {
    this.#options = options
  }

  /**
   * The CA in the store, which this replica writes if there is none. `agreed` is the one in use.
   * @throws CertificateError `authority-awaited`, `authority-invalid`, `authority-expired`,
   * `authority-not-yet-valid`, `authority-contested`
   */
  async agree(agreed: Authority | undefined): Promise<Authority> {
    const { store, onWritten, signal } = this.#options
    for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
      const { texts, version } = await store.read(signal)
      const nowMs = Date.now()
      const found = this.#inspect(texts, agreed, nowMs)
      if (found !== undefined && !(found instanceof CertificateError)) {
        this.#waitEndsMs = undefined
        this.#rejected = undefined
        return found
      }
      // This machine's clock may be wrong, so the CA is not replaced.
      if (found?.code === NOT_YET_VALID) throw withCommand(found, store.emptyCommand)
      const rejectedForMs = this.#noteRejected(found !== undefined, version)
      const known = agreed !== undefined && agreed.notAfterMs > nowMs ? agreed : undefined
      if (known === undefined) this.#waitForOthers(found, nowMs)
      if (found !== undefined) this.#waitForWriter(found, rejectedForMs)
      const next = known?.texts ?? (await import('./make-authority.ts')).makeAuthority(nowMs)
      if ((await store.write(next, version, signal)) === 'conflict') continue
      const written = known ?? readAuthority(next, store.place, nowMs)
      if (written === undefined) break
      onWritten(known === undefined ? 'made' : 'restored', written)
      return written
    }
    throw new CertificateError('authority-contested', `${store.place} changes faster than it can be filled`, {
      source: store.place,
    })
  }

  /** A usable CA, the reason why the content is unusable, or undefined if there is none. */
  #inspect(
    texts: AuthorityTexts,
    agreed: Authority | undefined,
    nowMs: number,
  ): Authority | CertificateError | undefined {
    const { store, check } = this.#options
    try {
      const found = readAuthority(texts, store.place, nowMs)
      if (found !== undefined && found.fingerprint !== agreed?.fingerprint) check(found)
      return found
    } catch (error) {
      if (error instanceof CertificateError) return error
      throw error
    }
  }

  /** @throws CertificateError `authority-awaited` while another replica may have the CA that clients trust */
  #waitForOthers(rejected: CertificateError | undefined, nowMs: number): void {
    const { store, timing, trusted } = this.#options
    this.#waitEndsMs ??= performance.now() + timing.restoreWaitMs
    const leftMs = this.#waitEndsMs - performance.now()
    if (leftMs <= 0) return
    const certificates = trusted()
    const end = certificates === undefined ? undefined : validUntilMs(certificates, nowMs)
    if (certificates !== undefined && end === undefined) return
    const why = rejected?.message ?? `${store.place} contains no CA`
    const held =
      end === undefined
        ? 'the caBundles have not been read yet'
        : `a caBundle contains one that is valid until ${new Date(end).toISOString()}`
    const seconds = timing.restoreWaitMs / 1000
    throw new CertificateError(
      'authority-awaited',
      `${why}, and ${held}: Remora waits ${seconds} s for a replica that has it to restore it, and then creates another one, which is trusted in addition`,
      { source: store.place, cause: rejected },
    )
  }

  /** How long this version of the store has been unusable. */
  #noteRejected(rejected: boolean, version: string): number {
    const nowMs = performance.now()
    if (!rejected) this.#rejected = undefined
    else if (this.#rejected?.version !== version) this.#rejected = { version, sinceMs: nowMs }
    return nowMs - (this.#rejected?.sinceMs ?? nowMs)
  }

  /** @throws CertificateError the problem, until the time for a correction has passed */
  #waitForWriter(rejected: CertificateError, forMs: number): void {
    const { store, timing } = this.#options
    if (forMs >= timing.repairMs) return
    const seconds = timing.repairMs / 1000
    throw new CertificateError(
      rejected.code,
      `${rejected.message}; unless it is corrected within ${seconds} s, the CA in use or a new one replaces it; to replace it at once: ${store.emptyCommand}`,
      { source: store.place, cause: rejected },
    )
  }
}

function withCommand(error: CertificateError, emptyCommand: string): CertificateError {
  const message = `${error.message}; correct the clock that is wrong, or empty the Secret with: ${emptyCommand}`
  return new CertificateError(error.code, message, { cause: error })
}
