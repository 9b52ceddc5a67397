/** Replicas for tests: live clusters with kept configurations, all on one fake API server. */
import type { Test } from 'tap'
import { LastGood, LiveCluster } from '../../../src/cluster/index.ts'
import type { LastGoodTiming } from '../../../src/cluster/last-good/timing.ts'
import { RESOURCES } from '../../../src/cluster/live/resources.ts'
import type { Problem } from '../../../src/inject/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { FAST, FakeApi, until } from '../live/fake-api.ts'

export const SECRETS = '/api/v1/secrets'
export const STORES = ['kept-0', 'kept-1']
export const HEARTBEATS = 'replicas'
export const GOOD = 'policy: enabled\ndefaultTemplates: [sidecar]\ntemplates:\n  sidecar: |\n    spec:\n'
export const BROKEN = 'templates: {sidecar: "{{ nonsense"}'

const TIMING: LastGoodTiming = {
  beatMs: 20,
  aliveMs: 60_000,
  watchMs: 60_000,
  readMs: 60_000,
  pollMs: 5,
  settleMs: [1, 5],
  healMs: 60_000,
  retryMs: 5,
  forgetMs: 60_000,
  requestTimeoutMs: 2_000,
}

export interface Replica {
  readonly cluster: LiveCluster
  readonly lastGood: LastGood
  readonly problems: Problem[]
  readonly changes: { readonly stored: readonly string[]; readonly removed: readonly string[] }[]
  ready(): boolean
  digest(revision: string): string | undefined
  codes(): readonly string[]
  /** As by SIGTERM. */
  end(): Promise<void>
  /** As by SIGKILL: it never withdraws its heartbeat. */
  kill(): Promise<void>
}

export interface Bench {
  readonly api: FakeApi
  putInjector(revision: string, config?: string): void
  removeInjector(revision: string): void
  replica(over?: { readonly waitMs?: number; readonly timing?: Partial<LastGoodTiming> }): Promise<Replica>
  /** Revision to the first line of what is kept of it. */
  kept(): Map<string, JsonObject>
  heartbeats(): readonly JsonObject[]
  dataOf(secret: string): JsonObject
}

export interface KeptBench extends Bench {
  /** Serves `canary` as it was before the ConfigMap was broken. */
  readonly old: Replica
}

/** One replica has stored the configuration of `canary`, and then its ConfigMap is broken. */
export async function setUpBroken(t: Test): Promise<KeptBench> {
  const bench = await setUp(t)
  bench.putInjector('canary')
  const old = await bench.replica()
  await until('stored, and a heartbeat', () => bench.kept().size === 1 && bench.heartbeats().length === 1)
  bench.putInjector('canary', BROKEN)
  await until('the old one keeps it in memory', () => old.codes().length > 0)
  return { ...bench, old }
}

export async function setUp(t: Test): Promise<Bench> {
  const api = await FakeApi.start([...Object.values(RESOURCES).map(({ path }) => path), SECRETS])
  for (const name of [...STORES, HEARTBEATS]) api.put(SECRETS, { metadata: { name, namespace: 'ns' } })
  const replicas: Replica[] = []
  t.teardown(async () => {
    await Promise.all(replicas.map((replica) => replica.end()))
    api.close()
    await api.kill()
  })
  const dataOf = (secret: string): JsonObject =>
    (api.get(SECRETS, secret, 'ns')?.['data'] ?? {}) as JsonObject
  const nameOf = (revision: string): string =>
    revision === 'default' ? 'istio-sidecar-injector' : `istio-sidecar-injector-${revision}`
  return {
    api,
    putInjector(revision, config = GOOD) {
      api.put(RESOURCES.configmaps.path, {
        metadata: {
          name: nameOf(revision),
          namespace: 'istio-system',
          labels: { 'istio.io/rev': revision, 'app.kubernetes.io/version': '1.24.2' },
        },
        data: { config, values: '{"global": {}}' },
      })
      api.put(RESOURCES.configmaps.path, {
        metadata: {
          name: nameOf(revision).replace('istio-sidecar-injector', 'istio'),
          namespace: 'istio-system',
        },
        data: { mesh: '' },
      })
    },
    removeInjector: (revision) => api.remove(RESOURCES.configmaps.path, nameOf(revision), 'istio-system'),
    async replica({ waitMs = 60_000, timing = {} } = {}) {
      const one = await startReplica(api, waitMs, { ...TIMING, ...timing })
      replicas.push(one)
      return one
    },
    kept() {
      const lines = STORES.flatMap((store) =>
        Object.entries(dataOf(store)).map(([key, value]): [string, JsonObject] => {
          const bytes = Buffer.from(String(value), 'base64')
          return [key.replace('revision.', ''), JSON.parse(bytes.toString('utf8', 0, bytes.indexOf(0x0a)))]
        }),
      )
      return new Map(lines)
    },
    heartbeats: () =>
      Object.values(dataOf(HEARTBEATS)).map((value) =>
        JSON.parse(Buffer.from(String(value), 'base64').toString()),
      ),
    dataOf,
  }
}

async function startReplica(api: FakeApi, waitMs: number, timing: LastGoodTiming): Promise<Replica> {
  const cluster = new LiveCluster({
    snapshot: { istiodEnv: [], istioVersions: [] },
    endpoints: api,
    timing: FAST,
  })
  const problems: Problem[] = []
  const changes: { stored: readonly string[]; removed: readonly string[] }[] = []
  const lastGood = new LastGood({
    cluster,
    secrets: STORES.map((name) => ({ namespace: 'ns', name })),
    heartbeatSecret: { namespace: 'ns', name: HEARTBEATS },
    waitMs,
    pod: 'remora-of-the-test',
    remoraVersion: '0.1.0',
    endpoints: api,
    timing,
    onProblems: ({ appeared }) => void problems.push(...appeared),
    onStored: (change) => void changes.push(change),
  })
  const stop = new AbortController()
  lastGood.start(stop.signal)
  await cluster.start(new AbortController().signal)
  let ended: Promise<void> | undefined
  const end = async (): Promise<void> => {
    stop.abort()
    await lastGood.close()
    await cluster.close()
  }
  return {
    cluster,
    lastGood,
    problems,
    changes,
    ready: () => cluster.synced && lastGood.notReadyReason() === undefined,
    digest: (revision) => cluster.snapshot().revisions.get(revision)?.config?.digest,
    codes: () => [...cluster.status().problems, ...lastGood.status().problems].map(({ code }) => code),
    end: () => {
      ended ??= end()
      return ended
    },
    kill: () => {
      // Its last write is refused, as if it had not been made.
      api.fail(
        { status: 500 },
        ({ path, method, body }) => method === 'PATCH' && path.endsWith(HEARTBEATS) && body.includes(':null'),
      )
      ended ??= end()
      return ended
    },
  }
}

export { until }
