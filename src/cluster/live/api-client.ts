/**
 * Single requests to the API server: authenticated, limited in time and size, with typed errors. Callers decide about
 * retries.
 */

import http from 'node:http'
import https from 'node:https'
import { isObject, type JsonObject, parseJson } from '../../json/index.ts'
import { describeSystemError } from '../../system-error.ts'
import { AnswerTooLarge, ApiRefused, ApiUnreachable, parseStatusBody, readStatus } from './api-error.ts'
import type { Endpoint, EndpointSource } from './endpoint.ts'

export interface ApiRequest {
  /** `/api/v1/namespaces`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH'
  readonly accept?: string
  readonly body?: { readonly type: string; readonly json: JsonObject }
  /** Gets the `Warning` headers of a response that is no error. */
  readonly onWarnings?: (headers: readonly string[]) => void
  readonly signal: AbortSignal
  /** For the whole response; for a stream, until its beginning. */
  readonly timeoutMs: number
}

/**
 * A parsed response takes about ten times the size of its text. One object has at most 3 MiB (the API server's limit
 * for a request), and a list that is too large is read in smaller pages.
 */
const MAX_ANSWER = 8 * 1024 * 1024
/** For an error response. */
const MAX_ERROR = 64 * 1024

export class ApiClient {
  readonly #endpoints: EndpointSource

  constructor(endpoints: EndpointSource) {
    this.#endpoints = endpoints
  }

  /** One object or list. @throws ApiUnreachable, ApiRefused, JsonError */
  async json(request: ApiRequest): Promise<JsonObject> {
    const text = await this.#within(request, async (signal) => {
      const response = await this.#send({ ...request, signal })
      return readText(response, MAX_ANSWER)
    })
    const value = parseJson(text, { source: request.path, maxBytes: MAX_ANSWER })
    if (!isObject(value)) throw new ApiUnreachable(`${request.path}: the response is not a JSON object`)
    return value
  }

  /** An endless response, from its first byte on. The signal ends it. @throws ApiUnreachable, ApiRefused */
  stream(request: ApiRequest): Promise<http.IncomingMessage> {
    return this.#within(request, (begun) =>
      // The time limit applies only to the beginning; the caller's signal stays in effect.
      this.#send({ ...request, signal: request.signal }, begun),
    )
  }

  close(): void {
    this.#endpoints.close()
  }

  async #within<T>(
    { path, signal, timeoutMs }: ApiRequest,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), timeoutMs)
    try {
      return await run(AbortSignal.any([signal, late.signal]))
    } catch (error) {
      if (late.signal.aborted) throw new ApiUnreachable(`${path}: no response within ${timeoutMs} ms`, error)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Retried once if the token was rejected, because it may just have been replaced. */
  async #send(request: ApiRequest, begun: AbortSignal = request.signal): Promise<http.IncomingMessage> {
    try {
      return await this.#sendOnce(request, begun)
    } catch (error) {
      if (error instanceof ApiRefused && error.status === 401) {
        this.#endpoints.renew()
        return this.#sendOnce(request, begun)
      }
      // A new CA, or another address behind the same name.
      if (error instanceof ApiUnreachable) this.#endpoints.renew()
      throw error
    }
  }

  async #sendOnce(request: ApiRequest, begun: AbortSignal): Promise<http.IncomingMessage> {
    const endpoint = await this.#endpoints.current()
    const response = await receive(endpoint, request, begun)
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300) {
      request.onWarnings?.(response.headersDistinct['warning'] ?? [])
      return response
    }
    const text = await readText(response, MAX_ERROR)
    const facts = readStatus(parseStatusBody(text), status, response.headers['retry-after'])
    const what = `${request.method ?? 'GET'} ${request.path}`
    throw new ApiRefused(what, { ...facts, message: facts.message || text.slice(0, 200) })
  }
}

function receive(
  { server, headers, agent }: Endpoint,
  { path, query, method = 'GET', accept = 'application/json', body, signal }: ApiRequest,
  begun: AbortSignal,
): Promise<http.IncomingMessage> {
  const url = new URL(server)
  url.pathname = `${server.pathname.replace(/\/$/, '')}${path}`
  url.search = new URLSearchParams(query).toString()
  const text = body === undefined ? undefined : JSON.stringify(body.json)
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(unreachable(server, cause))
    if (begun.aborted) return fail(begun.reason)
    const request = (url.protocol === 'http:' ? http : https).request(url, {
      method,
      agent,
      signal,
      headers: {
        ...headers,
        accept,
        'user-agent': 'remora',
        ...(body === undefined || text === undefined
          ? {}
          : { 'content-type': body.type, 'content-length': Buffer.byteLength(text) }),
      },
    })
    const giveUp = (): void => void request.destroy(new Error('given up'))
    begun.addEventListener('abort', giveUp, { once: true })
    request.once('close', () => begun.removeEventListener('abort', giveUp))
    request.once('response', resolve)
    request.on('error', fail)
    request.end(text)
  })
}

async function readText(response: http.IncomingMessage, limit: number): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  try {
    for await (const chunk of response) {
      text += chunk
      if (text.length > limit) throw new AnswerTooLarge(limit)
    }
  } catch (error) {
    if (error instanceof ApiUnreachable) throw error
    throw new ApiUnreachable(`the response was incomplete: ${describeSystemError(error)}`, error)
  }
  return text
}

function unreachable(server: URL, cause: unknown): ApiUnreachable {
  return new ApiUnreachable(`${server.host} cannot be reached: ${describeSystemError(cause)}`, cause)
}
