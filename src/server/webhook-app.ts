/**
 * Owns: the HTTPS listener of the webhook port: TLS, limits, time-outs, receiving a request and sending its answer.
 * Not here: what a review means (the handler), probes (health-app.ts), and when to stop (lifecycle.ts).
 */
import { METHODS } from 'node:http'
import type { Server } from 'node:https'
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify'
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
  /** A connection made way for another, because there were as many as the limits allow. */
  readonly onDisplacedConnection?: () => void
  /** A connection ended without an answer, or in its handshake. */
  readonly onConnectionEnd?: (end: ConnectionEnd) => void
}

export interface WebhookApp {
  readonly server: Server
  listen(host: string, port: number): Promise<void>
  /** For new connections; those that are open keep the pair they began with. */
  swap(pair: CertificatePair): void
  /** From now on each answer asks its client to use another connection. */
  announceClose(): void
  /** Bytes of bodies and answers that are held. */
  readonly bufferedBytes: number
  readonly connections: ConnectionCounts
  /** Requests begun and not yet answered. */
  readonly inFlight: number
  /** Ends the connections on which requests are still under way. */
  cutOff(): void
  close(): Promise<void>
}

/** How an answer is sent beside its own text. */
interface Manner {
  readonly close?: boolean
  /** The methods that would have been right. */
  readonly allow?: string
  readonly connection?: Connection | undefined
}

/** Far more than an API server's requests carry. */
const MAX_HEADER_BYTES = 16 * 1024
/** Smaller answers are bounded by the number of connections well enough. */
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
    // A connection on which nothing moves while a request or its answer is under way; without a request, see connections.ts.
    connectionTimeout: limits.requestTimeoutMs,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    logger: false,
    schemaController: NO_SCHEMAS,
    // Fastify's router decodes, merges and rejects paths; Istio's paths are read as they stand. So the router sees
    // one path only, and the handler reads `originalUrl`.
    rewriteUrl: () => '/',
    clientErrorHandler(error, socket) {
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
        const cause = connections.lateCause(socket)
        // The API server keeps connections that it has not used yet: there is no request that could be late.
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
      // The client may never close its side: what it has sent so far must not be kept for that.
      socket.destroySoon()
    },
  })
  const { server } = app
  connections.attach(server)
  const sweeping = setInterval(() => connections.cutOffSlowReaders(), checkingInterval(limits))
  sweeping.unref()

  /** Past Fastify's own reply, whose hooks nobody here uses: that takes a tenth of a remembered answer (97 us, 87 without, on a busy core). */
  const send = (
    reply: FastifyReply,
    answer: WebhookAnswer,
    { close = false, allow, connection }: Manner = {},
  ): void => {
    const { status, body, retryAfterSeconds } = answer
    try {
      const headers = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))]
      if (retryAfterSeconds !== undefined) headers.push('retry-after', String(retryAfterSeconds))
      if (allow !== undefined) headers.push('allow', allow)
      // Fastify sets it on its reply when it is closing.
      if (close || closing || reply.hasHeader('connection')) headers.push('connection', 'close')
      if (connection !== undefined) connections.answering(connection)
      reply.hijack()
      reply.raw.writeHead(status, headers).end(body)
    } catch (cause) {
      // It is called from events and promises, where nobody else would catch it and the process would end.
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

  // No method's body is Fastify's to parse: any Content-Type, any size is received and answered by us.
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
      // Comes once for each answer, sent or not.
      reply.raw.once('close', () => {
        inFlight--
        over = true
        answerClaim?.end()
        if (connection !== undefined) connections.finished(connection, reply.raw.writableFinished)
      })
      receiveBody(request.raw, { maxBodyBytes: limits.maxBodyBytes, bytes, source }, (received) => {
        if (connection !== undefined) connection.receiving = false
        // Nobody is left to be answered, and Fastify holds nothing that an answer would free.
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
          // The client has gone while its review waited: nothing would give the answer's bytes back.
          if (over) return
          const length = Buffer.byteLength(answer.body)
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
        const run = turns.forBody(body.length)
        const answer = guarded(() => handler.review({ rawUrl, contentType, body }, run), defect)
        if (!(answer instanceof Promise)) return respond(answer)
        const late = answer.catch((cause: unknown) => {
          options.onDefect(cause)
          return defect(cause)
        })
        return late.then(respond)
      })
    },
  })
  // Nothing is known to lead here: whatever Fastify itself refuses is answered in the same form.
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
      // Before anything waits: Node counts a connection without a byte as busy.
      connections.drain()
      await app.close()
      clearInterval(sweeping)
    },
  }
}

/** Of a connection that was gone before anybody asked who it is. */
const UNKNOWN_SOURCE = ''

/** Where even the answer to a failure failed. */
function lastResort(): WebhookAnswer {
  const message = 'Remora could not answer; its log has the details [internal-error]'
  const status = { metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 }
  return { status: 500, body: JSON.stringify({ kind: 'Status', apiVersion: 'v1', ...status }) }
}

/** Node refuses to give the headers more time than the whole request. */
function headersTimeout(limits: WebhookLimits): number {
  return limits.requestTimeoutMs === 0
    ? limits.headerTimeoutMs
    : Math.min(limits.headerTimeoutMs || limits.requestTimeoutMs, limits.requestTimeoutMs)
}

/** How often Node looks for requests that are late; its default of 30 s would let the time-outs run over by as much. */
function checkingInterval(limits: WebhookLimits): number {
  const shortest = Math.min(limits.requestTimeoutMs || Infinity, limits.headerTimeoutMs || Infinity)
  return Math.max(50, Math.min(1000, shortest / 4))
}

function clientErrorStatus(code: string | undefined): string {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return '408 Request Timeout'
  return code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
}
