/** Owns: `remora serve`: the process around the runtime: signals, the log, the exit code. */
import {
  commandHelp,
  describeOptions,
  planTls,
  readOptions,
  SERVE_OPTIONS,
  type ServeOptions,
} from '../config/index.ts'
import { createLogger, type Logger } from '../observe/index.ts'
import { type Running, remoraVersion, startRuntime } from '../runtime.ts'
import type { Command, CommandIo } from './command.ts'
import { greeting } from './greeting.ts'
import { ownText } from './text.ts'

const DESCRIPTION = {
  name: 'serve',
  summary: 'answer admission reviews over HTTPS',
  options: SERVE_OPTIONS,
}

export const serveCommand: Command = {
  name: DESCRIPTION.name,
  summary: DESCRIPTION.summary,
  options: DESCRIPTION.options,
  help: () => commandHelp(DESCRIPTION),
  async run(args, io) {
    const options = readOptions(SERVE_OPTIONS, { args, env: io.env })
    if (options.help === true) {
      io.out(ownText(commandHelp(DESCRIPTION)))
      return 0
    }
    const logger = createLogger({ level: options['log-level'] })
    const release = watchForDefects(logger)
    const stop = new AbortController()
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stop.signal.aborted) {
        logger.warn({ signal }, 'second signal: stopping without draining')
        logger.flush()
        process.exit(1)
      }
      logger.info({ signal, ...stoppingFacts(options, io) }, 'stopping')
      stop.abort()
    }
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
    try {
      logger.info(
        {
          version: remoraVersion(),
          node: process.versions.node,
          options: describeOptions(SERVE_OPTIONS, options),
        },
        'starting',
      )
      const running = await startUntilStopped(options, logger, stop.signal)
      if (running === undefined) return 0
      const welcome = greeting(running)
      if (welcome !== undefined) io.out(welcome)
      await running.done
      logger.info({}, 'stopped')
      return 0
    } finally {
      logger.flush()
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal)
      release()
    }
  },
}

/** Who sits before a terminal and sees nothing end must know that waiting is meant, and how to have it shorter. */
function stoppingFacts(options: ServeOptions, io: CommandIo): object {
  const { 'drain-delay': drainDelayMs } = options
  if (io.terminal !== true && planTls(options).kind !== 'dev') return { drainDelayMs }
  const waiting = drainDelayMs === 0 ? '' : `goes on serving for ${drainDelayMs / 1000} s (--drain-delay); `
  return { drainDelayMs, hint: `${waiting}a second Ctrl-C stops at once` }
}

/** Undefined where it was told to stop while it still waited for what it serves with: nothing is wrong with that. */
async function startUntilStopped(
  options: ServeOptions,
  logger: Logger,
  signal: AbortSignal,
): Promise<Running | undefined> {
  try {
    return await startRuntime({ options, logger, signal })
  } catch (error) {
    if (!signal.aborted) throw error
    logger.info({ error }, 'stopped before serving')
    return undefined
  }
}

/** What nobody caught leaves the process in an unknown state: logged once, then the end; a supervisor starts it anew. */
function watchForDefects(logger: Logger): () => void {
  const onDefect = (error: unknown): void => {
    logger.fatal({ error }, 'uncaught error')
    logger.flush()
    process.exit(1)
  }
  process.on('uncaughtException', onDefect).on('unhandledRejection', onDefect)
  return () => process.off('uncaughtException', onDefect).off('unhandledRejection', onDefect)
}
