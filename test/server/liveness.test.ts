/**
 * Liveness under the longest queue that the server allows: the production build with the image's options gets as
 * many reviews of 3 MB as it accepts, while the simulated kubelet probes with the chart's settings. The probe is
 * answered by the event loop, so a hang is found. It must never fail as often in a row as the chart allows. The
 * probe's time limit counts only the time for which the server's main thread ran, so that the result does not depend
 * on other load of the machine.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../../scripts/bundle-options.ts'
import { entrypointOptions } from '../../scripts/entrypoint-options.ts'
import { freePorts } from '../e2e/harness/free-ports.ts'
import { watchLiveness } from '../e2e/harness/kubelet/liveness.ts'
import { startProcess } from '../e2e/harness/process.ts'
import { buildForProduction } from '../e2e/harness/production-build.ts'
import { grownPods } from '../hostile/grown-pods.ts'
import { mainThreadMs } from '../hostile/process-limits.ts'
import { waitUntil } from '../wait-until.ts'

/** More than the bytes in flight let in. */
const CONNECTIONS = 24
const BYTES = 2_900_000
/** One more than would be needed to be found dead. */
const PROBES = 4

function chartNumber(name: string): number {
  const chart = readFileSync(join(ROOT, 'charts/remora/templates/deployment.yaml'), 'utf8')
  const found = new RegExp(`livenessProbe:[^]*?${name}: (\\d+)`).exec(chart)?.[1]
  if (found === undefined) throw new Error(`the chart's livenessProbe has no ${name}`)
  return Number(found)
}

/** Ends a test whose server does not answer at all. */
const HANG_MS = 300_000

function healthy(port: number, path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const asked = get({ host: '127.0.0.1', port, path, agent: false, timeout: HANG_MS }, (response) => {
    response.resume()
    resolve(response.statusCode === 200)
  })
  asked.on('timeout', () => asked.destroy())
  asked.on('error', () => resolve(false))
  return promise
}

function post(port: number, agent: Agent, body: Buffer): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  const path = '/revisions/default/inject'
  const sent = request(
    { host: '127.0.0.1', port, agent, path, method: 'POST', headers, rejectUnauthorized: false },
    (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    },
  )
  sent.on('error', () => resolve(0))
  sent.end(body)
  return promise
}

t.test('under load the liveness probe never fails as often in a row as failureThreshold', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'remora-liveness-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const main = buildForProduction(folder)
  const [port = 0, healthPort = 0] = await freePorts(2)
  const server = startProcess({
    name: 'remora',
    command: process.execPath,
    args: [
      ...[
        ...entrypointOptions(),
        main,
        'serve',
        `--cluster=${join(ROOT, 'examples/canary-upgrade/cluster')}`,
      ],
      ...[`--port=${port}`, `--metrics-port=${healthPort}`, `--cert-dir=${folder}`, '--drain-delay=0'],
    ],
    logFile: join(folder, 'log'),
    inheritEnv: false,
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
  })
  t.teardown(() => server.stop('SIGKILL'))
  await waitUntil('the server', () => healthy(healthPort, '/readyz'))

  const object = grownPods()
    .find(({ name }) => name === 'spec.initContainers')
    ?.make(BYTES)
  const kind = { group: '', version: 'v1', kind: 'Pod' }
  const asked = { uid: 'u', kind, namespace: 'shop', operation: 'CREATE', object }
  const body = Buffer.from(
    JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: asked }),
  )
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const stop = new AbortController()
  const statuses = new Map<number, number>()
  const flood = Array.from({ length: CONNECTIONS }, async () => {
    while (!stop.signal.aborted) {
      const status = await post(port, agent, body)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  })
  const answers: string[] = []
  let dead = 0
  await watchLiveness(
    {
      httpGet: { path: '/healthz', port: healthPort },
      periodSeconds: chartNumber('periodSeconds'),
      timeoutSeconds: chartNumber('timeoutSeconds'),
      failureThreshold: chartNumber('failureThreshold'),
    },
    {
      signal: stop.signal,
      async ask(timeoutMs) {
        const before = mainThreadMs(server.pid)
        const answered = await healthy(healthPort, '/healthz')
        const tookMs = mainThreadMs(server.pid) - before
        const answer = answered && tookMs <= timeoutMs
        answers.push(`${answered ? '' : 'no answer after '}${tookMs} ms`)
        if (answers.length === PROBES) stop.abort()
        return answer
      },
      dead(failures) {
        dead = failures
      },
    },
  )
  stop.abort()
  await server.stop('SIGKILL')
  agent.destroy()
  await Promise.all(flood)
  t.comment(`probes ${answers.join(', ')}; statuses ${JSON.stringify([...statuses])}`)
  t.equal(dead, 0, 'the container was not ended')
  t.ok((statuses.get(200) ?? 0) > 0, 'reviews were answered meanwhile')
})
