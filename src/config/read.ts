/**
 * Reads flags and environment; both are arguments, so tests need no process. A flag wins over the environment, the
 * environment over the default. Checks that need the file system are not here.
 */
import { nearestName } from '../nearest-name.ts'
import { environmentName, type Option, type OptionTable, type Values } from './option.ts'
import { OptionError } from './option-error.ts'

export interface Sources {
  /** The arguments after the command. */
  readonly args: readonly string[]
  readonly env: { readonly [name: string]: string | undefined }
}

interface Given {
  readonly text: string
  /** `--port` or `REMORA_PORT`, for messages. */
  readonly from: string
}

/**
 * Reads and checks all options of a table.
 * @throws OptionError `option-unknown`, `option-missing`, `option-invalid`, `argument-unexpected`.
 */
export function readOptions<S extends OptionTable>(table: S, sources: Sources): Values<S> {
  const flags = readArguments(table, sources.args)
  const values = Object.create(null) as { [flag: string]: unknown }
  const wantsHelp = flags.has('help')
  for (const [flag, option] of Object.entries(table)) {
    if (option.standsFor !== undefined) continue
    const given = flags.get(flag) ?? readEnvironment(table, flag, sources.env)
    if (option.repeatable) {
      values[flag] = given.map((one) => parse(option, one))
    } else {
      const last = given[0] ?? defaultOf(option)
      if (last === undefined && option.required === true && !wantsHelp) {
        throw missingOption(flag, option)
      }
      values[flag] = last === undefined ? undefined : parse(option, last)
    }
  }
  // The loop set a value of the option's type for each key of the table.
  return Object.freeze(values) as Values<S>
}

/** The error of a required option that is neither on the command line nor in the environment. */
export function missingOption(flag: string, { placeholder, help }: Option<unknown>): OptionError {
  return new OptionError(
    'option-missing',
    `--${flag} ${placeholder} is missing (or ${environmentName(flag)}): ${help}`,
  )
}

function readArguments(table: OptionTable, args: readonly string[]): Map<string, Given[]> {
  const found = new Map<string, Given[]>()
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (!arg.startsWith('-') || arg === '-') {
      throw new OptionError(
        'argument-unexpected',
        `unexpected argument ${JSON.stringify(arg)}; options start with --`,
      )
    }
    const { typed, value } = splitArgument(table, arg)
    const [flag, option] = findOption(table, typed)
    let text = value
    if (text === undefined && option.placeholder === '') text = ''
    if (text === undefined) {
      text = args[++i]
      if (text === undefined || text.startsWith('--')) {
        throw new OptionError('option-invalid', `--${flag} needs a value: ${option.placeholder}`)
      }
    }
    const given = { text, from: `--${flag}` }
    if (option.standsFor !== undefined) {
      if (parse(option, given) === true)
        found.set(option.standsFor.flag, [{ ...given, text: option.standsFor.value }])
      continue
    }
    // The last one wins unless the option is repeatable, so that arguments after a script's own can override them.
    const earlier = option.repeatable === true ? (found.get(flag) ?? []) : []
    found.set(flag, [...earlier, given])
  }
  return found
}

/** `--output=json`, `-o=json` and, as with kubectl, `-ojson`. */
function splitArgument(
  table: OptionTable,
  arg: string,
): { readonly typed: string; readonly value: string | undefined } {
  const equals = arg.indexOf('=')
  if (equals >= 0) return { typed: arg.slice(0, equals), value: arg.slice(equals + 1) }
  const letter = arg.charAt(1)
  const isShort = Object.values(table).some(({ short }) => short !== undefined && short === letter)
  return isShort && arg.length > 2
    ? { typed: `-${letter}`, value: arg.slice(2) }
    : { typed: arg, value: undefined }
}

function findOption(table: OptionTable, typed: string): [string, Option<unknown>] {
  for (const [flag, option] of Object.entries(table)) {
    if (typed === `--${flag}` || (option.short !== undefined && typed === `-${option.short}`))
      return [flag, option]
  }
  const shown = Object.entries(table).filter(([, option]) => option.hidden !== true)
  const near = nearestName(
    typed.replace(/^-+/, ''),
    shown.map(([flag]) => flag),
  )
  const hint = near === undefined ? 'see --help' : `did you mean --${near}?`
  throw new OptionError('option-unknown', `unknown option ${typed}: ${hint}`)
}

function readEnvironment(table: OptionTable, flag: string, env: Sources['env']): Given[] {
  const from = environmentName(flag)
  const text = env[from] ?? ''
  // A Service named `remora` makes the kubelet set REMORA_PORT=tcp://10.0.0.7:443 in every pod of its namespace.
  if (text === '' || (flag === 'port' && text.startsWith('tcp://'))) return readOldSpellings(table, flag, env)
  if (table[flag]?.repeatable !== true) return [{ text, from }]
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ text: line, from }))
}

/** The environment variables of flags that stand for this one. */
function readOldSpellings(table: OptionTable, flag: string, env: Sources['env']): Given[] {
  return Object.entries(table).flatMap(([old, option]) => {
    const given = { text: env[environmentName(old)] ?? '', from: environmentName(old) }
    if (option.standsFor?.flag !== flag || given.text === '') return []
    return parse(option, given) === true ? [{ ...given, text: option.standsFor.value }] : []
  })
}

function defaultOf(option: Option<unknown>): Given | undefined {
  return option.defaultText === undefined ? undefined : { text: option.defaultText, from: 'default' }
}

function parse(option: Option<unknown>, given: Given): unknown {
  const parsed = option.parse(given.text)
  if (parsed.ok) return parsed.value
  const shown = option.secret === true ? 'the value (not shown)' : JSON.stringify(given.text)
  throw new OptionError('option-invalid', `${given.from}: ${shown} is not ${parsed.expected}`)
}

/** The settings for the log at startup: secrets masked, unset ones left out. */
export function describeOptions<S extends OptionTable>(
  table: S,
  values: Values<S>,
): { [flag: string]: unknown } {
  const shown: { [flag: string]: unknown } = {}
  for (const [flag, option] of Object.entries(table)) {
    const value: unknown = Reflect.get(values, flag)
    if (value === undefined || flag === 'help' || (Array.isArray(value) && value.length === 0)) continue
    shown[flag] = option.secret === true ? '(not shown)' : value
  }
  return shown
}
