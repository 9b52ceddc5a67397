/**
 * The HTTPS listener of the webhook port: TLS, limits, time-outs, receiving requests and sending answers. The handler
 * understands reviews, health-app.ts serves probes, and lifecycle.ts stops the server.
 */
import { METHODS } from 'node:http'
import type { Server } from 'node:https'
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { encodeKey } from '../cache/index.ts'
import type { CertificatePair } from '../certs/index.ts'
import type { TransportFault, WebhookAnswer, WebhookHandler } from './answer.ts'
import { receiveBody } from './body.ts'
import type { Connection } from './connection.ts'
import { type ConnectionCounts, type ConnectionEnd, Connections } from './connections.ts'
import { type Claim, InFlightBytes } from './in-flight-bytes.ts'
import { NO_SCHEMAS } from './no-schemas.ts'
import { secureContextOf } from './secure-context.ts'
import { Turns } from './turns.ts'

export interface WebhookLimits {
  readonly maxBodyBytes: number
  readonly maxBufferedBytes: number
  readonly maxConnections: number
  readonly keepAliveTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly headerTimeoutMs: number
  readonly handshakeTimeoutMs: number
}

export interface WebhookAppOptions {
  readonly handler: WebhookHandler
  readonly pair: CertificatePair
  readonly limits: WebhookLimits
  /** What the handler threw instead of answering. */
  readonly onDefect: (error: unknown) => void
  /** A connection was closed because of a limit on connections. */
  readonly onDisplacedConnection?: () => void
  /** A connection ended without an answer, or in its handshake. */
  readonly onConnectionEnd?: (end: ConnectionEnd) => void
}

export interface WebhookApp {
  readonly server: Server
  listen(host: string, port: number): Promise<void>
  /** For new connections; open ones keep the pair that they started with. */
  swap(pair: CertificatePair): void
  /** From now on each answer asks its client to use another connection. */
  announceClose(): void
  /** Bytes of bodies and answers in memory. */
  readonly bufferedBytes: number
  readonly connections: ConnectionCounts
  /** Requests that are not answered yet. */
  readonly inFlight: number
  /** Closes the connections on which requests are still in progress. */
  cutOff(): void
  close(): Promise<void>
}

/** How an answer is sent, apart from its body. */
interface SendOptions {
  readonly close?: boolean
  /** The allowed methods. */
  readonly allow?: string
  readonly connection?: Connection | undefined
}

/** Far more than an API server's requests have. */
const MAX_HEADER_BYTES = 16 * 1024
/** The limit on connections is sufficient for smaller answers. */
const COUNTED_ANSWER_BYTES = 16 * 1024
const NO_BODY = Buffer.alloc(0)

