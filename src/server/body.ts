/** Receives a request's body within the limit of one body and within the budget of all bodies in memory. */
import type { IncomingMessage } from 'node:http'
import { peekNamespace } from '../admission/index.ts'
import type { Claim, InFlightBytes } from './in-flight-bytes.ts'

/** The overhead of a stored chunk, so that a body sent byte by byte is charged for it. */
const CHUNK_OVERHEAD = 256
const HEAD_BYTES = 4096
/**
 * A rejected body is read and discarded for this long, because a client that is still writing when the
 * connection closes gets a reset and may never see the answer.
 */
const DISCARD_MS = 500
const NO_BYTES = Buffer.alloc(0)
/**
 * The namespace for bodies that do not begin as an API server writes them: together they get the share of one
 * namespace.
 */
const UNREADABLE = ''

export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly bytes: InFlightBytes
  /** The client's address. */
  readonly source: string
}

export type ReceivedBody =
  | { readonly kind: 'whole'; readonly body: Buffer; readonly claim: Claim }
  /** The client has gone. */
  | { readonly kind: 'aborted' }
  | RefusedBody

export interface RefusedBody {
  readonly kind: 'too-large' | 'over-budget'
  /** The first few KB, where an API server writes the UID. */
  readonly head: Buffer
}

/**
 * Calls back once, and returns the bytes to the budget when the callback returns, so the budget covers the
 * callback's synchronous work on the body.
 */
export function receiveBody(
  request: IncomingMessage,
  limits: BodyLimits,
  done: (received: ReceivedBody) => void | Promise<void>,
): void {
  let chunks: Buffer[] = []
  let length = 0
  let refused: RefusedBody | undefined
  let discard: NodeJS.Timeout | undefined
  let finished = false
  const claim = limits.bytes.claim(limits.source, () => refuse('over-budget', NO_BYTES))

  const finish = (received: ReceivedBody): void => {
    if (finished) return
    finished = true
    clearTimeout(discard)
    request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
    // Without a listener, a connection error while the answer is written would be thrown.
    request.on('error', ignore)
    chunks = []
    claim.settle()
    const giveBack = (): void => claim.end()
    let answering: Promise<void> | undefined
    try {
      const answered = done(received)
      answering = answered instanceof Promise ? answered : undefined
    } finally {
      // The bytes stay claimed until the body has been answered.
      if (answering === undefined) giveBack()
      else void answering.finally(giveBack)
    }
  }
  const refuse = (kind: RefusedBody['kind'], last: Buffer): void => {
    refused = { kind, head: headOf([...chunks, last]) }
    chunks = []
    claim.end()
    discard = setTimeout(() => refused !== undefined && finish(refused), DISCARD_MS)
  }
  const onData = (chunk: Buffer): void => {
    if (refused !== undefined) return
    length += chunk.length
    const cost = chunk.length + CHUNK_OVERHEAD
    // Most bodies arrive in one chunk, are answered in the same turn, and need no namespace.
    if (chunks.length === 1) claim.name(peekNamespace(chunks[0] ?? chunk) ?? UNREADABLE)
    if (length > limits.maxBodyBytes) refuse('too-large', chunk)
    else if (claim.take(cost)) chunks.push(chunk)
    else refuse('over-budget', chunk)
  }
  const onEnd = (): void => {
    const only = chunks.length === 1 ? chunks[0] : undefined
    finish(refused ?? { kind: 'whole', body: only ?? Buffer.concat(chunks, length), claim })
  }
  const onClose = (): void => finish({ kind: 'aborted' })

  request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
}

function headOf(chunks: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  let length = 0
  for (const chunk of chunks) {
    if (length === HEAD_BYTES) break
    length += chunk.copy(head, length)
  }
  return head.subarray(0, length)
}

function ignore(): void {}
