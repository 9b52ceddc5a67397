/** A long-running program of the test suite: its output goes to a file, and it never outlives the suite. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const STOP_LIMIT_MS = 5_000

export interface StartedProcess {
  readonly name: string
  readonly pid: number
  readonly exited: boolean
  /** Everything written so far. */
  output(): string
  /** Sends the signal and waits for the end; kills after five seconds by default. Gives the exit code. */
  stop(signal?: NodeJS.Signals, limitMs?: number): Promise<number | null>
}

export interface ProcessOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly logFile: string
  readonly env?: NodeJS.ProcessEnv
  /** Whether `env` comes on top of the suite's own environment; default yes. */
  readonly inheritEnv?: boolean
  /** It ends its own processes; called when the suite ends, while others are killed. */
  readonly endsItsOwn?: boolean
  readonly cwd?: string
}

const running = new Map<ChildProcess, NodeJS.Signals>()
process.once('exit', () => {
  for (const [child, signal] of running) child.kill(signal)
})

export function startProcess(options: ProcessOptions): StartedProcess {
  const log = openSync(options.logFile, 'a')
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', log, log],
    env: { ...(options.inheritEnv === false ? {} : process.env), ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  closeSync(log)
  running.set(child, options.endsItsOwn === true ? 'SIGTERM' : 'SIGKILL')
  const ended = once(child, 'exit').then(() => running.delete(child))
  ended.catch(() => running.delete(child))
  return {
    name: options.name,
    pid: child.pid ?? -1,
    get exited() {
      return child.exitCode !== null || child.signalCode !== null
    },
    output: () => readFileSync(options.logFile, 'utf8'),
    async stop(signal = 'SIGTERM', limitMs = STOP_LIMIT_MS) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal)
        const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
        await ended
        clearTimeout(timer)
      }
      return child.exitCode
    },
  }
}

/** Asks again until the answer is not undefined; throws with `what` after `limitMs`. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  limitMs = 30_000,
): Promise<T> {
  const end = Date.now() + limitMs
  let last: unknown
  while (Date.now() < end) {
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      last = error
    }
    await sleep(100)
  }
  throw new Error(`waited ${limitMs} ms for ${what}`, { cause: last })
}
