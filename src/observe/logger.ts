/**
 * The log: JSON lines written by pino. The types of the callers decide what may be logged: no function here takes a
 * body, an object of the cluster or a map of environment values.
 */
import pino from 'pino'
import type { LogLevel } from '../config/index.ts'
import { visibleJson } from '../visible-text.ts'
import { humanLine } from './human-line.ts'
import { withSourcePlaces } from './source-places.ts'

/** The logger as the rest of Remora sees it. */
export interface Logger {
  trace(fields: object, message: string): void
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  fatal(fields: object, message: string): void
  /** A logger that adds these fields to every line. */
  child(fields: object): Pick<Logger, 'info' | 'warn' | 'error'>
  /** False if lines of that level are dropped, so that building their fields can be skipped. */
  isLevelEnabled(level: LogLevel): boolean
  /** Writes buffered lines before the process ends. */
  flush(): void
}

export interface LoggerOptions {
  readonly level: LogLevel
  /** Lines for people instead of JSON. */
  readonly human?: boolean
  /** Replaces standard output; for tests. */
  readonly write?: (line: string) => void
}

/** The maximum number of buffered characters. */
const MAX_BUFFERED = 4 * 2 ** 20

/**
 * Lines go to standard output, one write at a time. Lines that are logged during a write are joined to the next one,
 * so that a slow reader does not block requests. If the reader stops, lines beyond MAX_BUFFERED are lost.
 */
export function createLogger(options: LoggerOptions): Logger {
  const write = options.write
  const destination =
    write === undefined ? pino.destination({ dest: 1, sync: false, maxLength: MAX_BUFFERED }) : { write }
  const logger = pino(
    {
      level: options.level,
      base: null,
      serializers: { error: errorFields },
      // JSON escapes only the first 32 control characters. Other characters that a terminal acts on must not reach
      // `kubectl logs` either.
      hooks: { streamWrite: options.human === true ? humanLine : visibleJson },
    },
    destination,
  )
  return Object.assign(logger, {
    flush(): void {
      if (!('flushSync' in destination)) return
      try {
        destination.flushSync()
      } catch {
        // The destination was never opened, or its reader is gone.
      }
    },
  })
}

/** Code, message and stack of an error, but never its other properties, which may contain parsed input. */
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const { name, message, stack } = error
  return { name, code, message, stack: stack && withSourcePlaces(stack) }
}
