/**
 * Simulates kube-proxy for Remora's Services: a TCP forwarder on each port of the ClusterIP, which distributes new
 * connections over the ready backends. Without a ready backend connections are refused, as in a cluster. Existing
 * connections stay.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Ports on 127.0.0.1 that are ready now. */
export type Backends = () => readonly number[]

export class ServiceProxy {
  readonly #host: string
  readonly #port: number
  readonly #backends: Backends
  readonly #log: (line: string) => void
  #server: Server | undefined
  #turn = 0

  constructor(host: string, port: number, backends: Backends, log: (line: string) => void) {
    this.#host = host
    this.#port = port
    this.#backends = backends
    this.#log = log
  }

  /** Listens while there is a backend. */
  update(): void {
    const wanted = this.#backends().length > 0
    if (wanted && this.#server === undefined) {
      const server = createServer({ allowHalfOpen: true }, (client) => this.#forward(client))
      server.on('error', (error) => {
        this.#log(`${this.#host}:${this.#port}: ${error.message}`)
        this.close()
      })
      server.listen(this.#port, this.#host)
      this.#server = server
    } else if (!wanted) this.close()
  }

  close(): void {
    this.#server?.close()
    this.#server = undefined
  }

  #forward(client: Socket): void {
    const ready = this.#backends()
    const port = ready[this.#turn++ % ready.length]
    if (port === undefined) {
      client.destroy()
      return
    }
    const backend = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    client.pipe(backend).pipe(client)
    // An error on either side ends both.
    client.on('error', () => backend.destroy())
    backend.on('error', () => client.resetAndDestroy())
    client.on('close', () => backend.destroy())
    backend.on('close', () => client.destroy())
  }
}
