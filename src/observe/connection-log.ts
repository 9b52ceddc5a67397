/**
 * Logs connections that end without a response: one line at once for each kind and cause, and then one line for all
 * that follow within ten seconds, so that clients cannot fill the log by opening connections.
 */
import type { Logger } from './logger.ts'

/** The end of a connection: `cause` is from a closed set, `source` is an address. */
export interface EndedConnection {
  readonly kind: 'unanswered' | 'handshake'
  readonly cause: string
  readonly source: string | undefined
}

export interface ConnectionLog {
  (end: EndedConnection): void
  close(): void
}

const QUIET_MS = 10_000
const MESSAGES = {
  unanswered: 'connection ended without a response',
  handshake: 'TLS handshake failed',
} as const
/** Normal in quiet times: port scans, TCP probes, API servers that close unused connections. */
const ORDINARY: ReadonlySet<string> = new Set([
  'client-closed-unused',
  'client-closed',
  'idle-timeout',
  'drained',
])

interface Following {
  count: number
  source: string | undefined
}

export function createConnectionLog(
  logger: Pick<Logger, 'info' | 'warn'>,
  quietMs: number = QUIET_MS,
): ConnectionLog {
  const following = new Map<string, Following>()
  const timers = new Set<NodeJS.Timeout>()

  const write = ({ kind, cause, source }: EndedConnection, count: number): void => {
    const fields = { cause, source, count }
    if (ORDINARY.has(cause)) logger.info(fields, MESSAGES[kind])
    else logger.warn(fields, MESSAGES[kind])
  }
  const log = (end: EndedConnection): void => {
    const key = `${end.kind} ${end.cause}`
    const known = following.get(key)
    if (known !== undefined) {
      known.count++
      known.source = end.source
      return
    }
    write(end, 1)
    const quiet: Following = { count: 0, source: undefined }
    following.set(key, quiet)
    const timer = setTimeout(() => {
      timers.delete(timer)
      following.delete(key)
      if (quiet.count > 0) write({ ...end, source: quiet.source }, quiet.count)
    }, quietMs)
    timer.unref()
    timers.add(timer)
  }
  return Object.assign(log, {
    close(): void {
      for (const timer of timers) clearTimeout(timer)
    },
  })
}
