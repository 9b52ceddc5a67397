/**
 * `npm run test:flood -- --minutes N`: one tenant floods a server with the chart's limits through a real API server,
 * while another client sends ordinary reviews. In the first half the pods have up to 256 KiB, then up to 3 MB. The
 * server must never be restarted (memory, liveness), none of the other client's reviews may fail (a 429 is retried,
 * as the API server does), and its 99th percentile must stay below 100 ms in the first half, and below three times
 * the longest block of the event loop in the second. Exits with 1 otherwise.
 */
import { spawn } from 'node:child_process'
import { rmdirSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { getPriority, setPriority } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { makeCgroup, usageOf } from '../../hostile/process-limits.ts'
import { findBinaries } from '../harness/binaries.ts'
import { startControlPlane } from '../harness/control-plane.ts'
import { waitFor } from '../harness/process.ts'
import { buildForProduction } from '../harness/production-build.ts'
import { forward } from '../harness/tls/forwarder.ts'
import { both, emptySecret, NAMESPACE, rights, SERVICE, SERVICE_PORT } from '../harness/tls/objects.ts'
import { questions } from '../harness/tls/questions.ts'
import { accountKubeconfig, ready, startReplica } from '../harness/tls/replica.ts'
import type { TenantPlan, TenantResult } from './tenant.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    'in-flight': { type: 'string', default: '50' },
  },
})
const minutes = Number(values.minutes)
const inFlight = Number(values['in-flight'])
if (!(minutes > 0) || !(inFlight > 0)) throw new Error('--minutes and --in-flight take numbers')

/** From the chart. */
const MEMORY_BYTES = 512 * 2 ** 20
const LIVENESS = { periodMs: 10_000, timeoutMs: 5_000, failures: 3 }
const GOOD_CLIENT = { everyMs: 100, retries: 5, retryMs: 1_000 }
const P99_LIMIT_MS = 100

const normal = getPriority()
/** The lower priority of the API server, etcd and the tenant, which have their own machines in a cluster. */
const OTHER_MACHINES = 10

const plane = await startedElsewhere(() => startControlPlane(findBinaries()))
const { kubectl } = plane
const { sharedCa, filled } = questions(plane)
const main = buildForProduction(join(plane.folder, 'image'))
kubectl.run('create', 'namespace', NAMESPACE)
for (const name of ['test-ns', 'tenant']) {
  kubectl.run('create', 'namespace', name)
  kubectl.run('label', 'namespace', name, 'istio-injection=enabled')
}
kubectl.apply(...rights, emptySecret, both, {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: SERVICE, namespace: NAMESPACE },
  spec: { ports: [{ port: SERVICE_PORT }] },
})
await waitFor('the ServiceAccount of the tenant', () =>
  kubectl.try('get', 'serviceaccount', 'default', '-n', 'tenant').status === 0 ? true : undefined,
)
const replica = await startReplica({
  name: 'server',
  folder: plane.folder,
  main,
  kubeconfig: accountKubeconfig(plane),
})
const cgroup = makeCgroup(MEMORY_BYTES, 'flood')
if (cgroup !== undefined) writeFileSync(join(cgroup, 'cgroup.procs'), String(replica.process.pid))
await ready(replica)
await waitFor('the caBundles', () => filled(sharedCa()) || undefined)
const service = kubectl.get<{ spec: { clusterIP: string } }>('service', SERVICE, '-n', NAMESPACE)
const forwarder = await forward(service.spec.clusterIP, SERVICE_PORT)
forwarder.use([replica.port])
const { users } = JSON.parse(kubectl.run('config', 'view', '--raw', '-o', 'json')) as {
  readonly users: readonly { readonly user: { readonly token: string } }[]
}
console.log(
  `memory ${MEMORY_BYTES / 2 ** 20} MiB by ${cgroup === undefined ? 'sampling' : 'cgroup'}, ${inFlight} in flight, ${minutes} minutes; ${
    getPriority() === normal
      ? 'API server and tenant run at lower priority than the server'
      : 'all share the processors alike'
  }`,
)

let failed = false
try {
  for (const podBytes of [256 * 1024, 2_900_000]) failed = !(await phase(podBytes, minutes * 30)) || failed
} finally {
  forwarder.close()
  await replica.process.stop()
  if (cgroup !== undefined) rmdirSync(cgroup)
  await plane.stop()
}
console.log(failed ? 'FAILED' : 'all held')
process.exit(failed ? 1 : 0)

/**
 * Processes inherit the priority at their start. Raising it needs a right that not every user has; without it
 * everything runs with the lower one.
 */
async function startedElsewhere<T>(start: () => T | Promise<T>): Promise<T> {
  setPriority(normal + OTHER_MACHINES)
  try {
    return await start()
  } finally {
    try {
      setPriority(normal)
    } catch {
      // The first line of the output says so.
    }
  }
}

