/** The state of one connection, and the cause of its end. */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Linked, RecencyList } from '../cache/index.ts'
import type { EndCause } from './connection-causes.ts'

export interface Sender {
  readonly address: string
  connections: number
}

export interface Connection extends Linked<Connection> {
  readonly raw: Socket
  readonly sender: Sender
  /** Undefined until the handshake is done. */
  tls: TLSSocket | undefined
  list: RecencyList<Connection>
  /** Requests whose headers have arrived and whose answers have not been sent. */
  pending: number
  /** The body of the latest of these requests has not arrived. */
  receiving: boolean
  answered: number
  /** Bytes received when it last became idle. If there are more, a request has begun. */
  bytesAtRest: number
  answeringSinceMs: number | undefined
  cause: EndCause | undefined
  clientGone: boolean
}

export function openConnection(raw: Socket, sender: Sender, list: RecencyList<Connection>): Connection {
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

/** Why an ended connection left a request unanswered, or never had one; undefined if all were answered. */
export function unansweredCause(connection: Connection, socket: TLSSocket): EndCause | undefined {
  const { pending, receiving, answered, bytesAtRest, cause, clientGone } = connection
  const began = socket.bytesRead > bytesAtRest
  if (pending === 0 && answered > 0 && !began) return undefined
  if (cause !== undefined) return cause
  // If neither side closed the connection, Node's parser rejected the input.
  if (!clientGone) return 'malformed'
  if (pending > 0 && !receiving) return 'client-closed-waiting'
  return pending > 0 || began ? 'client-closed-request' : 'client-closed-unused'
}
