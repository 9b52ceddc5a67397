/**
 * The demo's server, on a scratch copy of the example cluster, and a client that calls it over HTTPS as the API
 * server does. All its files are in one temporary folder, which is removed at the end.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastJsonPatch from 'fast-json-patch'
import { readOptions, SERVE_OPTIONS } from '../../src/config/index.ts'
import { isObject, type JsonObject, own } from '../../src/json/index.ts'
import { createLogger } from '../../src/observe/index.ts'
import { startRuntime } from '../../src/runtime.ts'

export interface DemoServer {
  readonly url: string
  /** The file with the development CA. */
  readonly caFile: string
  /** Sends one review and keeps the connection. */
  ask(review: JsonObject): Promise<Answer>
  /**
   * Replaces text in a file of the scratch copy. Resolves with the milliseconds until the server shows the change.
   */
  edit(file: string, before: string, after: string): Promise<number>
  close(): Promise<void>
}

export interface Answer {
  /** The server's log line of the decision. */
  readonly decision: JsonObject
  readonly allowed: boolean
  readonly patch: readonly JsonObject[]
  /** The pod after the patch, as the API server would store it. */
  readonly pod: JsonObject
}

const requestTimeoutMs = 10_000
const changeTimeoutMs = 10_000

export async function startDemoServer(folders: readonly string[]): Promise<DemoServer> {
  const scratch = mkdtempSync(join(tmpdir(), 'remora-demo-'))
  const stop = new AbortController()
  const decisions = new Map<string, JsonObject>()
  try {
    const folder = join(scratch, 'cluster')
    for (const source of folders) cpSync(source, folder, { recursive: true })
    const args = [
      '--cluster',
      folder,
      '--port',
      '0',
      '--metrics-port',
      '0',
      '--cert-dir',
      join(scratch, 'certs'),
    ]
    const running = await startRuntime({
      options: readOptions(SERVE_OPTIONS, { args: [...args, '--drain-delay', '0'], env: {} }),
      logger: createLogger({ level: 'info', write: (line) => rememberDecision(line, decisions) }),
      signal: stop.signal,
    })
    if (running.caFile === undefined) throw new Error('the server made no development certificates')
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(running.caFile) })
    return {
      url: running.url,
      caFile: running.caFile,
      async ask(review) {
        const answer = await post(`${running.url}/inject`, review, agent)
        return readAnswer(review, answer, decisions)
      },
      async edit(file, before, after) {
        const path = join(folder, file)
        const text = readFileSync(path, 'utf8')
        if (!text.includes(before)) throw new Error(`${file} does not contain ${JSON.stringify(before)}`)
        const began = performance.now()
        const seen = new Promise<void>((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error('the change was not seen')), changeTimeoutMs)
          const forget = running.cluster.onChange(() => {
            clearTimeout(timer)
            forget()
            resolve()
          })
        })
        writeFileSync(path, text.replace(before, after))
        await seen
        return performance.now() - began
      },
      async close() {
        agent.destroy()
        stop.abort()
        await running.done
        rmSync(scratch, { recursive: true })
      },
    }
  } catch (error) {
    stop.abort()
    rmSync(scratch, { recursive: true, force: true })
    throw error
  }
}

function rememberDecision(line: string, decisions: Map<string, JsonObject>): void {
  const entry: unknown = JSON.parse(line)
  if (!isObject(entry)) return
  const uid = own(entry, 'uid')
  if (typeof uid === 'string') decisions.set(uid, entry)
}

function post(url: string, review: JsonObject, agent: Agent): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(review)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const call = request(url, { method: 'POST', agent, headers, timeout: requestTimeoutMs }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        if (response.statusCode === 200) resolve(JSON.parse(text))
        else reject(new Error(`HTTP ${response.statusCode}: ${text}`))
      })
    })
    call.on('timeout', () => call.destroy(new Error('no answer in time')))
    call.on('error', reject)
    call.end(body)
  })
}

function readAnswer(review: JsonObject, answer: unknown, decisions: ReadonlyMap<string, JsonObject>): Answer {
  const asked = objectAt(review, 'request')
  const uid = own(asked, 'uid')
  const response = objectAt(isObject(answer) ? answer : {}, 'response')
  if (own(response, 'uid') !== uid) throw new Error('the answer is to another review')
  const decision = decisions.get(String(uid))
  if (decision === undefined) throw new Error('the server logged no decision')
  const encoded = own(response, 'patch')
  const patch = typeof encoded === 'string' ? JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) : []
  const original = structuredClone(objectAt(asked, 'object'))
  const pod = fastJsonPatch.applyPatch(original, patch, true, false).newDocument
  return { decision, allowed: own(response, 'allowed') === true, patch, pod }
}

export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = own(object, key)
  return isObject(value) ? value : {}
}
