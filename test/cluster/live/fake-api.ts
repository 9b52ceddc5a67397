/** An API server of the test suite: lists with pages, watches, and all their failures. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Endpoint, EndpointSource } from '../../../src/cluster/live/endpoint.ts'
import type { LiveTiming } from '../../../src/cluster/live/timing.ts'
import type { JsonObject } from '../../../src/json/index.ts'

/** Pauses are short. Time limits are never reached; a test of a limit sets its own. */
export const FAST: LiveTiming = {
  requestTimeoutMs: 60_000,
  watchMs: 60_000,
  overdueMs: 10_000,
  watchStartMs: 60_000,
  shortWatchMs: 15,
  relistMs: 60_000,
  absentMs: 20,
  backOff: { firstMs: 2, maxMs: 20 },
  settleMs: 2,
  trustMs: 2_000,
  namespaceMs: 60_000,
  unreadyMs: 50,
}

export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly accept: string
  readonly authorization: string
  readonly body: string
}

/** The fault that a request gets instead of the ordinary answer. */
export type Fault =
  | {
      readonly status: number
      readonly retryAfter?: string
      readonly message?: string
      readonly reason?: string
      readonly details?: JsonObject
    }
  /** No answer at all; the connection is cut; an answer that is not JSON; a watch that ends at once. */
  | 'hang'
  | 'cut'
  | 'garbage'
  | 'end'

/** What the API server says about a pod that is created with `dryRun=All`. */
export interface DryRunAnswer {
  /** undefined: it accepts the pod. */
  readonly refusal?: Exclude<Fault, string>
  /** `Warning` headers. */
  readonly warnings?: readonly string[]
}

interface Watcher {
  readonly path: string
  /** Of a field selector; undefined: all objects. */
  readonly name: string | undefined
  readonly response: http.ServerResponse
}

interface SentEvent {
  readonly path: string
  readonly name: unknown
  readonly line: string
  readonly version: number
}

interface Planned {
  readonly matches: (request: FakeRequest) => boolean
  readonly fault: Fault
  times: number
}

