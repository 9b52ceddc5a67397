/**
 * A TCP proxy that can stop forwarding while every connection stays open, as a load balancer or a NAT does that has
 * forgotten a connection: neither side gets an error, and nothing arrives.
 */
import { once } from 'node:events'
import http from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Endpoint, EndpointSource } from '../../../src/cluster/live/endpoint.ts'

export class FreezableProxy implements EndpointSource {
  readonly #target: EndpointSource
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => void this.#join(socket))
  readonly #agent = new http.Agent({ keepAlive: true })
  #frozen = false
  /** Connections that were opened to it. */
  connections = 0

  private constructor(target: EndpointSource) {
    this.#target = target
  }

  static async start(target: EndpointSource): Promise<FreezableProxy> {
    const proxy = new FreezableProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  async current(): Promise<Endpoint> {
    // Listening on an address and port, so it is not a pipe's name.
    const { port } = this.#server.address() as AddressInfo
    return {
      ...(await this.#target.current()),
      server: new URL(`http://127.0.0.1:${port}`),
      agent: this.#agent,
    }
  }

  renew(): void {
    this.#target.renew()
  }

  close(): void {
    this.#agent.destroy()
  }

  freeze(): void {
    this.#frozen = true
    for (const socket of this.#sockets) socket.pause()
  }

  thaw(): void {
    this.#frozen = false
    for (const socket of this.#sockets) socket.resume()
  }

  async stop(): Promise<void> {
    this.close()
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async #join(socket: Socket): Promise<void> {
    this.connections++
    this.#keep(socket)
    const { server } = await this.#target.current()
    const other = connect(Number(server.port), server.hostname)
    this.#keep(other)
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      from.on('data', (chunk) => to.write(chunk))
      from.once('close', () => to.destroy())
      if (this.#frozen) from.pause()
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket))
    if (this.#frozen) socket.pause()
  }
}
