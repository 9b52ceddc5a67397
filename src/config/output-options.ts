/** `-o, --output`: the format of a command's output. Each command lists its formats. */
import type { Option } from './option.ts'
import { parseChoice, parseFlag } from './units.ts'

interface OutputOption<T extends string> extends Option<T> {
  readonly defaultText: T
}

/** The first format is the default. */
export function outputOption<const T extends string>(first: T, ...others: readonly T[]): OutputOption<T> {
  const formats = [first, ...others]
  return {
    placeholder: formats.join('|'),
    short: 'o',
    help: 'output format',
    parse: parseChoice(formats),
    defaultText: first,
  }
}

/** `--json`: the spelling before `-o json`. */
export const JSON_FLAG = {
  placeholder: '',
  help: 'the same as --output json',
  parse: parseFlag,
  hidden: true,
  standsFor: { flag: 'output', value: 'json' },
} as const satisfies Option<boolean>
