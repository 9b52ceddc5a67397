/**
 * Owns: following certificate files: parse first, swap after, keep the old pair when the new one is no good. Files
 * are read again every few seconds instead of watched: a mounted Secret is swapped through a chain of links, which
 * file watchers of different systems see differently or not at all, and reading three small files costs nothing.
 */
import { readFile } from 'node:fs/promises'
import { CertificateError, type CertificatePair, checkPair, messageOf, type PairTexts } from './pair.ts'

export interface CertificateFiles {
  readonly certificateFile: string
  readonly keyFile: string
  readonly clientCaFile?: string | undefined
}

export interface CertificateSourceOptions extends CertificateFiles {
  /** How often the files are looked at; default 5,000. */
  readonly intervalMs?: number
  /** Called before each look: where the pair is a development one, makes it again in time. */
  readonly renew?: () => Promise<void>
}

/** Something that happened while following; the runtime logs it. */
export type CertificateEvent =
  | { readonly kind: 'swapped'; readonly pair: CertificatePair }
  | { readonly kind: 'kept'; readonly error: CertificateError }

export interface CertificateSource {
  /** The newest good pair. @throws CertificateError before `start` has succeeded. */
  current(): CertificatePair
  /** The newest pair's fault, while an older one serves. */
  problem(): CertificateError | undefined
  onEvent(listener: (event: CertificateEvent) => void): void
  /** Reads the files for the first time and then follows them. @throws CertificateError when they are no good. */
  start(signal: AbortSignal): Promise<void>
  /** Looks now; never throws. */
  refresh(): Promise<void>
  close(): Promise<void>
}

export function createCertificateSource(options: CertificateSourceOptions): CertificateSource {
  const listeners: ((event: CertificateEvent) => void)[] = []
  let pair: CertificatePair | undefined
  let seen: string | undefined
  let fault: CertificateError | undefined
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let closed = false

  const emit = (event: CertificateEvent): void => {
    for (const listener of listeners) listener(event)
  }

  async function look(): Promise<void> {
    await options.renew?.()
    const texts = await readTexts(options)
    const fingerprint = JSON.stringify(texts)
    if (fingerprint === seen) return
    const next = checkPair(texts, {
      certificate: options.certificateFile,
      key: options.keyFile,
      clientCa: options.clientCaFile,
    })
    if (pair !== undefined && next.notAfterMs <= Date.now() && pair.notAfterMs > next.notAfterMs) {
      throw new CertificateError(
        'certificate-expired',
        `${options.certificateFile} expired at ${new Date(next.notAfterMs).toISOString()}; the one in use is good for longer`,
        { source: options.certificateFile },
      )
    }
    const first = pair === undefined
    pair = next
    seen = fingerprint
    fault = undefined
    if (!first) emit({ kind: 'swapped', pair: next })
  }

  async function refresh(): Promise<void> {
    // One look after the other: two at once could swap in the older of two readings.
    looking = looking.then(async () => {
      try {
        await look()
      } catch (cause) {
        const error = asCertificateError(cause, options)
        // Told once, not at every look.
        if (fault?.message === error.message) return
        fault = error
        emit({ kind: 'kept', error })
      }
    })
    await looking
  }

  function schedule(): void {
    if (closed) return
    timer = setTimeout(() => void refresh().then(schedule), options.intervalMs ?? 5000)
    timer.unref()
  }

  async function close(): Promise<void> {
    closed = true
    clearTimeout(timer)
    await looking
  }

  return {
    current() {
      if (pair === undefined)
        throw new CertificateError('certificate-not-loaded', 'no certificate has been read yet')
      return pair
    },
    problem: () => fault,
    onEvent: (listener) => listeners.push(listener),
    async start(signal) {
      try {
        await look()
      } catch (cause) {
        throw asCertificateError(cause, options)
      }
      signal.addEventListener('abort', () => void close(), { once: true })
      schedule()
    },
    refresh,
    close,
  }
}

async function readTexts(files: CertificateFiles): Promise<PairTexts> {
  const [certificate, key, clientCa] = await Promise.all([
    readFile(files.certificateFile, 'utf8'),
    readFile(files.keyFile, 'utf8'),
    files.clientCaFile === undefined ? undefined : readFile(files.clientCaFile, 'utf8'),
  ])
  return { certificate, key, clientCa }
}

function asCertificateError(cause: unknown, files: CertificateFiles): CertificateError {
  if (cause instanceof CertificateError) return cause
  return new CertificateError('certificate-unreadable', `cannot read the certificate: ${messageOf(cause)}`, {
    source: files.certificateFile,
    cause,
  })
}
