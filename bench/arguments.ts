/**
 * What the bench's commands do with their command lines alike: --help, numbers, and a line instead of a stack where
 * something is wrong with it. Not here: which options a command has.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util'

type OptionTable = NonNullable<ParseArgsConfig['options']>
type Values<T extends OptionTable> = ReturnType<typeof parseArgs<{ options: T }>>['values']

/**
 * The options of this process; with --help, and where one is wrong, it prints and ends the process (0, 2).
 * @param help the whole text of --help
 */
export function readArguments<const T extends OptionTable>(help: string, options: T): Values<T> {
  const args = process.argv.slice(2)
  if (args.includes('--help')) {
    console.log(help)
    process.exit()
  }
  return orExplain(() => parseArgs({ args, options, allowPositionals: false }).values)
}

/** What `read` gives; what it throws is a mistake in the command line: one line and exit 2. */
export function orExplain<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n--help lists the options.`)
    process.exit(2)
  }
}

/** A whole number from `least` on. @throws Error that names the option and what was expected */
export function whole(option: string, text: string, least: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${option}: found ${text}; expected a whole number from ${least} on`)
  return value
}

/** Names with commas between, each one of `known`. @throws Error that names the option and what was expected */
export function namesAmong(option: string, text: string, known: readonly string[]): readonly string[] {
  const names = text.split(',')
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`--${option}: found ${unknown}; expected ${known.join(', ')}`)
  return names
}
