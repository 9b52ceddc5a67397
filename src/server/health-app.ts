/**
 * The plain-HTTP port for probes and metrics: /healthz (the process responds), /readyz (whether to send reviews here,
 * and the reason if not) and /metrics. Anybody in the cluster may call it, so it reveals nothing of any object.
 */
import type { Server } from 'node:http'
import { type FastifyInstance, fastify } from 'fastify'
import { NO_SCHEMAS } from './no-schemas.ts'
import type { Readiness } from './readiness.ts'

export interface HealthApp {
  readonly server: Server
  listen(host: string, port: number): Promise<void>
  close(): Promise<void>
}

/** A probe sends a request line and a few headers, and waits for seconds at most. */
const PROBE_TIMEOUT_MS = 10_000
const MAX_CONNECTIONS = 128

/** The content type of Prometheus' text format. */
export interface Exposition {
  readonly contentType: string
  render(): Promise<string>
}

export function createHealthApp(readiness: () => Readiness, metrics: Exposition): HealthApp {
  const app: FastifyInstance<Server> = fastify({
    logger: false,
    schemaController: NO_SCHEMAS,
    bodyLimit: 1024,
    requestTimeout: PROBE_TIMEOUT_MS,
    connectionTimeout: PROBE_TIMEOUT_MS,
    forceCloseConnections: true,
    http: { connectionsCheckingInterval: 1000 },
  })
  app.server.maxConnections = MAX_CONNECTIONS
  app.get('/healthz', (_request, reply) => {
    reply.type('text/plain').send('ok\n')
  })
  app.get('/readyz', (_request, reply) => {
    // Field by field, so that nothing else is revealed.
    const { ready, reason, version } = readiness()
    reply
      .code(ready ? 200 : 503)
      .type('application/json')
      .send(`${JSON.stringify({ ready, reason, version })}\n`)
  })
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.contentType)
    return metrics.render()
  })
  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).type('text/plain').send('this port serves GET /healthz, /readyz and /metrics\n')
  })
  return {
    server: app.server,
    listen: async (host, port) => void (await app.listen({ host, port })),
    close: () => app.close(),
  }
}
