/** `remora serve`: the process around the runtime: signals, the log, the exit code. */
import { describeOptions, planTls, SERVE_OPTIONS, type ServeOptions } from '../config/index.ts'
import { createLogger, type Logger } from '../observe/index.ts'
import { type Running, remoraVersion, startRuntime } from '../runtime.ts'
import { type CommandIo, defineCommand } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { greeting } from './greeting.ts'

export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'answer admission reviews over HTTPS',
  options: SERVE_OPTIONS,
  exitCodes: {
    success: 'the server was stopped by a signal',
    negative: 'the server failed while it was serving, or a second signal stopped it',
  },
  async run({ options, io }) {
    const format = options['log-format']
    const human = format === 'text' || (format === 'auto' && io.terminal === true)
    const logger = createLogger({ level: options['log-level'], human })
    const release = watchForDefects(logger)
    const stop = new AbortController()
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stop.signal.aborted) {
        logger.warn({ signal }, 'second signal: stopping without draining')
        logger.flush()
        process.exit(EXIT.negative)
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
      if (running === undefined) return EXIT.success
      const welcome = greeting(running)
      if (welcome !== undefined) io.out(welcome)
      await running.done
      logger.info({}, 'stopped')
      return EXIT.success
    } finally {
      logger.flush()
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal)
      release()
    }
  },
})

/** On a terminal: why the process does not end at once, and how to shorten it. */
function stoppingFacts(options: ServeOptions, io: CommandIo): object {
  const { 'drain-delay': drainDelayMs } = options
  if (io.terminal !== true && planTls(options).kind !== 'dev') return { drainDelayMs }
  const waiting = drainDelayMs === 0 ? '' : `keeps serving for ${drainDelayMs / 1000} s (--drain-delay); `
  return { drainDelayMs, hint: `${waiting}a second Ctrl-C stops at once` }
}

/** Undefined if it was stopped before it could serve, which is no error. */
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

/** After an uncaught error the state of the process is unknown: the error is logged, the process ends, and a supervisor restarts it. */
function watchForDefects(logger: Logger): () => void {
  const onDefect = (error: unknown): void => {
    logger.fatal({ error }, 'uncaught error')
    logger.flush()
    process.exit(EXIT.negative)
  }
  process.on('uncaughtException', onDefect).on('unhandledRejection', onDefect)
  return () => process.off('uncaughtException', onDefect).off('unhandledRejection', onDefect)
}
