/**
 * Owns: `--tls=self`: the replicas agree on one CA in a shared store, each signs its own serving certificate and
 * renews it in time, whether or not the store can be reached then. Not here: what the store is (the room cluster), and
 * how certificates are made (authority.ts, leaf.ts).
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { RemoraError } from '../errors.ts'
import { type Authority, type AuthorityTexts, readAuthority } from './authority.ts'
import type { CertificateEvent, CertificateSource } from './certificate-source.ts'
import type { Leaf, ServiceName } from './leaf.ts'
import { CertificateError, messageOf } from './pair.ts'

/** Where the replicas' CA is kept: of two writers with the same version only one succeeds. */
export interface AuthorityStore {
  /** For messages: `Secret istio-system/remora-ca`. */
  readonly place: string
  /** @throws RemoraError where waiting would not help: nothing says where the store is. */
  open(): Promise<void>
  /** @throws RemoraError where it cannot be read now. */
  read(signal: AbortSignal): Promise<{ readonly texts: AuthorityTexts; readonly version: string }>
  /** Other texts of the store stay. @throws RemoraError where it cannot be written now. */
  write(texts: AuthorityTexts, version: string, signal: AbortSignal): Promise<'written' | 'conflict'>
  close(): void
}

export interface SelfSourceTiming {
  /** How often the store is looked at; what is there seldom changes. */
  readonly lookMs: number
  /** The same, while nothing has been found there yet. */
  readonly retryMs: number
  /** From another CA to the first certificate that it signs: until bundles have it everywhere. */
  readonly handoverMs: number
}

const DEFAULT_TIMING: SelfSourceTiming = { lookMs: 10_000, retryMs: 1_000, handoverMs: 5_000 }

export interface SelfSourceOptions {
  readonly store: AuthorityStore
  readonly service: ServiceName
  /** Of a serving certificate. */
  readonly lifeMs: number
  readonly clientCaFile?: string | undefined
  readonly timing?: Partial<SelfSourceTiming>
}

const MAX_CONFLICTS = 5
/** A clock that is set, or a machine that slept, must not make a renewal late by more than this. */
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
  // Loaded, with node-forge, before there is a CA: servers whose certificates come from elsewhere do without.
  let signing: typeof import('./leaf.ts') | undefined

  const emit = (event: CertificateEvent): void => {
    for (const listener of listeners) listener(event)
  }

  /** What is in the store, filled by us where nothing is. The CA in use is put back where it was taken away. */
  async function agree(): Promise<Authority> {
    for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
      const { texts, version } = await store.read(stopped.signal)
      const nowMs = Date.now()
      const found = readAuthority(texts, store.place, nowMs)
      if (found !== undefined) return found
      const known = agreed !== undefined && agreed.notAfterMs > nowMs ? agreed : undefined
      const next = known?.texts ?? (await import('./make-authority.ts')).makeAuthority(nowMs)
      if ((await store.write(next, version, stopped.signal)) === 'conflict') continue
      const made = known ?? readAuthority(next, store.place, nowMs)
      if (made === undefined) break
      emit({
        kind: 'authority',
        what: known === undefined ? 'made' : 'restored',
        notAfterMs: made.notAfterMs,
      })
      return made
    }
    throw new CertificateError('authority-contested', `${store.place} changes faster than it can be filled`, {
      source: store.place,
    })
  }

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

  async function look(): Promise<void> {
    const nextClientCa = await readOptional(options.clientCaFile)
    signing ??= await import('./leaf.ts')
    const found = await agree()
    if (found.fingerprint === agreed?.fingerprint && nextClientCa === clientCa) {
      const same = found.certificates.join('') === agreed.certificates.join('')
      agreed = found
      if (!same) emit({ kind: 'bundle' })
      return
    }
    // Signed at once, to see that it can: a CA that cannot leaves everything as it is.
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

  function tell(cause: unknown): void {
    const error = asCertificateError(cause, store.place)
    // Told once, not at every look.
    if (fault?.message === error.message) return
    fault = error
    emit({ kind: 'kept', error })
  }

  async function refresh(): Promise<void> {
    looking = looking.then(async () => {
      try {
        await look()
        fault = undefined
      } catch (cause) {
        if (!stopped.signal.aborted) tell(cause)
      }
    })
    await looking
  }

  function scheduleLook(): void {
    if (stopped.signal.aborted) return
    lookTimer = setTimeout(
      () => void refresh().then(scheduleLook),
      timing.lookMs * (0.8 + 0.4 * Math.random()),
    )
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
      tell(cause)
      dueAtMs = Date.now() + timing.lookMs
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
      if (leaf === undefined)
        throw new CertificateError('certificate-not-loaded', `no CA has been read from ${store.place} yet`)
      return leaf.pair
    },
    bundle() {
      if (agreed === undefined || leaf === undefined) return []
      return [...new Set([...agreed.certificates, leaf.authority.signer.certificate])]
    },
    problem: () => fault ?? (agreed === undefined ? undefined : endsSoon(agreed, store.place)),
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

function endsSoon(authority: Authority, place: string): CertificateError | undefined {
  if (authority.notAfterMs - Date.now() > ENDS_SOON_MS) return undefined
  const end = new Date(authority.notAfterMs).toISOString()
  return new CertificateError('authority-ends-soon', `the CA in ${place} ends at ${end}`, { source: place })
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
