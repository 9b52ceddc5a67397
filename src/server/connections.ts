/**
 * All connections: which one is closed when there are too many, how long one may be idle, and why each ended that got
 * no answer. Node enforces the time limits of headers and bodies, which count from a request's first byte.
 */
import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { RecencyList } from '../cache/index.ts'
import { type Connection, openConnection, type Sender, unansweredCause } from './connection.ts'
import {
  END_CAUSES,
  type EndCause,
  HANDSHAKE_CAUSES,
  type HandshakeCause,
  HandshakeEnded,
  handshakeCause,
} from './connection-causes.ts'
import { sourceOf } from './source-address.ts'

export interface ConnectionLimits {
  readonly maxConnections: number
  /** For a connection without a request in progress, whether it was used before or not. */
  readonly keepAliveTimeoutMs: number
  /** For a connection without traffic while a request is in progress, and for reading an answer. */
  readonly requestTimeoutMs: number
}

/** A connection that ended without an answer or failed in its handshake. */
export type ConnectionEnd =
  | { readonly kind: 'unanswered'; readonly cause: EndCause; readonly source: string | undefined }
  | { readonly kind: 'handshake'; readonly cause: HandshakeCause; readonly source: string | undefined }

export interface ConnectionCounts {
  readonly open: number
  readonly unanswered: ReadonlyMap<EndCause, number>
  readonly handshakeFailures: ReadonlyMap<HandshakeCause, number>
}

export interface ConnectionsOptions {
  readonly limits: ConnectionLimits
  readonly onEnd?: ((end: ConnectionEnd) => void) | undefined
  /** A connection was closed because of a limit on connections, whether it was used before or not. */
  readonly onDisplaced?: (() => void) | undefined
}

/** Like Node, waits longer than the announced time, so that a client does not write into a closing connection. */
const KEEP_ALIVE_GRACE_MS = 1000
/** If a handshake completes while the server drains, the client either has a request to send or never will. */
const DRAINING_WAIT_MS = 1000

export class Connections {
  readonly #options: ConnectionsOptions
  /** The key of a TLS socket, which does not give access to the raw socket. */
  readonly #opening = new Map<string, Connection>()
  readonly #bySocket = new WeakMap<Socket, Connection>()
  readonly #senders = new Map<string, Sender>()
  readonly #idle = new RecencyList<Connection>()
  readonly #busy = new RecencyList<Connection>()
  readonly #unanswered = new Map<EndCause, number>(END_CAUSES.map((cause) => [cause, 0]))
  readonly #handshakeFailures = new Map<HandshakeCause, number>(HANDSHAKE_CAUSES.map((cause) => [cause, 0]))
  #open = 0
  #draining = false

  constructor(options: ConnectionsOptions) {
    this.#options = options
  }

