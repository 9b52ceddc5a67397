/**
 * Owns: the plain-HTTP port of probes and metrics: /healthz (the process answers), /readyz (send reviews here or not, and
 * why) and /metrics. Anybody in the cluster may ask, so nothing of an object is said. Not here: what is ready and what is
 * measured, which the runtime says.
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

/** What Prometheus is given. */
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
    // By name: whatever else is known stays inside.
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
    reply.code(404).type('text/plain').send('this port answers GET /healthz, /readyz and /metrics\n')
  })
  return {
    server: app.server,
    listen: async (host, port) => void (await app.listen({ host, port })),
    close: () => app.close(),
  }
}
