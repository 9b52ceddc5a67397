/**
 * `npm run test:flood -- --minutes N`: one tenant floods a server with the chart's limits through a real API server,
 * while another client sends ordinary reviews. In the first half the pods have up to 256 KiB, then up to 3 MB. The
 * server must never be restarted (memory, liveness), none of the other client's reviews may fail (a 429 is retried,
 * as the API server does), and its 99th percentile must stay below 100 ms in the first half, and below three times
 * the longest block of the event loop in the second. Exits with 1 otherwise.
 */
import { spawn } from 'node:child_process'
import { rmdirSync, writeFileSync } from 'node:fs'
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
import { askAsGoodClient } from './good-client.ts'
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
const P99_LIMIT_MS = 100

const normal = getPriority()
/** The lower priority of the API server, etcd and the tenant, which have their own machines in a cluster. */
const OTHER_MACHINES = 10

/**
 * A request that timed out keeps its place until the API server has finished it, so that no more than the 61 seats of
 * the tenant's priority level (workload-low) are worked on; without this bound the API server takes all memory of the
 * machine for pods of 3 MB, and everything waits for the disk. It does not hold for administrators.
 */
const API_SERVER = {
  apiServerArgs: ['--max-requests-inflight=100', '--max-mutating-requests-inflight=50'],
  apiServerEnv: { GOMEMLIMIT: '12GiB' },
}

const plane = await startedElsewhere(() => startControlPlane(findBinaries(), API_SERVER))
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
kubectl.run('create', 'role', 'create-pods', '--verb=create', '--resource=pods', '-n', 'tenant')
kubectl.run(
  ...['create', 'rolebinding', 'create-pods', '--role=create-pods', '--serviceaccount=tenant:default'],
  ...['-n', 'tenant'],
)
const tenantToken = kubectl.run('create', 'token', 'default', '-n', 'tenant', '--duration=4h').trim()
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
    ...{ url: plane.url, caFile: plane.caFile, token: tenantToken, namespace: 'tenant' },
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
    askAsGoodClient(
      { port: replica.port, servername: `${SERVICE}.${NAMESPACE}.svc`, ca: sharedCa() },
      () => over,
    ),
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

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
