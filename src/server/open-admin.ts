/** Opens the server's admin sockets and defines their subjects. src/admin implements the socket. */
import { AdminSocket, type AdminSocketOptions, defaultSocketPath } from '../admin/index.ts'
import { answerAboutCapture, captureSocketPath, type Recorder } from '../capture/index.ts'
import type { JsonObject } from '../json/index.ts'
import type { Logger } from '../observe/index.ts'
import type { ServerState } from './readiness.ts'

export interface AdminFacts {
  /** The option; undefined: the default path. */
  readonly path: string | undefined
  readonly metricsPort: number
  readonly state: () => ServerState
  readonly recorder: Recorder | undefined
  readonly logger: Pick<Logger, 'warn'>
}

export interface OpenAdmin {
  /** Undefined if there is none; the log says why. */
  readonly path: string | undefined
  close(): Promise<void>
}

/** @throws AdminError `listen-failed` if a requested socket cannot be opened */
export async function openAdminSockets(facts: AdminFacts): Promise<OpenAdmin> {
  const { path, metricsPort, recorder, logger } = facts
  const subjects = new Map<string, (request: JsonObject) => JsonObject>([
    // JSON values, as JSON.stringify writes them.
    ['server', () => facts.state() as unknown as JsonObject],
  ])
  if (recorder !== undefined) subjects.set('capture', (request) => answerAboutCapture(recorder, request))
  const wanted: AdminSocketOptions = {
    path: path ?? defaultSocketPath(metricsPort),
    privateFolder: path === undefined,
    temporaryFolder: path === undefined,
    named: '--admin-socket',
    subjects,
  }
  const open: AdminSocket[] = []
  const close = async (): Promise<void> => {
    for (const socket of open) await socket.close()
  }
  const start = async (options: AdminSocketOptions): Promise<void> => {
    const socket = new AdminSocket(options)
    await socket.start()
    open.push(socket)
  }
  // The path for captures before there was one socket for everything.
  if (recorder !== undefined) {
    const folder = recorder.status().folder
    await start({ path: captureSocketPath(folder), privateFolder: true, named: '--capture', subjects })
  }
  try {
    await start(wanted)
    return { path: wanted.path, close }
  } catch (error) {
    if (path === undefined) {
      // The socket was not requested explicitly, and reviews matter more.
      logger.warn({ error }, 'no admin socket: remora status cannot reach this server')
      return { path: undefined, close }
    }
    await close()
    throw error
  }
}
