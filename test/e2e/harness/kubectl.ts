/** The real kubectl, and helm with the same kubeconfig. */
import { spawnSync } from 'node:child_process'

export interface CommandResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

const LIMIT_MS = 120_000

export class Kubectl {
  readonly #command: string
  readonly #kubeconfig: string

  constructor(command: string, kubeconfig: string) {
    this.#command = command
    this.#kubeconfig = kubeconfig
  }

  try(...args: string[]): CommandResult {
    return this.tryWith(undefined, ...args)
  }

  tryWith(input: string | undefined, ...args: string[]): CommandResult {
    const result = spawnSync(this.#command, args, {
      encoding: 'utf8',
      env: { ...process.env, KUBECONFIG: this.#kubeconfig, no_proxy: '127.0.0.1,localhost' },
      maxBuffer: 256 * 1024 * 1024,
      timeout: LIMIT_MS,
      ...(input === undefined ? {} : { input }),
    })
    return { status: result.status ?? -1, stdout: result.stdout, stderr: result.stderr }
  }

  /** Its standard output; throws with its own words when it fails. */
  run(...args: string[]): string {
    return this.runWith(undefined, ...args)
  }

  runWith(input: string | undefined, ...args: string[]): string {
    const result = this.tryWith(input, ...args)
    if (result.status !== 0)
      throw new Error(`${this.#command} ${args.join(' ')}: ${result.stderr || result.stdout}`)
    return result.stdout
  }

  apply(...objects: readonly object[]): string {
    return this.runWith(
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
      'apply',
      '-f',
      '-',
    )
  }

  get<T>(...args: string[]): T {
    // The caller names the type of what it requested.
    return JSON.parse(this.run('get', ...args, '-o', 'json')) as T
  }
}
