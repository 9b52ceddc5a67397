/**
 * `--tls=self`: each replica signs its own serving certificate with the CA that replicas share, and renews it in
 * time, whether or not the store is reachable. authority-agreement.ts determines the CA; leaf.ts creates
 * certificates.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { RemoraError } from '../errors.ts'
import type { Authority } from './authority.ts'
import { type AgreementTiming, AuthorityAgreement, type AuthorityStore } from './authority-agreement.ts'
import type { CertificateEvent, CertificateSource } from './certificate-source.ts'
import type { Leaf, ServiceName } from './leaf.ts'
import { CertificateError, messageOf } from './pair.ts'

export interface SelfSourceTiming extends AgreementTiming {
  /** How often the store is read; its content seldom changes. */
  readonly pollMs: number
  /** The same, while the store has been empty. */
  readonly retryMs: number
  /** The time from a new CA to the first certificate that it signs, so that all bundles contain it by then. */
  readonly handoverMs: number
}

const DEFAULT_TIMING: SelfSourceTiming = {
  pollMs: 10_000,
  retryMs: 1_000,
  handoverMs: 5_000,
  restoreWaitMs: 30_000,
  repairMs: 5_000,
}

export interface SelfSourceOptions {
  readonly store: AuthorityStore
  readonly service: ServiceName
  /** For a serving certificate. */
  readonly lifeMs: number
  readonly clientCaFile?: string | undefined
  /** The certificates in the caBundles now, PEM; undefined until they have been read. By default there are none. */
  readonly trusted?: () => readonly string[] | undefined
  readonly timing?: Partial<SelfSourceTiming>
}

/** A changed clock or a machine that slept must not delay a renewal by more than this. */
const LONGEST_SLEEP_MS = 60_000
const ENDS_SOON_MS = 30 * 86_400_000

