/** Listens on an address and port, with an error message that names the option to change. */

import type { ServeOptions } from '../config/index.ts'
import { RemoraError } from '../errors.ts'
import { describeSystemError } from '../system-error.ts'

interface Listener {
  listen(host: string, port: number): Promise<void>
}

/** @throws RemoraError `listen-failed`, which names the option to change */
export async function listenOn(
  app: Listener,
  options: Pick<ServeOptions, 'host' | 'port' | 'metrics-port'>,
  flag: 'port' | 'metrics-port',
): Promise<void> {
  const { host, [flag]: port } = options
  try {
    await app.listen(host, port)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const why = `cannot listen: ${describeSystemError(cause)}`
    const fix =
      code === 'EADDRINUSE' || code === 'EACCES'
        ? `--${flag} chooses another port (0 selects a free port)`
        : '--host chooses the address'
    throw new RemoraError('listen-failed', `${why}; ${fix}`, { cause })
  }
}
