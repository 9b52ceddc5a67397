/** The whole server with a live cluster: its responses before the cluster has been read. */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { askAdmin } from '../../../src/admin/index.ts'
import { LiveCluster } from '../../../src/cluster/index.ts'
import { RESOURCES } from '../../../src/cluster/live/resources.ts'
import { readOptions, SERVE_OPTIONS } from '../../../src/config/index.ts'
import { createLogger } from '../../../src/observe/index.ts'
import { startRuntime } from '../../../src/runtime.ts'
import { FAST, FakeApi, until } from './fake-api.ts'

const { namespaces } = RESOURCES

async function setUp(t: Test) {
  const api = await FakeApi.start(Object.values(RESOURCES).map(({ path }) => path))
  const cluster = new LiveCluster({
    snapshot: { istiodEnv: [], istioVersions: [] },
    endpoints: api,
    timing: FAST,
  })
  const args = ['--cluster', 'live', '--port', '0', '--metrics-port', '0', '--drain-delay', '0']
  const options = readOptions(SERVE_OPTIONS, { args: [...args, '--cert-dir', t.testdir({})], env: {} })
  const lines: string[] = []
  const logger = createLogger({ level: 'info', write: (line) => lines.push(line) })
  const stop = new AbortController()
  t.teardown(() => api.kill())
  return { api, stop, lines, start: () => startRuntime({ options, logger, signal: stop.signal, cluster }) }
}

function review(url: string, caFile: string, namespace: string) {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace,
      operation: 'CREATE',
      object: { metadata: { name: 'p' }, spec: { containers: [] } },
    },
  })
  const headers = { 'content-type': 'application/json' }
  return new Promise<{ status: number | undefined; retryAfter: string | undefined; answer: unknown }>(
    (resolve, reject) => {
      request(url, { method: 'POST', headers, ca: readFileSync(caFile), agent: false }, async (response) => {
        const answer: unknown = JSON.parse(await text(response))
        resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'], answer })
      })
        .once('error', reject)
        .end(body)
    },
  )
}

t.test('a new namespace is read before the response, and a missing one is a fault', async (t) => {
  const { api, stop, start } = await setUp(t)
  const running = await start()
  const ca = running.caFile ?? ''
  api.put(namespaces.path, { metadata: { name: 'new', labels: { 'istio-injection': 'disabled' } } }, false)
  t.match(await review(`${running.url}/inject`, ca, 'new'), {
    status: 200,
    answer: { response: { uid: 'u-1', allowed: true } },
  })
  t.match(await review(`${running.url}/inject`, ca, 'nowhere'), {
    status: 503,
    retryAfter: '1',
    answer: { response: { uid: 'u-1', allowed: false, status: { message: /namespace/ } } },
  })
  const state = await askAdmin(running.adminSocket ?? '', { about: 'server' })
  t.match(state, { ready: true, cluster: { synced: true, resources: [{ resource: 'namespaces' }] } })
  stop.abort()
  await running.done
})

t.test('without an API server the server is not ready, and stopping does not wait for it', async (t) => {
  const { api, stop, start, lines } = await setUp(t)
  await api.kill()
  const started = start()
  await until('the problem', () => lines.some((line) => line.includes('cluster-api-unreachable')))
  stop.abort()
  await t.rejects(started, { name: 'AbortError' })
  await api.listen()
})
