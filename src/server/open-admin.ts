/** Owns: where a server can be asked in private, and about what. Not here: the socket itself (src/admin). */
import { AdminSocket, type AdminSocketOptions, defaultSocketPath } from '../admin/index.ts'
import { answerAboutCapture, captureSocketPath, type Recorder } from '../capture/index.ts'
import type { JsonObject } from '../json/index.ts'
import type { Logger } from '../observe/index.ts'
import type { ServerState } from './readiness.ts'

export interface AdminFacts {
  /** The option; undefined: the default place. */
  readonly path: string | undefined
  readonly metricsPort: number
  readonly state: () => ServerState
  readonly recorder: Recorder | undefined
  readonly logger: Pick<Logger, 'warn'>
}

export interface OpenAdmin {
  /** Undefined: there is none, which the log says. */
  readonly path: string | undefined
  close(): Promise<void>
}

/** @throws AdminError `listen-failed` where a socket that was asked for cannot be had */
export async function openAdminSockets(facts: AdminFacts): Promise<OpenAdmin> {
  const { path, metricsPort, recorder, logger } = facts
  const subjects = new Map<string, (request: JsonObject) => JsonObject>([
    // Plain data, as JSON.stringify writes it.
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
  // Where captures were asked about before there was one socket for all.
  if (recorder !== undefined) {
    const folder = recorder.status().folder
    await start({ path: captureSocketPath(folder), privateFolder: true, named: '--capture', subjects })
  }
  try {
    await start(wanted)
    return { path: wanted.path, close }
  } catch (error) {
    if (path === undefined) {
      // Nobody asked for it, and reviews matter more than being asked.
      logger.warn({ error }, 'no admin socket: remora status cannot ask this server')
      return { path: undefined, close }
    }
    await close()
    throw error
  }
}
