/**
 * Accounts for the bytes of bodies and answers in memory, and decides which request is dropped when there are too
 * many.
 *
 * A namespace never holds more than a quarter of the total (but always at least one largest body). When all bytes are
 * in use, a request of the client address that holds the most is dropped, and within it one of the namespace that holds
 * the most. So a small client is never refused because of a large one. The namespace is read from the beginning of a body and counts
 * only within the bytes of its address: a client that writes a wrong namespace takes bytes only from its own address.
 */

export interface InFlightLimits {
  readonly maxBytes: number
  /** For one body. A namespace's share is never less than this with its overhead. */
  readonly maxBodyBytes: number
}

const NAMESPACE_PART = 4
/** The overhead of chunks. */
const PIECES_PART = 1.1

/** The bytes of one namespace within one address. */
interface Account {
  bytes: number
  /** A claim that may be dropped, in the order of arrival. */
  readonly open: Set<Claim>
}

interface Sender {
  bytes: number
  readonly accounts: Map<string | undefined, Account>
}

export class InFlightBytes {
  readonly #maxBytes: number
  readonly #maxNamespaceBytes: number
  readonly #senders = new Map<string, Sender>()
  #used = 0

  constructor({ maxBytes, maxBodyBytes }: InFlightLimits) {
    this.#maxBytes = maxBytes
    this.#maxNamespaceBytes = Math.max(maxBytes / NAMESPACE_PART, maxBodyBytes * PIECES_PART)
  }

  get used(): number {
    return this.#used
  }

  /** @param giveUp ends the work that holds the bytes; the claim is released afterwards */
  claim(source: string, giveUp: () => void): Claim {
    return new Claim(this, source, giveUp)
  }

  /** False if this claim itself has to be dropped. */
  take(claim: Claim, bytes: number): boolean {
    const { source, namespace } = claim
    const held = this.#senders.get(source)?.accounts.get(namespace)?.bytes ?? 0
    if (namespace !== undefined && held + bytes > this.#maxNamespaceBytes) return false
    while (this.#used + bytes > this.#maxBytes) {
      const victim = this.#victim(claim, bytes)
      if (victim === undefined) return false
      victim.giveUp()
      // `giveUp` releases the claim. Otherwise the same claim would be chosen again and again.
      victim.end()
    }
    this.charge(claim, bytes)
    return true
  }

  /** Claims without a check, for bytes that exist already. */
  charge(claim: Claim, bytes: number): void {
    const { sender, account } = this.#find(claim.source, claim.namespace)
    this.#used += bytes
    sender.bytes += bytes
    account.bytes += bytes
    claim.bytes += bytes
    if (claim.canGiveUp) account.open.add(claim)
  }

  release(claim: Claim): void {
    const { source, namespace, bytes } = claim
    const sender = this.#senders.get(source)
    const account = sender?.accounts.get(namespace)
    if (sender === undefined || account === undefined) return
    this.#used -= bytes
    sender.bytes -= bytes
    account.bytes -= bytes
    account.open.delete(claim)
    claim.bytes = 0
    if (account.bytes === 0) sender.accounts.delete(namespace)
    if (sender.accounts.size === 0) this.#senders.delete(source)
  }

  /** It can no longer be dropped. */
  settle(claim: Claim): void {
    this.#senders.get(claim.source)?.accounts.get(claim.namespace)?.open.delete(claim)
  }

  #find(source: string, namespace: string | undefined): { sender: Sender; account: Account } {
    let sender = this.#senders.get(source)
    if (sender === undefined) {
      sender = { bytes: 0, accounts: new Map() }
      this.#senders.set(source, sender)
    }
    let account = sender.accounts.get(namespace)
    if (account === undefined) {
      account = { bytes: 0, open: new Set() }
      sender.accounts.set(namespace, account)
    }
    return { sender, account }
  }

  /** Among those that hold more than the requester would; undefined if there is none. */
  #victim(asker: Claim, bytes: number): Claim | undefined {
    const asking = this.#find(asker.source, asker.namespace)
    const askingTotal = asking.sender.bytes + bytes
    let largest = asking.sender
    for (const sender of this.#senders.values())
      if (sender.bytes > Math.max(largest.bytes, askingTotal)) largest = sender
    const floor = largest === asking.sender ? asking.account.bytes + bytes : 0
    let found: Account | undefined
    for (const account of largest.accounts.values())
      if (account.open.size > 0 && account.bytes > Math.max(floor, found?.bytes ?? 0)) found = account
    return found === undefined || found === asking.account ? undefined : lastOf(found.open)
  }
}

/** The claim that began last; a body before an answer, which took work to compute. */
function lastOf(open: Iterable<Claim>): Claim | undefined {
  let body: Claim | undefined
  let answer: Claim | undefined
  for (const claim of open) {
    if (claim.isAnswer) answer = claim
    else body = claim
  }
  return body ?? answer
}

/** The bytes that one request holds. */
export class Claim {
  readonly #of: InFlightBytes
  readonly source: string
  readonly giveUp: () => void
  bytes = 0
  isAnswer = false
  canGiveUp = true
  namespace: string | undefined

  constructor(of: InFlightBytes, source: string, giveUp: () => void) {
    this.#of = of
    this.source = source
    this.giveUp = giveUp
  }

  /** The namespace is now known. */
  name(namespace: string): void {
    const { bytes } = this
    this.#of.release(this)
    this.namespace = namespace
    if (bytes > 0) this.#of.charge(this, bytes)
  }

  take(bytes: number): boolean {
    return this.#of.take(this, bytes)
  }

  /** A request whose body is complete is not dropped for other requests. */
  settle(): void {
    this.canGiveUp = false
    this.#of.settle(this)
  }

  end(): void {
    this.#of.release(this)
  }
}
