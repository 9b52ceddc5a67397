/** Owns: asking a running server over its socket. */
import { createConnection } from 'node:net'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../json/index.ts'
import { quoteText } from '../visible-text.ts'
import { AdminError } from './admin-socket.ts'

const TIMEOUT_MS = 5000
const MAX_ANSWER = 2 ** 26

/** @throws AdminError `admin-unreachable` where no server listens there, or none that can answer this */
export async function askAdmin(path: string, request: JsonObject): Promise<JsonObject> {
  const text = await exchange(path, `${JSON.stringify(request)}\n`)
  let value: JsonValue = null
  try {
    value = parseJson(text)
  } catch {
    // Said below.
  }
  if (!isObject(value))
    throw new AdminError('admin-unreachable', `${path}: the answer is not understood: ${quoteText(text)}`)
  const error = own(value, 'error')
  if (typeof error === 'string') throw new AdminError('admin-unreachable', `${path}: ${error}`)
  return value
}

function exchange(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = createConnection(path)
    const fail = (why: string): void => {
      socket.destroy()
      const message = `${path}: ${why}; is a server running with this socket (--admin-socket, or its --metrics-port)?`
      reject(new AdminError('admin-unreachable', message))
    }
    socket.setEncoding('utf8').setTimeout(TIMEOUT_MS, () => fail('no answer'))
    socket.on('connect', () => socket.write(line))
    socket.on('data', (chunk: string) => {
      received += chunk
      if (received.length > MAX_ANSWER) fail('the answer is too long')
    })
    socket.on('error', (error) => fail(error.message))
    socket.on('close', () => resolve(received))
  })
}
