/**
 * Ports that were free a moment ago. All are held until all are known, so that no two are equal. They are below
 * those that the kernel gives to outgoing connections (32768 on Linux), so that no connection takes one before it is
 * used.
 */
import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'

const FIRST = 10_000
const END = 32_768

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen))
  return Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          const address = server.address()
          const port = typeof address === 'object' && address !== null ? address.port : 0
          server.close(() => resolve(port))
        }),
    ),
  )
}

/** On another port where the drawn one is taken. */
function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    const attempt = (): unknown => server.listen(randomInt(FIRST, END), '127.0.0.1')
    server.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? attempt() : reject(error),
    )
    server.once('listening', () => resolve(server))
    attempt()
  })
}
