/**
 * One keep-alive connection over TLS with a minimal HTTP/1.1 client, which must cost less than the server that it
 * measures. Not a general client: responses must have a Content-Length.
 */
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'

export interface Target {
  readonly port: number
  /** PEM. */
  readonly ca: string
}

export interface Response {
  readonly status: number
  readonly body: Buffer
}

/** The bytes of a POST. */
export function encodeRequest(body: string, path = '/inject'): Buffer {
  const content = Buffer.from(body)
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${content.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), content])
}

export class Connection {
  readonly #socket: TLSSocket
  #received: Buffer[] = []
  #missing: number | undefined
  #status = 0
  #headLength = 0
  #answered: ((response: Response) => void) | undefined
  #failed: ((error: Error) => void) | undefined

  static async open({ port, ca }: Target): Promise<Connection> {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' })
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(5_000) })
    return new Connection(socket.setNoDelay())
  }

  private constructor(socket: TLSSocket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#failed?.(error))
    socket.on('close', () => this.#failed?.(new Error('the server closed the connection')))
  }

  get idle(): boolean {
    return this.#answered === undefined
  }

  /** One request at a time. */
  send(bytes: Buffer, answered: (response: Response) => void, failed: (error: Error) => void): void {
    this.#answered = answered
    this.#failed = failed
    this.#socket.write(bytes)
  }

  post(body: string, path?: string): Promise<Response> {
    return new Promise((resolve, reject) => this.send(encodeRequest(body, path), resolve, reject))
  }

  close(): void {
    this.#failed = undefined
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk)
    if (this.#missing === undefined) this.#readHead()
    else this.#missing -= chunk.length
    if (this.#missing === undefined || this.#missing > 0) return
    const body = Buffer.concat(this.#received).subarray(this.#headLength)
    const answered = this.#answered
    this.#received = []
    this.#missing = undefined
    this.#answered = undefined
    this.#failed = undefined
    answered?.({ status: this.#status, body })
  }

  #readHead(): void {
    const all = this.#received.length === 1 ? this.#received[0] : Buffer.concat(this.#received)
    const end = all?.indexOf('\r\n\r\n') ?? -1
    if (all === undefined || end < 0) return
    const head = all.toString('latin1', 0, end)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (length === undefined) return void this.#socket.destroy(new Error(`no Content-Length in ${head}`))
    this.#status = Number(head.slice(9, 12))
    this.#headLength = end + 4
    this.#missing = this.#headLength + Number(length) - all.length
  }
}

/** Waits for a 200, at most ten seconds. @returns the body of the response */
export async function untilServing(target: Target, body: string): Promise<string> {
  let last = 'no connection'
  for (const end = performance.now() + 10_000; performance.now() < end; ) {
    let connection: Connection | undefined
    try {
      connection = await Connection.open(target)
      const answer = await connection.post(body)
      if (answer.status === 200) return answer.body.toString()
      last = `HTTP ${answer.status} ${answer.body.toString()}`
    } catch (error) {
      last = String(error)
    } finally {
      connection?.close()
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`the server on port ${target.port} does not serve: ${last}`)
}
