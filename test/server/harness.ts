/** A webhook listener with its own certificates and a handler that echoes, and misbehaving clients. */
import { type Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { type CertificatePair, checkPair, type IssuedPair } from '../../src/certs/index.ts'
import { issueAuthority, issueServing } from '../../src/certs/issue.ts'
import {
  type ConnectionEnd,
  createWebhookApp,
  type WebhookApp,
  type WebhookHandler,
  type WebhookLimits,
} from '../../src/server/index.ts'

const DAY_MS = 86_400_000

export function validFor(days: number) {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + days * DAY_MS) }
}

export const authority: IssuedPair = issueAuthority({ commonName: 'test CA', ...validFor(10) })

export function servingPair(commonName = 'server', clientCa?: string): CertificatePair {
  const issued = issueServing(authority, { commonName, names: ['localhost', '127.0.0.1'], ...validFor(5) })
  return checkPair({ ...issued, clientCa }, { certificate: 'tls.crt', key: 'tls.key', clientCa: 'ca.crt' })
}

export const LIMITS: WebhookLimits = {
  maxBodyBytes: 8 * 2 ** 20,
  maxBufferedBytes: 64 * 2 ** 20,
  maxConnections: 256,
  keepAliveTimeoutMs: 120_000,
  requestTimeoutMs: 30_000,
  headerTimeoutMs: 10_000,
  handshakeTimeoutMs: 10_000,
}

/** Says what arrived. */
export const echo: WebhookHandler = {
  review: ({ rawUrl, contentType, body }) => ({
    status: 200,
    body: JSON.stringify({ rawUrl, contentType, bytes: body.length, text: body.toString().slice(0, 100) }),
  }),
  fail: ({ rawUrl, method, fault, body }) => ({
    status: {
      'body-too-large': 413,
      overloaded: 429,
      'internal-error': 500,
      'method-not-allowed': 405,
    }[fault],
    retryAfterSeconds: fault === 'overloaded' ? 1 : undefined,
    body: JSON.stringify({ rawUrl, method, fault, text: body.toString().slice(0, 100) }),
  }),
}

export interface Started {
  readonly app: WebhookApp
  readonly port: number
  readonly defects: unknown[]
  /** Connections that ended without an answer, in their order. */
  readonly ends: ConnectionEnd[]
  /** How many were closed for others. */
  readonly displaced: () => number
}

interface Teardown {
  teardown(work: () => Promise<unknown>): unknown
}

export async function startApp(
  t: Teardown,
  options: { handler?: WebhookHandler; limits?: Partial<WebhookLimits>; pair?: CertificatePair } = {},
): Promise<Started> {
  const defects: unknown[] = []
  const ends: ConnectionEnd[] = []
  let displaced = 0
  const app = createWebhookApp({
    handler: options.handler ?? echo,
    pair: options.pair ?? servingPair(),
    limits: { ...LIMITS, ...options.limits },
    onDefect: (error) => defects.push(error),
    onConnectionEnd: (end) => ends.push(end),
    onDisplacedConnection: () => displaced++,
  })
  await app.listen('127.0.0.1', 0)
  t.teardown(async () => {
    app.cutOff()
    await app.close()
  })
  // Listening on an address and port, so not a pipe's name.
  return { app, port: (app.server.address() as AddressInfo).port, defects, ends, displaced: () => displaced }
}

export interface Got {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
}

export interface Ask extends ConnectionOptions {
  readonly port: number
  readonly path?: string
  readonly method?: string
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string | Buffer
  readonly agent?: Agent
}

/** One request on a connection of its own. */
export function ask({ path = '/inject', method = 'POST', headers, body, ...connection }: Ask): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        ca: authority.certificate,
        path,
        method,
        agent: false,
        ...connection,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

/** A TLS connection to write to by hand. */
export function dial(
  port: number,
  options: ConnectionOptions & { readonly localAddress?: string } = {},
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: authority.certificate, ...options }, () =>
      resolve(socket),
    )
    socket.once('error', reject)
  })
}

/** What arrives on the connection until `enough` says so or it closes. */
export function read(
  socket: TLSSocket,
  enough: (text: string) => boolean,
): Promise<{ text: string; closed: boolean }> {
  return new Promise((resolve) => {
    let text = ''
    const finish = (closed: boolean) => {
      socket.off('data', onData).off('close', onClose)
      resolve({ text, closed })
    }
    const onData = (chunk: Buffer) => {
      text += chunk.toString()
      if (enough(text)) finish(false)
    }
    const onClose = () => finish(true)
    socket
      .on('data', onData)
      .on('close', onClose)
      .on('error', () => {})
  })
}
