/** `remora help [COMMAND]`. */
import { OptionError, overviewHelp } from '../config/index.ts'
import { remoraVersion } from '../runtime.ts'
import type { Command } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { ownText } from './text.ts'

/** @param commands are asked for late, because help is one of them */
export function createHelpCommand(commands: () => readonly Command[]): Command {
  const help = (): string => overviewHelp(commands(), remoraVersion())
  return {
    name: 'help',
    summary: 'print this help, or the help of a command',
    options: {},
    get words() {
      return [{ values: commands().map(({ name }) => name) }, { values: [] }]
    },
    help,
    async run(args, io) {
      const [name] = args
      if (name === undefined || name.startsWith('-')) {
        io.out(ownText(help()))
        return EXIT.success
      }
      const command = commands().find((candidate) => candidate.name === name)
      if (command === undefined) throw unknownCommand(name, commands())
      io.out(ownText(command.help()))
      return EXIT.success
    },
  }
}

export function unknownCommand(name: string, commands: readonly Command[]): OptionError {
  const known = commands.map((command) => command.name).join(', ')
  return new OptionError('command-unknown', `unknown command ${JSON.stringify(name)}: there are ${known}`)
}
