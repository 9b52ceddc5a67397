/** Owns: what a command is, and what it may touch of the process, so that tests need none. */
import type { OptionTable, Sources } from '../config/index.ts'

export interface CommandIo {
  readonly env: Sources['env']
  /** Standard output is a terminal. */
  readonly terminal?: boolean
  out(text: string): void
  err(text: string): void
  /** The whole of standard input. */
  readStdin(): Promise<string>
}

/** 0: done; 1: something was refused or failed; 2: the command line is wrong. */
export type ExitCode = 0 | 1 | 2

/** What may stand in one place of the command line, as far as it is known without a cluster. */
export interface Offer {
  readonly values: readonly string[]
  readonly paths?: 'files' | 'folders'
}

export interface Command {
  readonly name: string
  readonly summary: string
  readonly options: OptionTable
  /** What shells offer for each word before the options; the last one counts for all that follow it. */
  readonly words?: readonly Offer[]
  run(args: readonly string[], io: CommandIo): Promise<ExitCode>
  help(): string
}
