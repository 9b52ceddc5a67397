/** Chooses the command, and prints the one line that a user sees when it fails. */

import { RemoraError } from '../errors.ts'
import { withSourcePlaces } from '../observe/index.ts'
import { describeSystemError } from '../system-error.ts'
import type { Command, CommandIo, ProcessIo } from './command.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { messageText, ownText, rawText } from './text.ts'
import { columnsOf } from './wrap.ts'

export type { Command, ProcessIo } from './command.ts'
export type { ExitCode } from './exit-codes.ts'

/** In the order of the help. Each is loaded on demand, because a starting server needs none of the others. */
const LOADERS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', async () => (await import('./serve.ts')).serveCommand],
  ['inject', async () => (await import('./inject.ts')).injectCommand],
  ['explain', async () => (await import('./explain.ts')).explainCommand],
  ['check', async () => (await import('./check.ts')).checkCommand],
  ['preview', async () => (await import('./preview.ts')).previewCommand],
  ['rollout', async () => (await import('./rollout.ts')).rolloutCommand],
  ['replay', async () => (await import('./replay.ts')).replayCommand],
  ['diff', async () => (await import('./diff.ts')).diffCommand],
  ['status', async () => (await import('./status.ts')).statusCommand],
  ['used-by', async () => (await import('./used-by.ts')).usedByCommand],
  ['admin', async () => (await import('./admin.ts')).adminCommand],
  ['version', async () => (await import('./version.ts')).versionCommand],
])

/** All commands, including `completion` and `help`, which need the others. */
export async function loadAll(): Promise<readonly Command[]> {
  const [{ createCompletionCommand }, { createHelpCommand }] = await Promise.all([
    import('./completion.ts'),
    import('./help.ts'),
  ])
  const commands: Command[] = await Promise.all([...LOADERS.values()].map((load) => load()))
  commands.push(
    createCompletionCommand(),
    createHelpCommand(() => commands),
  )
  return commands
}

async function loadCommand(name: string): Promise<Command> {
  const load = LOADERS.get(name)
  if (load !== undefined) return load()
  const commands = await loadAll()
  const command = commands.find((candidate) => candidate.name === name)
  if (command !== undefined) return command
  const { unknownCommand } = await import('./help.ts')
  throw unknownCommand(name, commands)
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['--help', 'help'],
  ['-h', 'help'],
  ['--version', 'version'],
])

/** Runs the command that the arguments (without node and script) name; never throws. */
export async function runCli(args: readonly string[], streams: ProcessIo): Promise<ExitCode> {
  const columns = columnsOf(streams.env, streams.columns)
  const io: CommandIo = {
    ...streams,
    columns,
    out: (safe) => streams.out(rawText(safe, columns)),
    // One line a message, as kubectl prints errors, so that scripts can read them.
    err: (safe) => streams.err(rawText(safe, Number.POSITIVE_INFINITY)),
  }
  try {
    const [first, ...rest] = args
    if (first === undefined) {
      io.err(ownText((await loadCommand('help')).help(columns)))
      return EXIT.noResult
    }
    if (first === '__complete') {
      const { complete } = await import('./complete.ts')
      return await complete(rest, await loadAll(), io)
    }
    const command = await loadCommand(ALIASES.get(first) ?? first)
    return await command.run(rest, io)
  } catch (error) {
    io.err(messageText('remora: ', lineOf(error)))
    return EXIT.noResult
  }
}

/** The message of our own errors and of the system's; anything else is a defect, which needs its stack. */
function lineOf(error: unknown): string {
  if (error instanceof RemoraError) {
    const { source, message } = error
    return source === undefined || message.includes(source) ? message : `${source}: ${message}`
  }
  if (error instanceof Error && 'syscall' in error) return missingPath(error) ?? systemLine(error)
  return error instanceof Error ? withSourcePlaces(error.stack ?? error.message) : String(error)
}

function systemLine(error: Error): string {
  const path = 'path' in error && typeof error.path === 'string' ? `${error.path}: ` : ''
  return `${path}${describeSystemError(error)}`
}

/** Only inputs are looked up by stat; for an output or a socket, ENOENT has other causes. */
function missingPath(error: Error & { readonly syscall: unknown }): string | undefined {
  if (!('code' in error && error.code === 'ENOENT' && 'path' in error)) return undefined
  return error.syscall === 'stat' ? `${String(error.path)}: there is no such file or folder` : undefined
}
