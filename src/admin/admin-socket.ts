/**
 * A Unix socket that only the server's own user can use: one JSON line for the request and one for the response. The
 * subjects define the requests; ask-admin.ts is the client.
 */
import { chmod, mkdir, rm, rmdir } from 'node:fs/promises'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { RemoraError } from '../errors.ts'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../json/index.ts'
import { problemOfFolder } from './socket-path.ts'

export class AdminError extends RemoraError {}

/** The response to a line `{"about": SUBJECT, ...}`. An `error` in it is a refusal. */
export type AdminSubjects = ReadonlyMap<string, (request: JsonObject) => JsonObject>

export interface AdminSocketOptions {
  readonly path: string
  /** The folder must be private to this user, because others may have access to its parent. */
  readonly privateFolder: boolean
  /** Removed at the end if it is empty. */
  readonly temporaryFolder?: boolean
  /** The option that set the path, for messages. */
  readonly named: string
  readonly subjects: AdminSubjects
}

const MAX_LINE = 64 * 1024
/** Bytes, on Linux; some other systems accept slightly less. */
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
      if (await answers(path))
        throw new Error('another server already listens there; give each server its own path')
      // Left by a process that ended without closing.
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
      // Node binds within the call, so no other user can connect before the mode is set.
      const before = process.umask(0o177)
      try {
        this.#server.listen(path, () => resolve())
      } finally {
        process.umask(before)
      }
    })
  }
}

/** For a long path the system reports only "invalid argument". */
function reasonOf(path: string, cause: unknown): string {
  const bytes = Buffer.byteLength(path)
  if (bytes > MAX_SOCKET_PATH)
    return `its path has ${bytes} bytes; the limit of operating systems is ${MAX_SOCKET_PATH}; choose a shorter one`
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

/** A line without a subject is about captures, which were the only subject at first. */
function answer(line: string, subjects: AdminSubjects): JsonObject {
  const request = readLine(line)
  if (request === undefined) return { error: 'expected one JSON object on one line' }
  const about = own(request, 'about') ?? 'capture'
  const subject = typeof about === 'string' ? subjects.get(about) : undefined
  if (subject !== undefined) return subject(request)
  if (about === 'capture')
    return { error: 'this server does not record reviews: it was started without --capture' }
  return { error: `expected about: ${[...subjects.keys()].join(' or ')}` }
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
