/** The address of a Service: forwards to the replicas in turn, and lets a test close connections. */
import { createServer, connect as dial, type Server, type Socket } from 'node:net'

export interface Forwarder {
  /** New connections go to these ports in turn. */
  use(ports: readonly number[]): void
  /** Closes all connections, so that the next call opens a new one. */
  cut(): void
  close(): void
}

/** Replaces kube-proxy: forwards the Service's address to the replicas. */
export async function forward(host: string, servicePort: number): Promise<Forwarder> {
  const open = new Set<Socket>()
  let ports: readonly number[] = []
  let turn = 0
  const server: Server = createServer((socket) => {
    const port = ports[turn++ % Math.max(1, ports.length)]
    if (port === undefined) return void socket.destroy()
    const onward = dial(port, '127.0.0.1')
    for (const end of [socket, onward]) {
      open.add(end)
      end.on('error', () => undefined).on('close', () => open.delete(end))
    }
    socket.pipe(onward).on('close', () => socket.destroy())
    onward.pipe(socket).on('close', () => onward.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(servicePort, host, resolve)
  })
  const cut = (): void => {
    for (const socket of open) socket.destroy()
  }
  return {
    use(next) {
      ports = next
    },
    cut,
    close() {
      server.close()
      cut()
    },
  }
}
