/** A server under load, in its own process: start, ask what it has used, stop. */
import { type ChildProcess, fork } from 'node:child_process'
import { request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Usage {
  readonly cpuMicros: number
  readonly rssBytes: number
}

export class ServerProcess {
  readonly #child: ChildProcess

  /** Its log goes nowhere: both servers write to the same place, and no terminal slows them down. */
  constructor(entry: string, args: readonly string[]) {
    this.#child = fork(new URL('hosted.ts', import.meta.url), [entry, ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
  }

  usage(): Promise<Usage> {
    return new Promise((resolve, reject) => {
      // The only message that hosted.ts sends.
      this.#child.once('message', (message) => resolve(message as Usage))
      this.#child.send('usage', (error) => error && reject(error))
    })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGTERM')
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(late)
  }
}

export interface Target {
  readonly port: number
  readonly ca: string
}

/** Posts one body. */
export function post({ port, ca }: Target, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, ca, path: '/inject', method: 'POST', agent: false }
    const asked = request({ ...options, headers: { 'content-type': 'application/json' } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Until it answers with 200; ten seconds at most. */
export async function untilServing(target: Target, body: string): Promise<string> {
  let last = 'no connection'
  for (let i = 0; i < 100; i++) {
    try {
      const { status, text } = await post(target, body)
      if (status === 200) return text
      last = `HTTP ${status} ${text}`
    } catch (error) {
      last = String(error)
    }
    await sleep(100)
  }
  throw new Error(`the server on port ${target.port} does not serve: ${last}`)
}