export class FakeApi implements EndpointSource {
  readonly requests: FakeRequest[] = []
  readonly events: JsonObject[] = []
  token = 'first'
  /** By default every pod is accepted. */
  dryRun: (request: FakeRequest) => DryRunAnswer = () => ({})
  /** What `current` gives; `renew` makes it the token above. */
  #given = 'first'
  renewed = 0
  readonly #collections = new Map<string, Map<string, JsonObject>>()
  readonly #watchers = new Set<Watcher>()
  readonly #faults: Planned[] = []
  /** The events that a later watch from an older version still gets. */
  readonly #sent: SentEvent[] = []
  #version = 100
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))
  readonly #agent = new http.Agent({ keepAlive: true })
  #port = 0

  static async start(paths: readonly string[]): Promise<FakeApi> {
    const api = new FakeApi()
    for (const path of paths) api.define(path)
    await api.listen()
    return api
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    // Listening on an address and port, so it is not a pipe's name.
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** As an API server that is killed. */
  async kill(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async current(): Promise<Endpoint> {
    return {
      server: new URL(`http://127.0.0.1:${this.#port}`),
      headers: { authorization: `Bearer ${this.#given}` },
      agent: this.#agent,
    }
  }

  renew(): void {
    this.renewed++
    this.#given = this.token
  }

  close(): void {
    this.#agent.destroy()
  }

  define(path: string): void {
    this.#collections.set(path, new Map())
  }

  undefine(path: string): void {
    this.#collections.delete(path)
    this.endWatches(path)
  }

  /** Creates or changes an object and notifies the watchers. */
  put(path: string, object: JsonObject, notify = true): void {
    const collection = this.#collections.get(path)
    if (collection === undefined) throw new Error(`${path} is not defined`)
    const metadata = object['metadata'] as JsonObject
    const key = `${String(metadata['namespace'] ?? '')}/${String(metadata['name'])}`
    const before = collection.get(key)?.['metadata'] as JsonObject | undefined
    const type = before === undefined ? 'ADDED' : 'MODIFIED'
    const resourceVersion = this.#next()
    // An object that is created again has a different uid.
    const uid = before?.['uid'] ?? `uid-${key}-${resourceVersion}`
    const stored = { ...object, metadata: { ...metadata, uid, resourceVersion } }
    collection.set(key, stored)
    if (notify) this.send(path, type, stored)
  }

  /** An object as it is now. */
  get(path: string, name: string, namespace = ''): JsonObject | undefined {
    return this.#collections.get(path)?.get(`${namespace}/${name}`)
  }

  remove(path: string, name: string, namespace = ''): void {
    const collection = this.#collections.get(path)
    const object = collection?.get(`${namespace}/${name}`)
    if (object === undefined) throw new Error(`${name} is not in ${path}`)
    collection?.delete(`${namespace}/${name}`)
    const metadata = { ...(object['metadata'] as JsonObject), resourceVersion: this.#next() }
    this.send(path, 'DELETED', { ...object, metadata })
  }

  bookmark(path: string): void {
    this.send(path, 'BOOKMARK', { kind: 'X', metadata: { resourceVersion: this.#next() } })
  }

  send(path: string, type: string, object: JsonObject): void {
    const name = (object['metadata'] as JsonObject | undefined)?.['name']
    const line = `${JSON.stringify({ type, object })}\n`
    const event = { path, name, line, version: this.#version }
    if (type !== 'BOOKMARK') this.#sent.push(event)
    for (const watcher of this.#watchers) if (isFor(watcher, event)) watcher.response.write(line)
  }

  write(path: string, text: string): void {
    for (const watcher of this.#watchers) if (watcher.path === path) watcher.response.write(text)
  }

  endWatches(path: string): void {
    for (const watcher of this.#watchers) if (watcher.path === path) watcher.response.end()
  }

  cutWatches(path: string): void {
    for (const watcher of this.#watchers) if (watcher.path === path) watcher.response.destroy()
  }

  watchers(path: string): number {
    return [...this.#watchers].filter((watcher) => watcher.path === path).length
  }

  /** The next requests that match get the fault. */
  fail(fault: Fault, matches: (request: FakeRequest) => boolean, times = 1): void {
    this.#faults.push({ fault, matches, times })
  }

  asked(path: string, watch: boolean): FakeRequest[] {
    return this.requests.filter((one) => one.path === path && one.query.has('watch') === watch)
  }

  #next(): string {
    this.#version += 1
    return String(this.#version)
  }

  async #serve(message: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', 'http://fake')
    let body = ''
    for await (const chunk of message) body += String(chunk)
    const request: FakeRequest = {
      method: message.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      accept: String(message.headers.accept),
      authorization: String(message.headers.authorization),
      body,
    }
    this.requests.push(request)
    const planned = this.#faults.find(({ times, matches }) => times > 0 && matches(request))
    if (planned !== undefined) {
      planned.times -= 1
      return answerFault(response, planned.fault)
    }
    if (request.authorization !== `Bearer ${this.token}`) return answerFault(response, { status: 401 })
    this.#answer(request, response)
  }

  /** Every pod that was sent with `dryRun=All`. */
  dryRuns(): readonly FakeRequest[] {
    return this.requests.filter(isDryRun)
  }

  #answerDryRun(request: FakeRequest, response: http.ServerResponse): void {
    const { refusal, warnings = [] } = this.dryRun(request)
    if (warnings.length > 0) response.setHeader('warning', [...warnings])
    if (refusal !== undefined) answerFault(response, refusal)
    else sendJson(response, 201, { kind: 'PartialObjectMetadata', metadata: {} })
  }

  #answer(request: FakeRequest, response: http.ServerResponse): void {
    if (isDryRun(request)) {
      this.#answerDryRun(request, response)
      return
    }
    const collection = this.#collections.get(request.path)
    if (collection === undefined) {
      this.#answerOne(request, response)
      return
    }
    const name = /^metadata\.name=([^,]+)$/.exec(request.query.get('fieldSelector') ?? '')?.[1]
    if (request.query.has('watch')) {
      const watcher = { path: request.path, name, response }
      this.#watchers.add(watcher)
      const ends = setTimeout(
        () => response.end(),
        1000 * Number(request.query.get('timeoutSeconds') ?? 3600),
      )
      response.once('close', () => {
        clearTimeout(ends)
        this.#watchers.delete(watcher)
      })
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      const from = Number(request.query.get('resourceVersion') ?? 0)
      for (const event of this.#sent) {
        if (event.version > from && isFor(watcher, event)) response.write(event.line)
      }
      return
    }
    const limit = Number(request.query.get('limit') ?? Number.POSITIVE_INFINITY)
    const begin = Number(request.query.get('continue') ?? 0)
    const all = [...collection.values()].filter(
      (object) => name === undefined || (object['metadata'] as JsonObject)['name'] === name,
    )
    const metadata: Record<string, string> = { resourceVersion: String(this.#version) }
    if (begin + limit < all.length) metadata['continue'] = String(begin + limit)
    const isPartial = request.accept.includes('as=PartialObjectMetadataList')
    const items = all.slice(begin, begin + limit)
    sendJson(response, 200, {
      kind: 'List',
      metadata,
      items: isPartial ? items.map((object) => ({ metadata: object['metadata'] as JsonObject })) : items,
    })
  }

  #answerOne(request: FakeRequest, response: http.ServerResponse): void {
    if (request.path.endsWith('/events') || request.path.includes('/events/')) {
      this.events.push(JSON.parse(request.body) as JsonObject)
      sendJson(response, 201, {})
      return
    }
    const parts = /^(.*?)(?:\/namespaces\/([^/]+))?\/([a-z]+)\/([^/]+)$/.exec(request.path)
    const [, root, namespace, resource, name] = parts ?? []
    const object = this.#collections.get(`${root}/${resource}`)?.get(`${namespace ?? ''}/${name}`)
    if (object === undefined) answerFault(response, { status: 404, reason: 'NotFound' })
    else if (request.method === 'GET') sendJson(response, 200, object)
    else this.#update(`${root}/${resource}`, object, request, response)
  }

  /** The resource version must be that of the stored object. A patch merges webhooks by name. */
  #update(path: string, object: JsonObject, request: FakeRequest, response: http.ServerResponse): void {
    const sent = JSON.parse(request.body) as JsonObject
    const version = (value: JsonObject) => (value['metadata'] as JsonObject | undefined)?.['resourceVersion']
    // A merge patch of a Secret may leave the version out, and then never conflicts.
    const merged = request.method === 'PATCH' && path.endsWith('/secrets')
    if (version(sent) !== version(object) && !(merged && version(sent) === undefined)) {
      answerFault(response, { status: 409, reason: 'Conflict' })
      return
    }
    const updated =
      request.method === 'PUT'
        ? sent
        : merged
          ? { ...object, data: mergeData(object, sent) }
          : { ...object, webhooks: mergeWebhooks(object, sent) }
    this.put(path, updated)
    sendJson(response, 200, updated)
  }
}

function isDryRun({ method, path, query }: FakeRequest): boolean {
  return method === 'POST' && path.endsWith('/pods') && query.get('dryRun') === 'All'
}

function isFor(watcher: Watcher, event: SentEvent): boolean {
  return watcher.path === event.path && (watcher.name === undefined || watcher.name === event.name)
}

/** RFC 7386: null removes a key. */
function mergeData(object: JsonObject, sent: JsonObject): JsonObject {
  const dataOf = (value: JsonObject) => Object.entries((value['data'] ?? {}) as JsonObject)
  const merged = new Map([...dataOf(object), ...dataOf(sent)])
  return Object.fromEntries([...merged].filter(([, value]) => value !== null))
}

function mergeWebhooks(object: JsonObject, sent: JsonObject): JsonObject[] {
  const listOf = (value: JsonObject) => (value['webhooks'] ?? []) as JsonObject[]
  const patches = new Map(listOf(sent).map((patch) => [patch['name'], patch]))
  return listOf(object).map((webhook) => {
    const patch = patches.get(webhook['name'])
    const [old, next] = [webhook['clientConfig'], patch?.['clientConfig']] as JsonObject[]
    return patch === undefined ? webhook : { ...webhook, clientConfig: { ...old, ...next } }
  })
}

function answerFault(response: http.ServerResponse, fault: Fault): void {
  if (fault === 'hang') return
  if (fault === 'cut') return void response.destroy()
  if (fault === 'garbage') return void response.writeHead(200).end('<html>')
  if (fault === 'end') return void response.writeHead(200).end()
  const { status, retryAfter, message = 'planned', reason = 'Planned', details } = fault
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
  sendJson(response, status, {
    kind: 'Status',
    code: status,
    message,
    reason,
    ...(details === undefined ? {} : { details }),
  })
}

function sendJson(response: http.ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export { waitUntil as until } from '../../wait-until.ts'
