/**
 * Owns: answering on a Unix socket that only the server's own user can reach, one JSON line each way. Not here: what can
 * be asked, which each subject brings along, and asking (ask-admin.ts).
 */
import { chmod, mkdir, rm, rmdir } from 'node:fs/promises'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { RemoraError } from '../errors.ts'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../json/index.ts'
import { problemOfFolder } from './socket-path.ts'

export class AdminError extends RemoraError {}

/** What a line `{"about": SUBJECT, ...}` is answered. An `error` in the answer is a refusal. */
export type AdminSubjects = ReadonlyMap<string, (request: JsonObject) => JsonObject>

export interface AdminSocketOptions {
  readonly path: string
  /** Its folder must be this user's alone: the one above it may be everybody's. */
  readonly privateFolder: boolean
  /** Removed at the end, where nothing else is in it. */
  readonly temporaryFolder?: boolean
  /** The option that chose the path, for messages. */
  readonly named: string
  readonly subjects: AdminSubjects
}

const MAX_LINE = 64 * 1024
/** Bytes, on Linux; some other systems take a few less. */
const MAX_SOCKET_PATH = 107
const TIMEOUT_MS = 5000

export class AdminSocket {
  readonly #options: AdminSocketOptions
  readonly #server: Server
  readonly #open = new Set<Socket>()

  constructor(options: AdminSocketOptions) {
    this.#options = options
    this.#server = createServer((socket) => {
      this.#open.add(socket)
      socket.on('close', () => this.#open.delete(socket))
      serveOne(socket, (line) => answer(line, options.subjects))
    })
    this.#server.maxConnections = 8
  }

  /** @throws AdminError `listen-failed` */
  async start(): Promise<void> {
    const { path } = this.#options
    try {
      await this.#prepareFolder()
      if (await answers(path)) throw new Error('another server listens there; give each a path of its own')
      // Of a process that ended without closing.
      await rm(path, { force: true })
      await this.#listen(path)
      await chmod(path, 0o600)
    } catch (cause) {
      throw new AdminError(
        'listen-failed',
        `${this.#options.named}: cannot listen on the socket ${path}: ${reasonOf(path, cause)}`,
        { cause },
      )
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    if (this.#options.temporaryFolder !== true) return
    // Another server of the same user may have its socket there.
    await rmdir(dirname(this.#options.path)).catch(() => undefined)
  }

  async #prepareFolder(): Promise<void> {
    const folder = dirname(this.#options.path)
    if (this.#options.privateFolder) {
      const problem = await problemOfFolder(folder)
      if (problem !== undefined) throw new Error(problem)
    } else await mkdir(folder, { recursive: true, mode: 0o700 })
  }

  async #listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      // Node binds within the call: nobody else can connect before the mode is set.
      const before = process.umask(0o177)
      try {
        this.#server.listen(path, () => resolve())
      } finally {
        process.umask(before)
      }
    })
  }
}

/** The system says no more than "invalid argument" of a long path. */
function reasonOf(path: string, cause: unknown): string {
  const bytes = Buffer.byteLength(path)
  if (bytes > MAX_SOCKET_PATH)
    return `its path has ${bytes} bytes, and systems take ${MAX_SOCKET_PATH}; choose a shorter one`
  return cause instanceof Error ? cause.message : String(cause)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    const end = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => end(true)).on('error', () => end(false))
  })
}

function serveOne(socket: Socket, reply: (line: string) => JsonObject): void {
  let text = ''
  socket.setEncoding('utf8').setTimeout(TIMEOUT_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: string) => {
    text += chunk
    const end = text.indexOf('\n')
    if (end >= 0) socket.end(`${JSON.stringify(reply(text.slice(0, end)))}\n`)
    else if (text.length > MAX_LINE) socket.destroy()
  })
}

/** A line that names no subject is about captures: as it was while they were the only one. */
function answer(line: string, subjects: AdminSubjects): JsonObject {
  const request = readLine(line)
  if (request === undefined) return { error: 'expected one JSON object on one line' }
  const about = own(request, 'about') ?? 'capture'
  const subject = typeof about === 'string' ? subjects.get(about) : undefined
  if (subject !== undefined) return subject(request)
  if (about === 'capture') return { error: 'this server records nothing: it was started without --capture' }
  return { error: `expected something about ${[...subjects.keys()].join(' or ')}` }
}

function readLine(line: string): JsonObject | undefined {
  let value: JsonValue
  try {
    value = parseJson(line)
  } catch {
    return undefined
  }
  return isObject(value) ? value : undefined
}
