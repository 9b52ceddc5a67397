/**
 * Owns: what is known of one connection, and what follows for its end. Not here: all connections together
 * (connections.ts).
 */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { EndCause } from './connection-causes.ts'
import type { Linked, SilenceOrder } from './connection-list.ts'

export interface Sender {
  readonly address: string
  connections: number
}

export interface Connection extends Linked<Connection> {
  readonly raw: Socket
  readonly sender: Sender
  /** Undefined until the handshake is done. */
  tls: TLSSocket | undefined
  list: SilenceOrder<Connection>
  /** Requests whose headers have arrived and whose answers are not out. */
  pending: number
  /** Of these, the last one's body has not arrived. */
  receiving: boolean
  answered: number
  /** Bytes received when it last fell silent: more than that means that a request has begun. */
  bytesAtRest: number
  answeringSinceMs: number | undefined
  cause: EndCause | undefined
  clientGone: boolean
}

export function openConnection(raw: Socket, sender: Sender, list: SilenceOrder<Connection>): Connection {
  return {
    raw,
    sender,
    tls: undefined,
    list,
    pending: 0,
    receiving: false,
    answered: 0,
    bytesAtRest: 0,
    answeringSinceMs: undefined,
    cause: undefined,
    clientGone: false,
    previous: undefined,
    next: undefined,
  }
}

/** Why a connection that has ended left a request, or its first one, unanswered; undefined where it did not. */
export function unansweredCause(connection: Connection, socket: TLSSocket): EndCause | undefined {
  const { pending, receiving, answered, bytesAtRest, cause, clientGone } = connection
  const began = socket.bytesRead > bytesAtRest
  if (pending === 0 && answered > 0 && !began) return undefined
  if (cause !== undefined) return cause
  // What neither we nor the client ended is what Node's parser would not go on with.
  if (!clientGone) return 'malformed'
  if (pending > 0 && !receiving) return 'client-closed-waiting'
  return pending > 0 || began ? 'client-closed-request' : 'client-closed-unused'
}
