/** A process that syncs a live cluster once and prints the cost as one line of JSON. */
import { setTimeout as sleep } from 'node:timers/promises'
import { LiveCluster } from '../../../src/cluster/index.ts'

const MIB = 2 ** 20
const before = process.memoryUsage().rss
await import('@kubernetes/client-node')
const withClient = process.memoryUsage().rss
const cluster = new LiveCluster({ snapshot: { istiodEnv: [], istioVersions: [] } })
let builds = 0
cluster.onChange(() => builds++)
const began = performance.now()
await cluster.start(AbortSignal.timeout(120_000))
const syncMs = performance.now() - began
const peak = process.memoryUsage().rss
const cpu = process.cpuUsage()
await sleep(5_000)
const idle = process.cpuUsage(cpu)
globalThis.gc?.()
const settled = process.memoryUsage()
const snapshot = cluster.snapshot()
await cluster.close()
console.log(
  JSON.stringify({
    namespaces: snapshot.namespaces.size,
    nodes: snapshot.nodes.versions.size,
    syncMs: Math.round(syncMs),
    clientMiB: Math.round((withClient - before) / MIB),
    peakMiB: Math.round(peak / MIB),
    settledMiB: Math.round(settled.rss / MIB),
    heapMiB: Math.round(settled.heapUsed / MIB),
    idleCpuPercent: Math.round((idle.user + idle.system) / 50_000),
    builds,
  }),
)
