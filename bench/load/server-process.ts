/** A server under load in its own process: starts it on its core, reads what it has used, and stops it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import type { Question, Usage } from './hosted.ts'

const HOST = resolve(import.meta.dirname, '../.build/bench/load/hosted.js')

/** The shell's first argument is the control group's list of processes. */
const ENTER = 'echo $$ > "$0" && exec "$@"'

export interface ServerOptions {
  /** A compiled file. */
  readonly entry: string
  readonly args: readonly string[]
  /** In taskset's format; undefined: any core. */
  readonly core: string | undefined
  /** Node's own options, such as --cpu-prof. */
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string>> | undefined
  /** The folder of a control group in which it starts, so that Node sees the limit. */
  readonly cgroup?: string | undefined
}

export class ServerProcess {
  readonly #child: ChildProcess

  /** The log is discarded, so that no terminal slows a server down. */
  constructor({ entry, args, core, nodeArgs = [], env = {}, cgroup }: ServerOptions) {
    const [execPath, ...before] = [
      ...(cgroup === undefined ? [] : ['/bin/sh', '-c', ENTER, join(cgroup, 'cgroup.procs')]),
      ...(core === undefined ? [] : ['taskset', '-c', core]),
      process.execPath,
    ]
    this.#child = fork(HOST, [entry, ...args], {
      execPath: execPath ?? process.execPath,
      execArgv: [...before, ...nodeArgs],
      stdio: ['ignore', process.env['DBG'] ? 'inherit' : 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', ...env },
    })
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** How it ended; undefined while it runs. */
  get ended(): string | undefined {
    const { exitCode, signalCode } = this.#child
    return signalCode ?? (exitCode === null ? undefined : `exit status ${exitCode}`)
  }

  /** @throws Error if the process has ended, or does not respond within ten seconds */
  async ask(question: Question = 'usage'): Promise<Usage> {
    const answered = once(this.#child, 'message', { signal: AbortSignal.timeout(10_000) })
    this.#child.send(question)
    const [usage] = await answered
    return usage as Usage // the only message that hosted.ts sends
  }

  async stop(): Promise<void> {
    if (this.ended !== undefined) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(late)
  }
}
