/**
 * Follows certificate files: parses first, swaps afterwards, and keeps the old pair if the new one is unusable. Files
 * are read every few seconds instead of watched, because a mounted Secret is swapped through a chain of links, which
 * file watchers of different systems report differently or not at all. Reading three small files is cheap.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundleVerifies, splitCertificates } from './bundle.ts'
import type { CertificateEvent, CertificateSource } from './certificate-source.ts'
import { CertificateError, type CertificatePair, checkPair, messageOf, type PairTexts } from './pair.ts'
import { fileRenewalOverdueAtMs } from './renewal.ts'

export interface CertificateFiles {
  readonly certificateFile: string
  readonly keyFile: string
  readonly clientCaFile?: string | undefined
  /** The CAs with which clients verify the certificate; for `bundle`. */
  readonly caFile?: string | undefined
}

export interface CertificateSourceOptions extends CertificateFiles {
  /** How often the files are read; default 5,000. */
  readonly intervalMs?: number
  /** Called before each read; renews development certificates. */
  readonly renew?: () => Promise<void>
  /**
   * The time from a new CA that does not verify the pair in use to the first pair that it signed, so that caBundles
   * contain it by then. Default: none, for servers that write no caBundles.
   */
  readonly handoverMs?: number
}

/** The validated content of the files. */
interface Reading {
  readonly pair: CertificatePair
  readonly bundle: readonly string[]
}

/**
 * The time between the first read that finds a problem and the second one that confirms it, because files that are
 * written or swapped one after the other do not match for a moment.
 */
const SECOND_LOOK_MS = 100

export function createCertificateSource(options: CertificateSourceOptions): CertificateSource {
  const { handoverMs = 0 } = options
  const listeners: ((event: CertificateEvent) => void)[] = []
  let inUse: Reading | undefined
  /** Read, and served once clients can be expected to trust it. */
  let next: Reading | undefined
  let handover: NodeJS.Timeout | undefined
  let seen: string | undefined
  let fault: CertificateError | undefined
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let closed = false

  const emit = (event: CertificateEvent): void => {
    for (const listener of listeners) listener(event)
  }

  async function readFiles(): Promise<void> {
    await options.renew?.()
    const texts = await readTexts(options)
    const fingerprint = JSON.stringify(texts)
    if (fingerprint === seen) return
    const pair = checkPair(texts, {
      certificate: options.certificateFile,
      key: options.keyFile,
      clientCa: options.clientCaFile,
    })
    const nowMs = Date.now()
    if (inUse !== undefined && pair.notAfterMs <= nowMs && inUse.pair.notAfterMs > pair.notAfterMs) {
      throw new CertificateError(
        'certificate-expired',
        `${options.certificateFile} expired at ${new Date(pair.notAfterMs).toISOString()}; the one in use is valid for longer`,
        { source: options.certificateFile },
      )
    }
    // Until then a client with a correct clock refuses it. cert-manager's clock may be ahead of this one.
    if (inUse !== undefined && pair.notBeforeMs > nowMs && inUse.pair.notAfterMs > nowMs) {
      throw new CertificateError(
        'certificate-not-yet-valid',
        `${options.certificateFile} is not valid before ${new Date(pair.notBeforeMs).toISOString()}; the one in use serves until then`,
        { source: options.certificateFile },
      )
    }
    accept({ pair, bundle: readBundle(texts, options) }, nowMs)
    seen = fingerprint
  }

  function accept(reading: Reading, nowMs: number): void {
    clearTimeout(handover)
    next = undefined
    const waitMs = inUse === undefined ? 0 : Math.min(handoverMs, inUse.pair.notAfterMs - nowMs)
    const known = inUse === undefined || bundleVerifies(inUse.bundle, reading.pair.certificate)
    if (known || reading.bundle.length === 0 || waitMs <= 0) {
      serve(reading)
      return
    }
    next = reading
    emit({ kind: 'bundle' })
    handover = setTimeout(serve, waitMs, reading)
    handover.unref()
  }

  function serve(reading: Reading): void {
    const before = inUse
    const bundleBefore = bundle()
    inUse = reading
    next = undefined
    if (before !== undefined) emit({ kind: 'swapped', pair: reading.pair })
    if (bundle().join('') !== bundleBefore.join('')) emit({ kind: 'bundle' })
  }

  function bundle(): readonly string[] {
    return [...new Set([...(next?.bundle ?? []), ...(inUse?.bundle ?? [])])]
  }

  function current(): CertificatePair {
    if (inUse !== undefined) return inUse.pair
    throw new CertificateError('certificate-not-loaded', 'no certificate has been read yet')
  }

  async function readSettled(): Promise<void> {
    try {
      await readFiles()
    } catch {
      await sleep(SECOND_LOOK_MS)
      await readFiles()
    }
  }

  async function refresh(): Promise<void> {
    // One read after the other. Two at once could swap in the older of two results.
    looking = looking.then(async () => {
      try {
        await readSettled()
        fault = undefined
      } catch (cause) {
        const error = asCertificateError(cause, options)
        // Reported once, not on every read.
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
    clearTimeout(handover)
    await looking
  }

  return {
    current,
    bundle,
    problem: () => fault,
    overdueAtMs: () => fileRenewalOverdueAtMs(current()),
    onEvent: (listener) => listeners.push(listener),
    async start(signal) {
      try {
        await readSettled()
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

interface Texts extends PairTexts {
  readonly ca?: string | undefined
}

/** One after the other, so that if several files are missing, the same one is always reported. */
async function readTexts(files: CertificateFiles): Promise<Texts> {
  const certificate = await readText(files.certificateFile)
  const key = await readText(files.keyFile)
  const clientCa = files.clientCaFile === undefined ? undefined : await readText(files.clientCaFile)
  const ca = files.caFile === undefined ? undefined : await readText(files.caFile)
  return { certificate, key, clientCa, ca }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new CertificateError('certificate-unreadable', `cannot read ${file}: ${messageOf(cause)}`, {
      source: file,
      cause,
    })
  }
}

/**
 * A bundle that does not verify the certificate would lock the API server out, so it counts as an incomplete change.
 */
function readBundle({ ca, certificate }: Texts, files: CertificateFiles): readonly string[] {
  if (ca === undefined) return []
  const bundle = splitCertificates(ca)
  if (bundleVerifies(bundle, certificate)) return bundle
  throw new CertificateError(
    'certificate-ca-mismatch',
    `no CA in ${files.caFile} verifies the certificate in ${files.certificateFile}`,
    { source: files.caFile ?? files.certificateFile },
  )
}

function asCertificateError(cause: unknown, files: CertificateFiles): CertificateError {
  if (cause instanceof CertificateError) return cause
  return new CertificateError('certificate-unreadable', `cannot read the certificate: ${messageOf(cause)}`, {
    source: files.certificateFile,
    cause,
  })
}
