/** `remora help [COMMAND]`. */
import { OptionError, overviewHelp } from '../config/index.ts'
import { didYouMean } from '../nearest-name.ts'
import { remoraVersion } from '../runtime.ts'
import { quoteText } from '../visible-text.ts'
import type { Command } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { ownText } from './text.ts'

/** @param commands a function, because help is one of the commands */
export function createHelpCommand(commands: () => readonly Command[]): Command {
  const help = (columns: number): string => overviewHelp(commands(), remoraVersion(), columns)
  return {
    name: 'help',
    summary: 'print this help, or the help of a command',
    options: {},
    get words() {
      return [{ values: commands().map(({ name }) => name) }, { values: [] }]
    },
    help,
    async run(args, io) {
      const [name, ...rest] = args
      if (name === undefined || name.startsWith('-')) {
        io.out(ownText(help(io.columns)))
        return EXIT.success
      }
      const command = commands().find((candidate) => candidate.name === name)
      if (command === undefined) throw unknownCommand(name, commands())
      io.out(ownText(command.help(io.columns, rest)))
      return EXIT.success
    },
  }
}

export function unknownCommand(name: string, commands: readonly Command[]): OptionError {
  const known = commands.map((command) => command.name)
  return new OptionError(
    'command-unknown',
    `unknown command ${quoteText(name)}: there are ${known.join(', ')}${didYouMean(name, known)}`,
  )
}
