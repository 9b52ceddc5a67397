/** Owns: what a command is, and what it may touch of the process, so that tests need none. */
import type { OptionTable, Sources } from '../config/index.ts'
import type { Text } from './text.ts'

interface Surroundings {
  readonly env: Sources['env']
  /** Standard output is a terminal. */
  readonly terminal?: boolean
  /** The whole of standard input. */
  readStdin(): Promise<string>
}

/** The process's own streams, which take anything. Only the command line's entry has them. */
export interface ProcessIo extends Surroundings {
  out(text: string): void
  err(text: string): void
}

/** What a command gets: it can print nothing that was not made safe for a terminal. */
export interface CommandIo extends Surroundings {
  out(text: Text): void
  err(text: Text): void
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
