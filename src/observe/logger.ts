/**
 * Owns: the log: JSON lines by pino (the only importer of it). What may be logged is decided by the callers' types:
 * no function here takes a body, an object of the cluster or a map of environment values.
 */
import pino from 'pino'
import type { LogLevel } from '../config/index.ts'
import { visibleJson } from '../visible-text.ts'
import { withSourcePlaces } from './source-places.ts'

/** What the rest of Remora sees of a logger. */
export interface Logger {
  trace(fields: object, message: string): void
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  fatal(fields: object, message: string): void
  /** One whose lines all begin with these fields. */
  child(fields: object): Pick<Logger, 'info' | 'warn' | 'error'>
  /** False where a line of that level would be dropped: building its fields can be spared. */
  isLevelEnabled(level: LogLevel): boolean
  /** Writes what is still buffered, before the process ends. */
  flush(): void
}

export interface LoggerOptions {
  readonly level: LogLevel
  /** Where lines go instead of standard output; for tests. */
  readonly write?: (line: string) => void
}

/** Characters of lines that wait for a reader. */
const MAX_BUFFERED = 4 * 2 ** 20

/**
 * Lines go to standard output, one write at a time: lines made while a write is under way join the next one, so that
 * a slow reader of the log does not hold up requests. Of a reader that stops reading, lines are lost past MAX_BUFFERED.
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
      // JSON escapes only the first 32: what else a terminal acts on must not come out of `kubectl logs` either.
      hooks: { streamWrite: visibleJson },
    },
    destination,
  )
  return Object.assign(logger, {
    flush(): void {
      if (!('flushSync' in destination)) return
      try {
        destination.flushSync()
      } catch {
        // The destination was never opened, or its reader is gone: there is nobody to tell.
      }
    },
  })
}

/** Code, message and stack of an error; never its other properties, which may hold what was being parsed. */
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const { name, message, stack } = error
  return { name, code, message, stack: stack && withSourcePlaces(stack) }
}
