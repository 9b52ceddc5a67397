/** Asks a running server over its admin socket. */

import { createConnection } from 'node:net'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../json/index.ts'
import { describeSystemError } from '../system-error.ts'
import { quoteText } from '../visible-text.ts'
import { AdminError } from './admin-socket.ts'

const TIMEOUT_MS = 5000
const MAX_ANSWER = 2 ** 26

/** @throws AdminError `admin-unreachable` if no server listens there, or its response is unexpected or an error */
export async function askAdmin(path: string, request: JsonObject): Promise<JsonObject> {
  const text = await exchange(path, `${JSON.stringify(request)}\n`)
  let value: JsonValue = null
  try {
    value = parseJson(text)
  } catch {
    // Reported below.
  }
  if (!isObject(value))
    throw new AdminError('admin-unreachable', `${path}: unexpected response: ${quoteText(text)}`)
  const error = own(value, 'error')
  if (typeof error === 'string') throw new AdminError('admin-unreachable', `${path}: ${error}`)
  return value
}

const REMEDY =
  'expected the admin socket of a running server: start one, or give the --admin-socket FILE or --metrics-port PORT of that server'

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such socket'],
  ['ENOTDIR', 'there is no such socket'],
  ['ECONNREFUSED', 'no server listens there'],
  ['ENOTSOCK', 'this file is not a socket'],
  ['EINVAL', 'the path is too long for a socket'],
  ['EACCES', 'permission denied; run the command as the user of the server'],
])

function reasonOf(error: Error): string {
  const code = 'code' in error ? String(error.code) : ''
  return REASONS.get(code) ?? describeSystemError(error)
}

function exchange(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = createConnection(path)
    const fail = (why: string): void => {
      socket.destroy()
      const message = `${path}: ${why}; ${REMEDY}`
      reject(new AdminError('admin-unreachable', message))
    }
    socket.setEncoding('utf8').setTimeout(TIMEOUT_MS, () => fail('no answer'))
    socket.on('connect', () => socket.write(line))
    socket.on('data', (chunk: string) => {
      received += chunk
      if (received.length > MAX_ANSWER) fail('the response is too long')
    })
    socket.on('error', (error) => fail(reasonOf(error)))
    socket.on('close', () => resolve(received))
  })
}
