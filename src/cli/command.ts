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
  /** @param words those of the command line: the help of one verb is its own */
  help(columns: number, words?: readonly string[]): string
}

/** What the command line asks for, as a command gets it. */
export interface Call<S extends OptionTable> {
  readonly options: Values<S>
  /** Empty for a command that takes none. */
  readonly words: readonly string[]
  readonly io: CommandIo
}

/** The first word of a command that does several things. */
export interface Verb<F extends string = string> {
  readonly summary: string
  /** What stands before the options in the usage. */
  readonly form: string
  /** The options that it has and not every verb. */
  readonly own: readonly F[]
  readonly exitCodes: ExitMeanings
}

interface Definition<S extends OptionTable> {
  readonly name: string
  readonly summary: string
  /** The forms of the arguments in the usage, one per line. */
  readonly forms?: readonly string[]
  readonly options: S
  readonly words?: readonly Offer[]
  readonly verbs?: ReadonlyMap<string, Verb<NoInfer<keyof S & string>>>
  readonly exitCodes: ExitMeanings
  /** Whatever it throws ends the command with `EXIT.noResult`. */
  run(call: Call<S>): Promise<ExitCode> | ExitCode
}

/** Reads words and options, answers `--help`, and hands the rest to the definition's own `run`. */
export function defineCommand<const S extends OptionTable>(definition: Definition<S>): Command {
  const { options: table, words: offers } = definition
  const help = (columns: number, words: readonly string[] = []) => {
    const { exitCodes, ...described } = describeVerb(definition, words[0]) ?? definition
    return commandHelp({ ...described, exitCodes: exitCodesOf(exitCodes) }, columns)
  }
  return {
    ...definition,
    help,
    async run(args, io) {
      const split = offers === undefined ? { words: [], args } : splitArguments(table, args)
      const options = readOptions(table, { args: split.args, env: io.env })
      if (Reflect.get(options, 'help') === true) {
        io.out(ownText(help(io.columns, split.words)))
        return EXIT.success
      }
      return definition.run({ options, words: split.words, io })
    },
  }
}

type Described = Pick<Definition<OptionTable>, 'name' | 'summary' | 'forms' | 'options' | 'exitCodes'>

/** undefined: the command has no such verb. */
function describeVerb<S extends OptionTable>(
  { name, options, verbs }: Definition<S>,
  word: string | undefined,
): Described | undefined {
  const verb = word === undefined ? undefined : verbs?.get(word)
  if (verb === undefined) return undefined
  const { summary, form, own, exitCodes } = verb
  const ofVerbs = new Set<string>([...(verbs?.values() ?? [])].flatMap((one) => one.own))
  const ownFlags = new Set<string>(own)
  const shown = Object.entries(options).flatMap(([flag, option]) => {
    if (!ofVerbs.has(flag)) return [[flag, option] as const]
    // In the help of the whole command it names the verbs first.
    const help = option.help.replace(/^[a-z, ]+: /, '')
    return ownFlags.has(flag) ? [[flag, { ...option, help }] as const] : []
  })
  return { name, summary, forms: [form], options: Object.fromEntries(shown), exitCodes }
}
