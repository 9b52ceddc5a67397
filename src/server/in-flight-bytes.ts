/**
 * Owns: the bytes of bodies and answers that are in memory at the same time, and who has to give way when they are too
 * many. Not here: receiving a body (body.ts).
 *
 * A namespace never holds more than a quarter of all (but always one largest body). When all is taken, what goes is of the
 * sender's address that holds most, and there of the namespace that holds most: who asks for little is never refused for
 * those who take much. The namespace is what the beginning of a body says, within the bytes of one address: who writes a
 * wrong one takes from nobody but the address that he writes from.
 */

export interface InFlightLimits {
  readonly maxBytes: number
  /** Of one body; what a namespace may hold is never less than that with what it costs to keep. */
  readonly maxBodyBytes: number
}

const NAMESPACE_PART = 4
/** What pieces cost beside their bytes. */
const PIECES_PART = 1.1

/** What one namespace holds of one address's bytes. */
interface Account {
  bytes: number
  /** What may be given up, in the order of its beginning. */
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

  /** @param giveUp ends what the bytes are for, so that others can have them: the claim is over afterwards */
  claim(source: string, giveUp: () => void): Claim {
    return new Claim(this, source, giveUp)
  }

  /** False where this claim is the one that has to give way. */
  take(claim: Claim, bytes: number): boolean {
    const { source, namespace } = claim
    const { account } = this.#find(source, namespace)
    if (namespace !== undefined && account.bytes + bytes > this.#maxNamespaceBytes) return false
    while (this.#used + bytes > this.#maxBytes) {
      const victim = this.#victim(claim, bytes)
      if (victim === undefined) return false
      victim.giveUp()
      // Whoever gives up ends its claim; one that did not would be asked for ever.
      victim.end()
    }
    this.charge(claim, bytes)
    return true
  }

  /** Without asking: for what exists already. */
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

  /** It is no longer for others to take. */
  settle(claim: Claim): void {
    this.#senders.get(claim.source)?.accounts.get(claim.namespace)?.open.delete(claim)
  }

  #find(source: string, namespace: string | undefined): { sender: Sender; account: Account } {
    const sender = this.#senders.get(source) ?? { bytes: 0, accounts: new Map<string | undefined, Account>() }
    const account = sender.accounts.get(namespace) ?? { bytes: 0, open: new Set<Claim>() }
    this.#senders.set(source, sender)
    sender.accounts.set(namespace, account)
    return { sender, account }
  }

  /** Of those who hold more than the asker would; undefined where nobody does. */
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

/** The one that began last; a body before an answer, which took work to make. */
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

  /** Now it is known whose they are. */
  name(namespace: string): void {
    const { bytes } = this
    this.#of.release(this)
    this.namespace = namespace
    if (bytes > 0) this.#of.charge(this, bytes)
  }

  take(bytes: number): boolean {
    return this.#of.take(this, bytes)
  }

  /** What has arrived whole is answered, whoever asks. */
  settle(): void {
    this.canGiveUp = false
    this.#of.settle(this)
  }

  end(): void {
    this.#of.release(this)
  }
}
