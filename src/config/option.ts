/** What an option is, and the types that follow from a table of options. */
import type { Parsed } from './units.ts'

export interface Option<T> {
  /**
   * The value in the help: DIR, PORT; empty if the option has no value. Lower-case words are literal values (`text|json`,
   * `DIR|live`). Shells complete them, files for FILE, folders for DIR, and what a cluster has for REV, NAMESPACE and
   * CONTEXT.
   */
  readonly placeholder: string
  readonly help: string
  parse(text: string): Parsed<T>
  /** Parsed like the text of a user, so that the help shows the real default. */
  readonly defaultText?: string
  readonly required?: boolean
  /** Repeatable; in the environment with one value per line. */
  readonly repeatable?: boolean
  /** The value must not appear in messages and logs. */
  readonly secret?: boolean
  /** A one-letter form. */
  readonly short?: string
  /** An old spelling: it works, and neither help nor completion shows it. */
  readonly hidden?: true
  /** Listed after the others in the help. */
  readonly advanced?: true
  /** A flag without a value that is the same as another option with this value: `--json` for `--output json`. */
  readonly standsFor?: { readonly flag: string; readonly value: string }
}

/** Keys are flags without dashes. */
export type OptionTable = { readonly [flag: string]: Option<unknown> }

type ValueOf<O> =
  O extends Option<infer T>
    ? O extends { readonly repeatable: true }
      ? readonly T[]
      : O extends { readonly required: true } | { readonly defaultText: string }
        ? T
        : T | undefined
    : never

/** The values of a table's options, by flag name. A flag that stands for another option has no value of its own. */
export type Values<S extends OptionTable> = {
  readonly [F in keyof S as S[F] extends { readonly standsFor: object } ? never : F]: ValueOf<S[F]>
}

/** The environment variable of a flag: `keep-alive-timeout` is `REMORA_KEEP_ALIVE_TIMEOUT`. */
export function environmentName(flag: string): string {
  return `REMORA_${flag.toUpperCase().replaceAll('-', '_')}`
}