export function createSelfSource(options: SelfSourceOptions): CertificateSource {
  const { store, service, lifeMs } = options
  const timing = { ...DEFAULT_TIMING, ...options.timing }
  const stopped = new AbortController()
  const listeners: ((event: CertificateEvent) => void)[] = []
  let agreed: Authority | undefined
  let clientCa: string | undefined
  let leaf: Leaf | undefined
  let dueAtMs = Number.POSITIVE_INFINITY
  let fault: CertificateError | undefined
  let lookTimer: NodeJS.Timeout | undefined
  let leafTimer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  // Loads node-forge, before there is a CA. Servers with certificates from elsewhere do not need it.
  let signing: typeof import('./leaf.ts') | undefined

  const emit = (event: CertificateEvent): void => {
    for (const listener of listeners) listener(event)
  }

  const agreement = new AuthorityAgreement({
    store,
    timing,
    trusted: options.trusted ?? (() => []),
    check: (authority) => void sign(authority),
    onWritten: (what, { notAfterMs }) => emit({ kind: 'authority', what, notAfterMs }),
    signal: stopped.signal,
  })

  function sign(authority: Authority): Leaf {
    if (signing === undefined) throw new Error('nothing was loaded to sign with')
    return signing.issueLeaf(authority, { service, lifeMs, nowMs: Date.now(), clientCa })
  }

  function serve(next: Leaf): void {
    const first = leaf === undefined
    leaf = next
    dueAtMs = next.renewAtMs
    if (!first) emit({ kind: 'swapped', pair: next.pair })
    emit({ kind: 'bundle' })
    scheduleLeaf()
  }

  async function checkStore(): Promise<void> {
    const nextClientCa = await readOptional(options.clientCaFile)
    signing ??= await import('./leaf.ts')
    const found = await agreement.agree(agreed)
    if (found.fingerprint === agreed?.fingerprint && nextClientCa === clientCa) {
      const same = found.certificates.join('') === agreed.certificates.join('')
      agreed = found
      if (!same) emit({ kind: 'bundle' })
      return
    }
    // Signed at once, to verify that it can sign. If it cannot, everything stays as it is.
    const before = clientCa
    clientCa = nextClientCa
    let next: Leaf
    try {
      next = sign(found)
    } catch (error) {
      clientCa = before
      throw error
    }
    const another = agreed !== undefined && agreed.fingerprint !== found.fingerprint
    agreed = found
    if (!another) {
      serve(next)
      return
    }
    emit({ kind: 'authority', what: 'replaced', notAfterMs: found.notAfterMs })
    emit({ kind: 'bundle' })
    dueAtMs = Math.min(dueAtMs, Date.now() + timing.handoverMs)
    scheduleLeaf()
  }

  function report(cause: unknown): void {
    const error = asCertificateError(cause, store.place)
    // Reported once, not on every read.
    if (fault?.message === error.message) return
    fault = error
    emit({ kind: error.code === 'authority-awaited' ? 'waiting' : 'kept', error })
  }

  async function refresh(): Promise<void> {
    looking = looking.then(async () => {
      try {
        await checkStore()
        fault = undefined
      } catch (cause) {
        if (!stopped.signal.aborted) report(cause)
      }
    })
    await looking
  }

  function scheduleLook(): void {
    if (stopped.signal.aborted) return
    // Checks again when a repair may be possible.
    const waitMs = fault === undefined ? timing.pollMs : Math.min(timing.pollMs, timing.repairMs)
    lookTimer = setTimeout(() => void refresh().then(scheduleLook), waitMs * (0.8 + 0.4 * Math.random()))
    lookTimer.unref()
  }

  function scheduleLeaf(): void {
    clearTimeout(leafTimer)
    if (stopped.signal.aborted) return
    const waitMs = Math.min(LONGEST_SLEEP_MS, Math.max(0, dueAtMs - Date.now()))
    leafTimer = setTimeout(renew, waitMs)
    leafTimer.unref()
  }

  function renew(): void {
    try {
      if (agreed !== undefined && Date.now() >= dueAtMs) {
        serve(sign(agreed))
        return
      }
    } catch (cause) {
      report(cause)
      dueAtMs = Date.now() + timing.pollMs
    }
    scheduleLeaf()
  }

  async function close(): Promise<void> {
    stopped.abort()
    clearTimeout(lookTimer)
    clearTimeout(leafTimer)
    await looking
    store.close()
  }

  return {
    current() {
      if (leaf === undefined) throw notLoaded(store.place)
      return leaf.pair
    },
    bundle() {
      if (agreed === undefined || leaf === undefined) return []
      return [...new Set([...agreed.certificates, leaf.authority.signer.certificate])]
    },
    problem: () =>
      fault ?? (agreed === undefined ? undefined : (agreed.flaw ?? endsSoon(agreed, store.place))),
    overdueAtMs() {
      if (leaf === undefined) throw notLoaded(store.place)
      return leaf.overdueAtMs
    },
    onEvent: (listener) => listeners.push(listener),
    async start(signal) {
      await store.open()
      signal.addEventListener('abort', () => void close(), { once: true })
      if (signal.aborted) return close()
      for (;;) {
        await refresh()
        if (leaf !== undefined || stopped.signal.aborted) break
        await sleep(timing.retryMs, undefined, { signal: stopped.signal }).catch(() => undefined)
      }
      scheduleLook()
    },
    refresh,
    close,
  }
}

function notLoaded(place: string): CertificateError {
  return new CertificateError('certificate-not-loaded', `no CA has been read from ${place} yet`)
}

function endsSoon(authority: Authority, place: string): CertificateError | undefined {
  if (authority.notAfterMs - Date.now() > ENDS_SOON_MS) return undefined
  const end = new Date(authority.notAfterMs).toISOString()
  return new CertificateError('authority-ends-soon', `the CA in ${place} expires at ${end}`, {
    source: place,
  })
}

async function readOptional(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const why = `cannot read the client CA: ${messageOf(cause)}`
    throw new CertificateError('certificate-unreadable', why, { source: file, cause })
  }
}

function asCertificateError(cause: unknown, place: string): CertificateError {
  if (cause instanceof CertificateError) return cause
  const code = cause instanceof RemoraError ? cause.code : 'authority-unreadable'
  return new CertificateError(code, `${place}: ${messageOf(cause)}`, { source: place, cause })
}
