/**
 * Owns: following certificate files: parse first, swap after, keep the old pair when the new one is no good. Files
 * are read again every few seconds instead of watched: a mounted Secret is swapped through a chain of links, which
 * file watchers of different systems see differently or not at all, and reading three small files costs nothing.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundleVerifies, splitCertificates } from './bundle.ts'
import type { CertificateEvent, CertificateSource } from './certificate-source.ts'
import { CertificateError, type CertificatePair, checkPair, messageOf, type PairTexts } from './pair.ts'

export interface CertificateFiles {
  readonly certificateFile: string
  readonly keyFile: string
  readonly clientCaFile?: string | undefined
  /** The CAs by which clients verify the certificate; for `bundle`. */
  readonly caFile?: string | undefined
}

export interface CertificateSourceOptions extends CertificateFiles {
  /** How often the files are looked at; default 5,000. */
  readonly intervalMs?: number
  /** Called before each look: where the pair is a development one, makes it again in time. */
  readonly renew?: () => Promise<void>
}

/**
 * Between the first look that finds something wrong and the second one that believes it: files that are written or
 * swapped one after the other do not belong together for a moment.
 */
const SECOND_LOOK_MS = 100

export function createCertificateSource(options: CertificateSourceOptions): CertificateSource {
  const listeners: ((event: CertificateEvent) => void)[] = []
  let pair: CertificatePair | undefined
  let bundle: readonly string[] = []
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
    const nextBundle = readBundle(texts, options)
    const first = pair === undefined
    const another = nextBundle.join('') !== bundle.join('')
    pair = next
    bundle = nextBundle
    seen = fingerprint
    if (!first) emit({ kind: 'swapped', pair: next })
    if (another) emit({ kind: 'bundle' })
  }

  async function lookTwice(): Promise<void> {
    try {
      await look()
    } catch {
      await sleep(SECOND_LOOK_MS)
      await look()
    }
  }

  async function refresh(): Promise<void> {
    // One look after the other: two at once could swap in the older of two readings.
    looking = looking.then(async () => {
      try {
        await lookTwice()
        fault = undefined
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
    bundle: () => bundle,
    problem: () => fault,
    onEvent: (listener) => listeners.push(listener),
    async start(signal) {
      try {
        await lookTwice()
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

/** One after the other, so that of several files that are missing the same one is always named. */
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

/** A bundle that does not verify the certificate would lock the API server out, so it counts as half of an exchange. */
function readBundle({ ca, certificate }: Texts, files: CertificateFiles): readonly string[] {
  if (ca === undefined) return []
  const bundle = splitCertificates(ca)
  if (bundleVerifies(bundle, certificate)) return bundle
  throw new CertificateError(
    'certificate-ca-mismatch',
    `no CA in ${files.caFile} vouches for the certificate in ${files.certificateFile}`,
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
