/**
 * Opens a page of a file in a real browser and reports its requests, its errors and the value of an expression.
 * Chromium is driven by its own protocol, so nothing else has to be installed. Not a test.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface OpenedPage {
  /** URLs of everything that was loaded, the page first. */
  readonly requests: readonly string[]
  /** Errors and warnings of the console, of the page's policy and of exceptions. */
  readonly complaints: readonly string[]
  /** What the expression gives, as JSON has it. */
  evaluate(expression: string): Promise<unknown>
  /** As a PNG. */
  screenshot(): Promise<Buffer>
  close(): Promise<void>
}

/** For the option `skip` of a test; in CI there must be one. */
export function skipWithoutBrowser(): string | false {
  if (findBrowser() !== undefined) return false
  if (process.env['CI'] === 'true') throw new Error('chromium: missing; in CI it is installed beforehand')
  return 'no chromium is here (apt-get install chromium, or CHROMIUM=path)'
}

function findBrowser(): string | undefined {
  const names = [process.env['CHROMIUM'], 'chromium', 'chromium-browser', 'google-chrome']
  return names.find((name) => name !== undefined && answersVersion(name))
}

function answersVersion(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore', timeout: 300_000 })
    return true
  } catch {
    return false
  }
}

export async function openPage(file: string, scheme: 'light' | 'dark', widthPx = 1200): Promise<OpenedPage> {
  const command = findBrowser()
  if (command === undefined) throw new Error('no browser')
  const profile = mkdtempSync(join(tmpdir(), 'remora-browser-'))
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    '--window-size=1200,1600',
    'about:blank',
  ]
  const browser = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const close = async (): Promise<void> => {
    const ended = new Promise((resolve) => browser.once('exit', resolve))
    if (browser.exitCode === null && browser.kill('SIGKILL')) await ended
    // Its helpers may still be writing for a moment.
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
  try {
    const { host } = new URL(await debuggerUrl(browser))
    const found: unknown = await (await fetch(`http://${host}/json/list`)).json()
    const [tab] = found as readonly { readonly webSocketDebuggerUrl: string }[] // as its protocol documents it
    if (tab === undefined) throw new Error('the browser shows no page')
    const session = await Session.open(tab.webSocketDebuggerUrl)
    return await openIn(session, { url: pathToFileURL(file).href, scheme, widthPx, close })
  } catch (error) {
    await close()
    throw error
  }
}

function debuggerUrl(browser: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    browser.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const url = /DevTools listening on (ws:\S+)/.exec(said)?.[1]
      if (url !== undefined) resolve(url)
    })
    browser.once('error', reject)
    browser.once('exit', () => reject(new Error(`the browser ended: ${said}`)))
  })
}

interface Opening {
  readonly url: string
  readonly scheme: 'light' | 'dark'
  readonly widthPx: number
  close(): Promise<void>
}

async function openIn(session: Session, { url, scheme, widthPx, close }: Opening): Promise<OpenedPage> {
  const [requests, complaints]: [string[], string[]] = [[], []]
  let loaded = (): void => undefined
  const load = new Promise<void>((resolve) => {
    loaded = resolve
  })
  session.on('Network.requestWillBeSent', ({ request }) => requests.push(String(at(request, 'url'))))
  session.on('Log.entryAdded', ({ entry }) => complaints.push(String(at(entry, 'text'))))
  session.on('Runtime.consoleAPICalled', (event) => complaints.push(JSON.stringify(event)))
  session.on('Runtime.exceptionThrown', (event) => complaints.push(JSON.stringify(event)))
  session.on('Page.loadEventFired', () => loaded())
  for (const domain of ['Network', 'Log', 'Runtime', 'Page']) await session.send(`${domain}.enable`)
  const features = [{ name: 'prefers-color-scheme', value: scheme }]
  await session.send('Emulation.setEmulatedMedia', { features })
  const metrics = { width: widthPx, height: 1600, deviceScaleFactor: 1, mobile: false }
  await session.send('Emulation.setDeviceMetricsOverride', metrics)
  await session.send('Page.navigate', { url })
  await load
  return {
    requests,
    complaints,
    close: async () => {
      session.close()
      await close()
    },
    evaluate: async (expression) => {
      const answer = await session.send('Runtime.evaluate', { expression, returnByValue: true })
      const exception = answer['exceptionDetails']
      if (exception !== undefined) throw new Error(JSON.stringify(exception))
      return at(answer['result'], 'value')
    },
    screenshot: async () => {
      const { data } = await session.send('Page.captureScreenshot', { format: 'png' })
      return Buffer.from(String(data), 'base64')
    },
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Message)[key] : undefined // an object has keys
}

interface Message {
  readonly [key: string]: unknown
}

/** Chromium's DevTools protocol: numbered questions, and events by name. */
class Session {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: Message) => void>()
  readonly #listeners = new Map<string, (event: Message) => unknown>()
  #last = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const message: Message = JSON.parse(String(data))
      const { id, method, result, params } = message
      if (typeof id === 'number') this.#waiting.get(id)?.((result ?? message) as Message)
      else this.#listeners.get(String(method))?.((params ?? {}) as Message) // an event's own
    })
  }

  static async open(url: string): Promise<Session> {
    const socket = new WebSocket(url)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', reject)
    })
    return new Session(socket)
  }

  on(event: string, listener: (event: Message) => unknown): void {
    this.#listeners.set(event, listener)
  }

  send(method: string, params: object = {}): Promise<Message> {
    const id = ++this.#last
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }

  close(): void {
    this.#socket.close()
  }
}
