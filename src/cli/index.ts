/** Owns: choosing the command, and the one line that a user sees when it fails. */
import { OptionError } from '../config/index.ts'
import { RemoraError } from '../errors.ts'
import { withSourcePlaces } from '../observe/index.ts'
import { adminCommand } from './admin.ts'
import { checkCommand } from './check.ts'
import type { Command, CommandIo, ExitCode } from './command.ts'
import { createCompletionCommand } from './completion.ts'
import { diffCommand } from './diff.ts'
import { explainCommand } from './explain.ts'
import { createHelpCommand, unknownCommand } from './help.ts'
import { injectCommand } from './inject.ts'
import { previewCommand } from './preview.ts'
import { replayCommand } from './replay.ts'
import { serveCommand } from './serve.ts'
import { versionCommand } from './version.ts'

export type { Command, CommandIo, ExitCode } from './command.ts'

const helpCommand = createHelpCommand(() => COMMANDS)
const completionCommand = createCompletionCommand(() => COMMANDS)
const COMMANDS: readonly Command[] = [
  serveCommand,
  injectCommand,
  explainCommand,
  checkCommand,
  previewCommand,
  replayCommand,
  diffCommand,
  adminCommand,
  versionCommand,
  completionCommand,
  helpCommand,
]
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['--help', 'help'],
  ['-h', 'help'],
  ['--version', 'version'],
])

/** Runs what the arguments (without node and script) ask for; never throws. */
export async function runCli(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  try {
    const [first, ...rest] = args
    if (first === undefined) {
      io.err(helpCommand.help())
      return 2
    }
    const name = ALIASES.get(first) ?? first
    const command = COMMANDS.find((candidate) => candidate.name === name)
    if (command === undefined) throw unknownCommand(first, COMMANDS)
    return await command.run(rest, io)
  } catch (error) {
    io.err(`remora: ${lineOf(error)}\n`)
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