/** Whether all conditions hold. */
async function phase(podBytes: number, seconds: number): Promise<boolean> {
  const file = join(plane.folder, `tenant-${podBytes}.json`)
  const plan: TenantPlan = {
    ...{ url: plane.url, caFile: plane.caFile, token: users[0]?.user.token ?? '', namespace: 'tenant' },
    ...{ inFlight, seconds, podBytes },
  }
  writeFileSync(file, JSON.stringify(plan))
  const tenant = await startedElsewhere(() =>
    spawn(process.execPath, [join(import.meta.dirname, 'tenant.ts'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
  const said = text(tenant.stdout)
  let over = false
  const [watched, good] = await Promise.all([
    watchServer(() => over),
    askAsGoodClient(() => over),
    said.then(() => {
      over = true
    }),
  ])
  const result = JSON.parse(await said) as TenantResult
  const { holdMs } = watched
  const limitMs = podBytes > 2 ** 20 ? Math.max(P99_LIMIT_MS, 3 * holdMs) : P99_LIMIT_MS
  const p99 = percentile(good.ms, 0.99)
  const checks: readonly (readonly [string, boolean])[] = [
    [
      `the server runs on (memory at most ${(watched.maxBytes / 2 ** 20).toFixed(0)} MiB)`,
      !replica.process.exited && watched.maxBytes <= MEMORY_BYTES,
    ],
    [
      `liveness failed ${watched.longestFailing} times in a row at most`,
      watched.longestFailing < LIVENESS.failures,
    ],
    [
      `good client: ${good.ms.length} reviews, ${good.failed.length} failed, ${good.retried} retried ${good.failed.slice(0, 3).join('; ')}`,
      good.failed.length === 0,
    ],
    [
      `good client: p50 ${percentile(good.ms, 0.5).toFixed(0)}, p99 ${p99.toFixed(0)}, longest ${percentile(good.ms, 1).toFixed(0)} ms; limit of p99 ${limitMs.toFixed(0)} ms (longest hold ${holdMs.toFixed(0)} ms)`,
      p99 < limitMs,
    ],
  ]
  console.log(`\npods of up to ${podBytes} bytes, ${seconds} s: the tenant sent ${result.sent}`)
  for (const [answer, count] of Object.entries(result.answers).sort(([, a], [, b]) => b - a))
    console.log(`  ${String(count).padStart(8)}  ${answer}`)
  for (const [what, held] of checks) console.log(`${held ? 'ok    ' : 'FAILED'} ${what}`)
  return checks.every(([, held]) => held)
}

interface Watched {
  readonly maxBytes: number
  readonly longestFailing: number
  /** The longest block of the event loop. */
  readonly holdMs: number
}

/** Memory each second, and the liveness probe as in the chart. */
async function watchServer(over: () => boolean): Promise<Watched> {
  let [maxBytes, failing, longestFailing, probeAt, holdMs] = [0, 0, 0, 0, 0]
  while (!over()) {
    maxBytes = Math.max(maxBytes, usageOf(replica.process.pid)?.memoryBytes ?? Number.POSITIVE_INFINITY)
    if (performance.now() >= probeAt) {
      probeAt = performance.now() + LIVENESS.periodMs
      failing = (await alive()) ? 0 : failing + 1
      longestFailing = Math.max(longestFailing, failing)
      // The metric has the longest block of the last half minute.
      holdMs = Math.max(holdMs, 1000 * (await metric('remora_event_loop_lag_seconds')))
    }
    await sleep(1_000)
  }
  return { maxBytes, longestFailing, holdMs }
}

async function alive(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(LIVENESS.timeoutMs)
    return (await fetch(`http://127.0.0.1:${replica.healthPort}/healthz`, { signal })).ok
  } catch {
    return false
  }
}

async function metric(name: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${replica.healthPort}/metrics`)
  const line = (await answer.text())
    .split('\n')
    .find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

interface GoodClient {
  readonly ms: number[]
  readonly failed: string[]
  retried: number
}

/** Ten reviews per second of one ordinary workload, on a separate connection. */
async function askAsGoodClient(over: () => boolean): Promise<GoodClient> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: sharedCa() })
  const result: GoodClient = { ms: [], failed: [], retried: 0 }
  const asked: Promise<void>[] = []
  for (let i = 0; !over(); i++) {
    asked.push(askOnce(agent, i, result))
    await sleep(GOOD_CLIENT.everyMs)
  }
  await Promise.all(asked)
  agent.destroy()
  return result
}

async function askOnce(agent: Agent, index: number, result: GoodClient): Promise<void> {
  const began = performance.now()
  for (let attempt = 0; attempt <= GOOD_CLIENT.retries; attempt++) {
    const answer = await review(agent, index)
    if (answer === '429') {
      result.retried++
      await sleep(GOOD_CLIENT.retryMs)
      continue
    }
    if (answer !== '200') result.failed.push(answer)
    else result.ms.push(performance.now() - began)
    return
  }
  result.failed.push('429 each time')
}

function review(agent: Agent, index: number): Promise<string> {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: `good-${index}`,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace: 'test-ns',
      operation: 'CREATE',
      object: {
        metadata: { generateName: 'web-5d4f-', labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'web' }] },
      },
    },
  })
  return new Promise((resolve) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port: replica.port, agent, servername: `${SERVICE}.${NAMESPACE}.svc` },
        ...{
          method: 'POST',
          path: '/revisions/default/inject',
          headers: { 'content-type': 'application/json' },
        },
      },
      (response) => {
        let answer = ''
        response
          .setEncoding('utf8')
          .on('data', (part: string) => {
            answer += part
          })
          .on('end', () =>
            resolve(
              answer.includes('"patch"') || response.statusCode !== 200
                ? String(response.statusCode)
                : `not injected: ${answer.slice(0, 200)}`,
            ),
          )
          .on('error', (error) => resolve(error.message))
      },
    )
    sent.on('error', (error) => resolve(error.message)).end(body)
  })
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
