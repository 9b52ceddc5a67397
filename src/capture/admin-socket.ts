/**
 * Owns: talking to the recorder of a running server through a Unix socket in the capture folder, one JSON line each
 * way. Only whoever may write the folder's private part reaches it. What can be asked narrows: neither raw reviews, nor
 * another folder, nor larger bounds are part of the protocol.
 */
import { chmod, mkdir, rm } from 'node:fs/promises'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { RemoraError } from '../errors.ts'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../json/index.ts'
import { type CaptureFilter, EVERYTHING } from './filter.ts'
import type { Recorder, RecorderStatus } from './recorder.ts'

export const ADMIN_ACTIONS = ['status', 'start', 'stop', 'narrow'] as const
export type AdminAction = (typeof ADMIN_ACTIONS)[number]

export interface AdminRequest {
  readonly action: AdminAction
  /** Of `narrow`. */
  readonly filter?: CaptureFilter
}

export class AdminError extends RemoraError {}

const MAX_LINE = 64 * 1024
/** Bytes, on Linux; some other systems take a few less. */
const MAX_SOCKET_PATH = 107
const TIMEOUT_MS = 5000

/** In a folder of its own, because the capture folder may be a volume that others can enter. */
function socketFolder(folder: string): string {
  return join(folder, 'admin')
}

function socketPath(folder: string): string {
  return join(socketFolder(folder), 'socket')
}

export class AdminSocket {
  readonly #folder: string
  readonly #server: Server
  readonly #open = new Set<Socket>()

  constructor(folder: string, recorder: Recorder) {
    this.#folder = folder
    this.#server = createServer((socket) => {
      this.#open.add(socket)
      socket.on('close', () => this.#open.delete(socket))
      serveOne(socket, (line) => answer(line, recorder))
    })
    this.#server.maxConnections = 8
  }

  /** @throws AdminError `listen-failed`; the file system's own errors */
  async start(): Promise<void> {
    const folder = socketFolder(this.#folder)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    const path = socketPath(this.#folder)
    // Of a process that ended without closing.
    await rm(path, { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => {
        // The system says no more than "invalid argument" of a long one.
        const bytes = Buffer.byteLength(path)
        const why =
          bytes > MAX_SOCKET_PATH
            ? `its path has ${bytes} bytes, and systems take ${MAX_SOCKET_PATH}; choose a shorter folder`
            : cause.message
        reject(
          new AdminError('listen-failed', `--capture: cannot listen on the socket ${path}: ${why}`, {
            cause,
          }),
        )
      })
      this.#server.listen(path, () => resolve())
    })
    await chmod(path, 0o600)
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
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

function answer(line: string, recorder: Recorder): JsonObject {
  const request = readRequest(line)
  if (request === undefined)
    return { error: 'expected an action: status, start, stop or narrow with a filter' }
  if (request.action === 'start') recorder.resume()
  if (request.action === 'stop') recorder.pause()
  if (request.action === 'narrow') recorder.narrow(request.filter ?? EVERYTHING)
  // A status is plain data.
  return recorder.status() as unknown as JsonObject
}

function readRequest(line: string): AdminRequest | undefined {
  let value: JsonValue
  try {
    value = parseJson(line)
  } catch {
    return undefined
  }
  const action = isObject(value) ? ADMIN_ACTIONS.find((one) => one === own(value, 'action')) : undefined
  if (!isObject(value) || action === undefined) return undefined
  if (action !== 'narrow') return { action }
  const filter = own(value, 'filter')
  const read = isObject(filter) ? readFilter(filter) : undefined
  return read === undefined ? undefined : { action, filter: read }
}

function readFilter(value: JsonObject): CaptureFilter | undefined {
  const list = (name: string): readonly string[] | undefined => {
    const found = own(value, name)
    return Array.isArray(found) && found.every((item) => typeof item === 'string') ? found : undefined
  }
  const [namespaces, workloads, revisions, codes] = [
    list('namespaces'),
    list('workloads'),
    list('revisions'),
    list('codes'),
  ]
  const failuresOnly = own(value, 'failuresOnly')
  const samplePercent = own(value, 'samplePercent')
  if (!namespaces || !workloads || !revisions || !codes) return undefined
  if (typeof failuresOnly !== 'boolean' || typeof samplePercent !== 'number') return undefined
  return { namespaces, workloads, revisions, codes, failuresOnly, samplePercent }
}

/**
 * Asks the server that records into this folder.
 * @throws AdminError `admin-unreachable` where none does, or it does not answer
 */
export async function askAdmin(folder: string, request: AdminRequest): Promise<RecorderStatus> {
  const path = socketPath(folder)
  const text = await new Promise<string>((resolve, reject) => {
    let received = ''
    const socket = createConnection(path)
    const fail = (why: string): void => {
      socket.destroy()
      reject(
        new AdminError('admin-unreachable', `${path}: ${why}; is a server running with --capture ${folder}?`),
      )
    }
    socket.setEncoding('utf8').setTimeout(TIMEOUT_MS, () => fail('no answer'))
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`))
    socket.on('data', (chunk: string) => {
      received += chunk
    })
    socket.on('error', (error) => fail(error.message))
    socket.on('close', () => resolve(received))
  })
  let value: JsonValue = null
  try {
    value = parseJson(text)
  } catch {
    // Said below.
  }
  if (!isObject(value) || own(value, 'folder') === undefined) {
    throw new AdminError('admin-unreachable', `${path}: the answer is not understood: ${text.slice(0, 200)}`)
  }
  // What the server's own status is.
  return value as unknown as RecorderStatus
}