  get counts(): ConnectionCounts {
    return { open: this.#open, unanswered: this.#unanswered, handshakeFailures: this.#handshakeFailures }
  }

  attach(server: Server): void {
    // Runs before Node's own listener, which starts the handshake.
    server.prependListener('connection', (raw: Socket) => this.#opened(raw))
    server.on('secureConnection', (socket: TLSSocket) => this.#secured(socket))
    server.on('tlsClientError', (error, socket) => {
      const source = socket.remoteAddress
      socket.destroy()
      this.#report({
        kind: 'handshake',
        cause: handshakeCause(error, socket.authorizationError),
        source: source === undefined ? undefined : sourceOf(source),
      })
    })
    server.on('timeout', (socket: Socket) => this.#timedOut(socket))
    // Nothing is proxied here. Without a listener Node closes such a connection silently.
    server.on('connect', (_request, socket) => this.end(socket as Socket, 'malformed'))
  }

  /** The headers of a request have arrived. */
  begin(socket: Socket): Connection | undefined {
    const connection = this.#bySocket.get(socket)
    if (connection === undefined) return undefined
    // From here on Node's own handling knows the socket's state. Node sets this for all requests but the first.
    if (connection.answered === 0) socket.setTimeout(this.#options.limits.requestTimeoutMs)
    connection.pending++
    connection.receiving = true
    this.#move(connection, this.#busy)
    return connection
  }

  /** The answer has been written. A client that does not read it in time is disconnected. */
  answering(connection: Connection): void {
    connection.receiving = false
    connection.answeringSinceMs = performance.now()
  }

  /** The answer has been sent, or the client has gone. */
  finished(connection: Connection, sent: boolean): void {
    connection.pending--
    connection.receiving = false
    connection.answeringSinceMs = undefined
    if (!sent) return
    connection.answered++
    connection.bytesAtRest = connection.tls?.bytesRead ?? 0
    if (connection.pending === 0) this.#move(connection, this.#idle)
  }

  /**
   * Handles Node's time-out; undefined if no byte of a request has arrived. Node counts a connection's first request
   * from the opening of the connection, reports the time-out once, and counts again from the first byte.
   */
  lateCause(socket: Socket): EndCause | undefined {
    const connection = this.#bySocket.get(socket)
    if (connection !== undefined && connection.pending > 0) return 'request-timeout'
    return socket.bytesRead > (connection?.bytesAtRest ?? 0) ? 'header-timeout' : undefined
  }

  /** Whether an answer is being written, so that nothing else may be. */
  isAnswering(socket: Socket): boolean {
    return this.#bySocket.get(socket)?.answeringSinceMs !== undefined
  }

  noteCause(socket: Socket, cause: EndCause): void {
    const connection = this.#bySocket.get(socket)
    if (connection !== undefined) connection.cause ??= cause
  }

  noteClientGone(socket: Socket): void {
    const connection = this.#bySocket.get(socket)
    if (connection !== undefined) connection.clientGone = true
  }

  end(socket: Socket, cause: EndCause): void {
    this.noteCause(socket, cause)
    socket.destroy()
  }

  /** Disconnects clients that do not read their answers. Must be called regularly. */
  cutOffSlowReaders(nowMs: number = performance.now()): void {
    const { requestTimeoutMs } = this.#options.limits
    if (requestTimeoutMs === 0) return
    for (const { answeringSinceMs, tls } of this.#busy) {
      if (answeringSinceMs !== undefined && tls !== undefined && nowMs - answeringSinceMs > requestTimeoutMs)
        this.end(tls, 'answer-timeout')
    }
  }

  /** Closes the connections without a request in progress. Each of the others gets one more answer. */
  drain(): void {
    this.#draining = true
    for (const { tls, bytesAtRest } of this.#idle)
      if (tls !== undefined && tls.bytesRead <= bytesAtRest) this.end(tls, 'drained')
  }

  /** Ends the wait for requests in progress. */
  cutOff(): void {
    for (const list of [this.#idle, this.#busy])
      for (const connection of list) this.#close(connection, 'drained')
  }

  #opened(raw: Socket): void {
    const { remoteAddress, remotePort, localAddress } = raw
    if (remoteAddress === undefined) return void raw.destroy()
    const address = sourceOf(remoteAddress)
    this.#closeLongestIdle(address)
    const sender = this.#senders.get(address) ?? { address, connections: 0 }
    this.#senders.set(address, sender)
    sender.connections++
    this.#open++
    const key = `${remoteAddress} ${remotePort} ${localAddress}`
    const connection = openConnection(raw, sender, this.#idle)
    this.#idle.add(connection)
    this.#opening.set(key, connection)
    raw.once('close', () => {
      if (this.#opening.get(key) === connection) this.#opening.delete(key)
      connection.list.remove(connection)
      this.#open--
      sender.connections--
      if (sender.connections === 0) this.#senders.delete(address)
    })
  }

  #secured(socket: TLSSocket): void {
    const key = `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`
    const connection = this.#opening.get(key)
    // It closed before its handshake completed.
    if (connection === undefined) return void socket.destroy()
    this.#opening.delete(key)
    connection.tls = socket
    this.#bySocket.set(socket, connection)
    const { keepAliveTimeoutMs } = this.#options.limits
    // Runs after Node's own listener, which has set the time limit of a request.
    const waitMs = this.#draining ? DRAINING_WAIT_MS : keepAliveTimeoutMs + KEEP_ALIVE_GRACE_MS
    socket.setTimeout(keepAliveTimeoutMs === 0 && !this.#draining ? 0 : waitMs)
    this.#move(connection, this.#idle)
    const gone = (): void => {
      connection.clientGone = true
    }
    socket.once('end', gone).once('error', gone)
    socket.once('close', () => this.#closed(connection, socket))
  }

  #closed(connection: Connection, socket: TLSSocket): void {
    const cause = unansweredCause(connection, socket)
    if (cause !== undefined) this.#report({ kind: 'unanswered', cause, source: connection.sender.address })
  }

  #timedOut(socket: Socket): void {
    const connection = this.#bySocket.get(socket)
    if (connection === undefined) return void socket.destroy()
    const late = connection.receiving ? 'request-timeout' : 'answer-timeout'
    const idle = this.#draining ? 'drained' : 'idle-timeout'
    this.end(socket, connection.pending > 0 ? late : (this.lateCause(socket) ?? idle))
  }

  /** Before a new connection is accepted at the limit, closes the one that has been idle longest. */
  #closeLongestIdle(address: string): void {
    const { maxConnections } = this.#options.limits
    const share = Math.max(1, Math.floor(maxConnections / 2))
    const { connections = 0 } = this.#senders.get(address) ?? {}
    if (connections >= share) {
      this.#displace('source-limit', ({ sender }) => sender.address === address)
    } else if (this.#open >= maxConnections) {
      this.#displace('connection-limit', () => true)
    }
  }

  #displace(cause: 'source-limit' | 'connection-limit', isCandidate: (one: Connection) => boolean): void {
    const open = (one: Connection): boolean => !one.raw.destroyed && isCandidate(one)
    const found =
      first(this.#idle, open) ??
      first(this.#busy, (one) => one.receiving && open(one)) ??
      first(this.#busy, open)
    if (found === undefined) return
    this.#options.onDisplaced?.()
    this.#close(found, cause)
  }

  #close(connection: Connection, cause: HandshakeEnded['cause']): void {
    if (connection.tls === undefined) connection.raw.destroy(new HandshakeEnded(cause))
    else this.end(connection.tls, cause)
  }

  #move(connection: Connection, to: RecencyList<Connection>): void {
    connection.list.remove(connection)
    to.add(connection)
    connection.list = to
  }

  #report(end: ConnectionEnd): void {
    if (end.kind === 'unanswered') this.#unanswered.set(end.cause, (this.#unanswered.get(end.cause) ?? 0) + 1)
    else this.#handshakeFailures.set(end.cause, (this.#handshakeFailures.get(end.cause) ?? 0) + 1)
    this.#options.onEnd?.(end)
  }
}

function first(list: Iterable<Connection>, is: (one: Connection) => boolean): Connection | undefined {
  for (const connection of list) if (is(connection)) return connection
  return undefined
}
