/** Owns: what a command is, and what it may touch of the process, so that tests need none. */
import type { Sources } from '../config/index.ts'

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

export interface Command {
  readonly name: string
  readonly summary: string
  run(args: readonly string[], io: CommandIo): Promise<ExitCode>
  help(): string
}
