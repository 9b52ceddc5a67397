/** Owns: choosing the command, and the one line that a user sees when it fails. */
import { OptionError } from '../config/index.ts'
import { RemoraError } from '../errors.ts'
import { withSourcePlaces } from '../observe/index.ts'
import type { Command, CommandIo, ExitCode, ProcessIo } from './command.ts'
import { messageText, ownText, rawText } from './text.ts'

export type { Command, ExitCode, ProcessIo } from './command.ts'

/** In the order of the help. Each is loaded when it is asked for: a server that starts needs none of the others. */
const LOADERS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', async () => (await import('./serve.ts')).serveCommand],
  ['inject', async () => (await import('./inject.ts')).injectCommand],
  ['explain', async () => (await import('./explain.ts')).explainCommand],
  ['check', async () => (await import('./check.ts')).checkCommand],
  ['preview', async () => (await import('./preview.ts')).previewCommand],
  ['replay', async () => (await import('./replay.ts')).replayCommand],
  ['diff', async () => (await import('./diff.ts')).diffCommand],
  ['status', async () => (await import('./status.ts')).statusCommand],
  ['admin', async () => (await import('./admin.ts')).adminCommand],
  ['version', async () => (await import('./version.ts')).versionCommand],
])

/** With those that are about all commands. */
async function loadAll(): Promise<readonly Command[]> {
  const [{ createCompletionCommand }, { createHelpCommand }] = await Promise.all([
    import('./completion.ts'),
    import('./help.ts'),
  ])
  const commands: Command[] = await Promise.all([...LOADERS.values()].map((load) => load()))
  commands.push(
    createCompletionCommand(() => commands),
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

/** Runs what the arguments (without node and script) ask for; never throws. */
export async function runCli(args: readonly string[], streams: ProcessIo): Promise<ExitCode> {
  const io: CommandIo = {
    ...streams,
    out: (safe) => streams.out(rawText(safe)),
    err: (safe) => streams.err(rawText(safe)),
  }
  try {
    const [first, ...rest] = args
    if (first === undefined) {
      io.err(ownText((await loadCommand('help')).help()))
      return 2
    }
    const command = await loadCommand(ALIASES.get(first) ?? first)
    return await command.run(rest, io)
  } catch (error) {
    io.err(messageText('remora: ', lineOf(error)))
    return error instanceof OptionError ? 2 : 1
  }
}

/** Our own errors and the system's speak for themselves; anything else is a defect, which needs its stack. */
function lineOf(error: unknown): string {
  if (error instanceof RemoraError) {
    const { source, message } = error
    return source === undefined || message.includes(source) ? message : `${source}: ${message}`
  }
  if (error instanceof Error && 'syscall' in error) return error.message
  return error instanceof Error ? withSourcePlaces(error.stack ?? error.message) : String(error)
}
