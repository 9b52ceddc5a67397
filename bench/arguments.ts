/** Command-line handling that the benchmark commands share: --help, numbers, and one-line error messages. */
import { type ParseArgsConfig, parseArgs } from 'node:util'

type OptionTable = NonNullable<ParseArgsConfig['options']>
type Values<T extends OptionTable> = ReturnType<typeof parseArgs<{ options: T }>>['values']

/**
 * Parses the options of this process. With --help, or if an option is invalid, prints and ends the process (0, 2).
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

/** Returns the result of `read`. If it throws, the command line is invalid: one line and exit 2. */
export function orExplain<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n--help lists the options.`)
    process.exit(2)
  }
}

/** A whole number of at least `least`. @throws Error that names the option and the expected value */
export function whole(option: string, text: string, least: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${option}: found ${text}; expected a whole number from ${least} on`)
  return value
}

/** Names separated by commas, each one of `known`. @throws Error that names the option and the expected values */
export function namesAmong(option: string, text: string, known: readonly string[]): readonly string[] {
  const names = text.split(',')
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`--${option}: found ${unknown}; expected ${known.join(', ')}`)
  return names
}
