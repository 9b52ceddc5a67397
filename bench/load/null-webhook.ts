/**
 * The baseline: a webhook that does nothing. Fastify over TLS, one JSON.parse of the body, the same log line to the
 * same destination, and a fixed patch of the same size as Remora's for the same body (none if Remora has none).
 * Arguments: port, certificate, key, and the file with the patch as base64 text (empty for none).
 */
import { readFileSync } from 'node:fs'
import { fastify } from 'fastify'
// Not through the package's index, which would load the metrics library.
import { logDecision } from '../../src/observe/decision.ts'
import { createLogger } from '../../src/observe/logger.ts'

const [port = '', certificate = '', key = '', patchFile = ''] = process.argv.slice(2)
const patch = readFileSync(patchFile, 'utf8')
const logger = createLogger({ level: 'info' })

interface Review {
  readonly request: {
    readonly uid: string
    readonly namespace: string
    readonly object: { readonly metadata: { readonly generateName?: string } }
  }
}

const app = fastify({
  https: { cert: readFileSync(certificate), key: readFileSync(key) },
  keepAliveTimeout: 120_000,
  bodyLimit: 8 * 2 ** 20,
  logger: false,
})
app.removeAllContentTypeParsers()
app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
  done(null, JSON.parse(body.toString()))
})
app.post('/inject', (request, reply) => {
  const began = performance.now()
  // The runner posts nothing else.
  const { uid, namespace, object } = (request.body as Review).request
  const response =
    patch === '' ? { uid, allowed: true } : { uid, allowed: true, patchType: 'JSONPatch', patch }
  const body = JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response })
  logDecision(logger, {
    ...(patch === ''
      ? ({ kind: 'skipped', code: 'pod-opted-out', patchOperations: 0 } as const)
      : ({ kind: 'patched', code: 'injected', patchOperations: 12 } as const)),
    status: 200,
    uid,
    namespace,
    pod: object.metadata.generateName,
    revision: 'default',
    tag: undefined,
    webhook: 'namespace',
    istioVersion: '1.30.3',
    micros: Math.round((performance.now() - began) * 1000),
    notes: [],
    message: undefined,
  })
  reply.code(200).header('content-type', 'application/json').send(body)
})
await app.listen({ host: '127.0.0.1', port: Number(port) })
