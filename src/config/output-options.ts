/** The one spelling of the form of a command's output: `-o`, `--output`. Each command names the forms that it can print. */
import type { Option } from './option.ts'
import { parseChoice, parseFlag } from './units.ts'

interface OutputOption<T extends string> extends Option<T> {
  readonly defaultText: T
}

/** The first form is the default. */
export function outputOption<const T extends string>(first: T, ...others: readonly T[]): OutputOption<T> {
  const forms = [first, ...others]
  return {
    placeholder: forms.join('|'),
    short: 'o',
    help: 'output format',
    parse: parseChoice(forms),
    defaultText: first,
  }
}

/** `--json`, from before there was `-o json`. */
export const JSON_FLAG = {
  placeholder: '',
  help: 'the same as --output json',
  parse: parseFlag,
  hidden: true,
  standsFor: { flag: 'output', value: 'json' },
} as const satisfies Option<boolean>