export function createWebhookApp(options: WebhookAppOptions): WebhookApp {
  const { limits, handler } = options
  const bytes = new InFlightBytes({ maxBytes: limits.maxBufferedBytes, maxBodyBytes: limits.maxBodyBytes })
  const connections = new Connections({
    limits,
    onEnd: options.onConnectionEnd,
    onDisplaced: options.onDisplacedConnection,
  })
  let closing = false
  let inFlight = 0
  const turns = new Turns()

  const app: FastifyInstance<Server> = fastify({
    https: {
      ...secureContextOf(options.pair),
      requestCert: options.pair.clientCa !== undefined,
      rejectUnauthorized: options.pair.clientCa !== undefined,
      handshakeTimeout: limits.handshakeTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      headersTimeout: headersTimeout(limits),
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: checkingInterval(limits),
    },
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    // For a connection without traffic while a request or its answer is in progress; connections.ts handles idle
    // ones.
    connectionTimeout: limits.requestTimeoutMs,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    logger: false,
    schemaController: NO_SCHEMAS,
    // Fastify's router decodes, merges and rejects paths, but Istio's paths are read unchanged. So the router sees
    // only one path, and the handler reads `originalUrl`.
    rewriteUrl: () => '/',
    clientErrorHandler(error, socket) {
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
        const cause = connections.lateCause(socket)
        // The API server keeps connections that it has not used yet, so there is no request that could be late.
        if (cause === undefined) return
        connections.noteCause(socket, cause)
      } else if (error.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE') {
        connections.noteCause(socket, 'malformed')
      } else {
        connections.noteClientGone(socket)
      }
      if (socket.destroyed || !socket.writable || connections.isAnswering(socket))
        return void socket.destroy()
      const status = clientErrorStatus(error.code)
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      // The client may never close its side. Stop buffering what it sends.
      socket.destroySoon()
    },
  })
  const { server } = app
  connections.attach(server)
  const sweeping = setInterval(() => connections.cutOffSlowReaders(), checkingInterval(limits))
  sweeping.unref()

  /**
   * Bypasses Fastify's reply, whose hooks are not used here: it takes a tenth of the time of a cache hit (97 us, 87
   * without, on a busy core).
   */
  const send = (
    reply: FastifyReply,
    answer: WebhookAnswer,
    { close = false, allow, connection }: SendOptions = {},
  ): void => {
    const { status, body, retryAfterSeconds } = answer
    try {
      const headers = ['content-type', 'application/json', 'content-length', String(bytesOf(answer))]
      if (retryAfterSeconds !== undefined) headers.push('retry-after', String(retryAfterSeconds))
      if (allow !== undefined) headers.push('allow', allow)
      // Fastify sets it on its own replies when it is closing.
      if (close || closing || reply.hasHeader('connection')) headers.push('connection', 'close')
      if (connection !== undefined) connections.answering(connection)
      reply.hijack()
      reply.raw.writeHead(status, headers).end(body)
    } catch (cause) {
      // Called from events and promises, where an exception would end the process.
      options.onDefect(cause)
      connections.noteCause(reply.request.raw.socket, 'defect')
      reply.raw.destroy()
    }
  }
  const guarded = <T extends WebhookAnswer | Promise<WebhookAnswer>>(
    make: () => T,
    failed: (cause: unknown) => WebhookAnswer,
  ): T | WebhookAnswer => {
    try {
      return make()
    } catch (cause) {
      options.onDefect(cause)
      return failed(cause)
    }
  }

  // Fastify parses no body here. Any content type and size is received and answered by this file.
  for (const method of METHODS) app.addHttpMethod(method, { hasBody: false, overrideExisting: true })
  app.route({
    method: [...METHODS],
    url: '/',
    handler(request, reply) {
      const { method, originalUrl: rawUrl } = request
      const { socket } = request.raw
      const connection = connections.begin(socket)
      const source = connection?.sender.address ?? UNKNOWN_SOURCE
      let answerClaim: Claim | undefined
      let over = false
      inFlight++
      // Emitted once for each answer, sent or not.
      reply.raw.once('close', () => {
        inFlight--
        over = true
        answerClaim?.end()
        if (connection !== undefined) connections.finished(connection, reply.raw.writableFinished)
      })
      receiveBody(request.raw, { maxBodyBytes: limits.maxBodyBytes, bytes, source }, (received) => {
        if (connection !== undefined) connection.receiving = false
        // The client has gone, and Fastify holds nothing that an answer would free.
        if (received.kind === 'aborted') return
        const head = received.kind === 'whole' ? received.body : received.head
        const fail = (fault: TransportFault, cause?: unknown) =>
          guarded(() => handler.fail({ rawUrl, method, fault, body: head, cause }), lastResort)
        if (received.kind !== 'whole') {
          return send(reply, fail(received.kind === 'too-large' ? 'body-too-large' : 'overloaded'), {
            close: true,
            connection,
          })
        }
        if (method !== 'POST') return send(reply, fail('method-not-allowed'), { allow: 'POST', connection })
        const respond = (answer: WebhookAnswer): void => {
          // The client has gone while its review waited, so no answer would release the bytes.
          if (over) return
          const length = bytesOf(answer)
          if (length > COUNTED_ANSWER_BYTES) {
            answerClaim = bytes.claim(source, () => connections.end(socket, 'memory-limit'))
            answerClaim.namespace = received.claim.namespace
            answerClaim.isAnswer = true
            bytes.charge(answerClaim, length)
          }
          send(reply, answer, { connection })
        }
        const contentType = request.headers['content-type']
        const defect = (cause: unknown): WebhookAnswer => fail('internal-error', cause)
        const { body } = received
        const group = encodeKey([source, received.claim.namespace])
        const run = turns.forBody({ bodyBytes: body.length, group, hasGone: () => over })
        const answer = guarded(() => handler.review({ rawUrl, contentType, body }, run), defect)
        if (!(answer instanceof Promise)) return respond(answer)
        const late = answer.catch((cause: unknown) => {
          if (over) return lastResort()
          options.onDefect(cause)
          return defect(cause)
        })
        return late.then(respond)
      })
    },
  })
  // Requests that Fastify itself rejects are answered in the same form.
  app.setErrorHandler((cause, request, reply) => {
    const { method, originalUrl: rawUrl } = request
    const failed = { rawUrl, method, fault: 'internal-error', body: NO_BODY, cause } as const
    options.onDefect(cause)
    send(
      reply,
      guarded(() => handler.fail(failed), lastResort),
      { close: true },
    )
  })

  return {
    server,
    listen: async (host, port) => void (await app.listen({ host, port })),
    swap: (pair) => server.setSecureContext(secureContextOf(pair)),
    announceClose() {
      closing = true
    },
    get bufferedBytes() {
      return bytes.used
    },
    get connections() {
      return connections.counts
    },
    get inFlight() {
      return inFlight
    },
    cutOff: () => connections.cutOff(),
    async close() {
      // Before anything waits, because Node counts a connection without a byte as busy.
      connections.drain()
      await app.close()
      clearInterval(sweeping)
    },
  }
}

/** For a connection that closed before its address was read. */
const UNKNOWN_SOURCE = ''

function bytesOf({ body, bodyBytes }: WebhookAnswer): number {
  return bodyBytes ?? Buffer.byteLength(body)
}

/** For an error while answering an error. */
function lastResort(): WebhookAnswer {
  const message = 'Remora could not answer; its log has the details [internal-error]'
  const status = { metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 }
  return { status: 500, body: JSON.stringify({ kind: 'Status', apiVersion: 'v1', ...status }) }
}

/** Node does not accept a headers timeout above the request timeout. */
function headersTimeout(limits: WebhookLimits): number {
  return limits.requestTimeoutMs === 0
    ? limits.headerTimeoutMs
    : Math.min(limits.headerTimeoutMs || limits.requestTimeoutMs, limits.requestTimeoutMs)
}

/** How often Node checks for late requests; with its default of 30 s, time-outs could be exceeded by as much. */
function checkingInterval(limits: WebhookLimits): number {
  const shortest = Math.min(limits.requestTimeoutMs || Infinity, limits.headerTimeoutMs || Infinity)
  return Math.max(50, Math.min(1000, shortest / 4))
}

function clientErrorStatus(code: string | undefined): string {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return '408 Request Timeout'
  return code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
}
