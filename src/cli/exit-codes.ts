/**
 * The exit codes of all commands. docs/exit-codes.md explains them, and a test compares the page and every `--help` with
 * this table.
 */

/** 0: success, nothing wrong was found; 1: the command found something; 2: there is no result. */
export const EXIT = { success: 0, negative: 1, noResult: 2 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What 0 means for a command, and 1 for a command that can find something. */
export interface ExitMeanings {
  readonly success: string
  readonly negative?: string
}

const NO_RESULT =
  'no result: the command line is invalid, or a file, the cluster or a server cannot be read; standard error says why'

/** The rows of the table for one command, as its help prints them. */
export function exitCodesOf({ success, negative }: ExitMeanings): readonly (readonly [ExitCode, string])[] {
  return [
    [EXIT.success, success],
    ...(negative === undefined ? [] : [[EXIT.negative, negative] as const]),
    [EXIT.noResult, NO_RESULT],
  ]
}
