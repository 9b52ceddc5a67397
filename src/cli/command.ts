/** The interface of a command, its access to the process, and the steps that all commands share. */
import {
  commandHelp,
  type OptionTable,
  readOptions,
  type Sources,
  splitArguments,
  type Values,
} from '../config/index.ts'
import { EXIT, type ExitCode, type ExitMeanings, exitCodesOf } from './exit-codes.ts'
import { ownText, type Text } from './text.ts'

interface Surroundings {
  readonly env: Sources['env']
  /** Standard output is a terminal. */
  readonly terminal?: boolean
  /** The whole of standard input. */
  readStdin(): Promise<string>
}

/** The process's own streams, which take anything. Only the command line's entry has them. */
export interface ProcessIo extends Surroundings {
  /** Of the terminal; undefined if standard output is none. */
  readonly columns?: number
  out(text: string): void
  err(text: string): void
}

/** What a command gets: it can print only text that is safe for a terminal. */
export interface CommandIo extends Surroundings {
  /** The width that text is wrapped to. */
  readonly columns: number
  out(text: Text): void
  err(text: Text): void
}

export type NameKind = 'revisions' | 'namespaces' | 'contexts' | 'workloads'

/** What shells offer for one word of the command line. */
export interface Offer {
  readonly values: readonly string[]
  /** What the cluster has. */
  readonly names?: NameKind
  readonly paths?: 'files' | 'folders'
}

export interface Command {
  readonly name: string
  readonly summary: string
  readonly options: OptionTable
  /** The arguments besides the options; the last one also describes all that follow. */
  readonly words?: readonly Offer[]
  readonly exitCodes?: ExitMeanings
  run(args: readonly string[], io: CommandIo): Promise<ExitCode>
  help(columns: number): string
}

/** What the command line asks for, as a command gets it. */
export interface Call<S extends OptionTable> {
  readonly options: Values<S>
  /** Empty for a command that takes none. */
  readonly words: readonly string[]
  readonly io: CommandIo
}

interface Definition<S extends OptionTable> {
  readonly name: string
  readonly summary: string
  /** The forms of the arguments in the usage, one per line. */
  readonly forms?: readonly string[]
  readonly options: S
  readonly words?: readonly Offer[]
  readonly exitCodes: ExitMeanings
  /** Whatever it throws ends the command with `EXIT.noResult`. */
  run(call: Call<S>): Promise<ExitCode> | ExitCode
}

/** Reads words and options, answers `--help`, and hands the rest to the definition's own `run`. */
export function defineCommand<const S extends OptionTable>(definition: Definition<S>): Command {
  const { options: table, words: offers, exitCodes } = definition
  const help = (columns: number) => commandHelp({ ...definition, exitCodes: exitCodesOf(exitCodes) }, columns)
  return {
    ...definition,
    help,
    async run(args, io) {
      const split = offers === undefined ? { words: [], args } : splitArguments(table, args)
      const options = readOptions(table, { args: split.args, env: io.env })
      if (Reflect.get(options, 'help') === true) {
        io.out(ownText(help(io.columns)))
        return EXIT.success
      }
      return definition.run({ options, words: split.words, io })
    },
  }
}
