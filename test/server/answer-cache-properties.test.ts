/**
 * A handler that caches answers gives the same answers as one without a cache, for any pods in any order and with
 * configurations that change in between. Pods are those of the corpora if they exist, otherwise our own.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { Snapshot } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { type BuiltSnapshot, buildSnapshot, type ClusterObject } from '../../src/revisions/index.ts'
import { proxy } from '../inject/run-inject.ts'
import { findCorpus } from '../shared-corpus.ts'
import { withAndWithoutCache } from './with-and-without-cache.ts'

/** Suffixes of token volumes in reviews that were recorded. */
const RECORDED = /kube-api-access-[a-z0-9]{5}/g

interface Material {
  readonly bodies: readonly string[]
  readonly configMaps: readonly JsonObject[]
}

function configMaps(
  name: string,
  texts: { injectorConfig: string; values: string; mesh: string },
): JsonObject[] {
  const suffix = name === 'default' ? '' : `-${name}`
  const labels = { 'istio.io/rev': name, 'app.kubernetes.io/version': '1.30.3' }
  const map = (base: string, data: JsonObject): JsonObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: base + suffix, namespace: 'istio-system', labels },
    data,
  })
  return [
    map('istio-sidecar-injector', { config: texts.injectorConfig, values: texts.values }),
    map('istio', { mesh: texts.mesh }),
  ]
}

function ownMaterial(): Material {
  const injectorConfig = JSON.stringify({ policy: 'enabled', templates: proxy() })
  const texts = { injectorConfig, values: '{"global":{"hub":"h","tag":"1"}}', mesh: '{}' }
  let workloads = 0
  const body = (labels: object, more: object): string => {
    const name = `web-${++workloads}`
    return JSON.stringify({
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      request: {
        uid: 'u-1',
        kind: { group: '', version: 'v1', kind: 'Pod' },
        namespace: 'shop',
        operation: 'CREATE',
        object: {
          metadata: {
            generateName: `${name}-`,
            labels,
            ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: 'u' }],
            managedFields: [{ manager: 'm', time: '2026-11-20T23:14:30Z' }],
          },
          spec: {
            volumes: [{ name: 'kube-api-access-x7k2p' }],
            containers: [
              { name: 'web', image: 'i', volumeMounts: [{ name: 'kube-api-access-x7k2p', mountPath: '/v' }] },
            ],
            ...more,
          },
        },
      },
    })
  }
  const bodies = [
    // Ordinary pods, as most are, and then those of which answers are not kept.
    body({}, {}),
    body({ app: 'api' }, { terminationGracePeriodSeconds: 5 }),
    body({ app: 'db', version: 'v1' }, {}),
    body({ 'istio.io/rev': 'canary' }, {}),
    body({ 'istio.io/rev': 'canary' }, { hostname: 'kube-api-access-x7k2p' }),
    body({ 'sidecar.istio.io/inject': 'false' }, {}),
    body({}, { nodeName: 'n1' }),
    body({}, { hostNetwork: true }),
    body({}, { containers: 'none' }),
  ]
  return { bodies, configMaps: [...configMaps('default', texts), ...configMaps('canary', texts)] }
}

function corpusMaterial(): Material | undefined {
  const reviews = findCorpus('admissionreviews')
  const istio = findCorpus('istio/1.30.3')
  const bench = findCorpus('bench')
  if (reviews === undefined || istio === undefined || bench === undefined) return undefined
  const bodies = [reviews, bench].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.json$/.test(name) && name !== 'meta.json' && name !== 'env-2000.json')
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  )
  for (const suite of readdirSync(istio).filter((name) => name.endsWith('.jsonl'))) {
    const lines = readFileSync(join(istio, suite), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
    lines.forEach((line, i) => {
      const { body }: { body?: unknown } = JSON.parse(line)
      if (i % 19 === 0 && typeof body === 'object') bodies.push(JSON.stringify(body))
    })
  }
  const texts = (file: string) => JSON.parse(readFileSync(join(istio, 'configs', file), 'utf8'))
  const maps = [
    ...configMaps('default', texts('default.json')),
    ...configMaps('canary', texts('revision-canary.json')),
  ]
  return { bodies, configMaps: maps }
}

const material = corpusMaterial() ?? ownMaterial()
const namespaces = ['shop', 'payments', 'both', 'plain', 'test-ns', 'default', 'test']

/** One state of the cluster: the parts that a run may change. */
interface State {
  readonly injected: number
  readonly other: number
  readonly mesh: boolean
  readonly node: string
}

/** Snapshots as a cluster builds them one from the other, so that what did not change stays the same object. */
class Builder {
  #built: BuiltSnapshot | undefined
  readonly #objects = new Map<string, ClusterObject>()

  snapshot(state: State): Snapshot {
    const objects = [
      ...material.configMaps.map((object, i) =>
        this.#object(state.mesh && i === 1 ? withMesh(object) : object),
      ),
      ...namespaces.map((name, i) =>
        this.#object({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name, labels: labelsOf(i, state) },
        }),
      ),
      this.#object({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'n1' },
        status: { nodeInfo: { kubeletVersion: state.node } },
      }),
    ]
    const options = { istiodEnv: [], istioVersions: [] }
    // Like a running server: compiled in the background and warmed up with earlier pods.
    const first = buildSnapshot(objects, options, this.#built, 'later')
    for (const job of first.pending.values()) job.finish()
    this.#built = buildSnapshot(objects, options, first)
    return this.#built.snapshot
  }

  #object(object: JsonObject): ClusterObject {
    const key = JSON.stringify(object)
    const found = this.#objects.get(key) ?? { object }
    this.#objects.set(key, found)
    return found
  }
}

function withMesh(object: JsonObject): JsonObject {
  return { ...object, data: { mesh: 'defaultConfig: {holdApplicationUntilProxyStarts: true}' } }
}

function labelsOf(index: number, { injected, other }: State): JsonObject {
  const changing = index === other ? { team: 'x' } : {}
  return index === injected
    ? { ...changing, 'istio.io/rev': 'canary' }
    : { ...changing, 'istio-injection': 'enabled' }
}

const state: fc.Arbitrary<State> = fc.record({
  injected: fc.nat(namespaces.length - 1),
  other: fc.nat(namespaces.length - 1),
  mesh: fc.boolean(),
  node: fc.constantFrom('v1.33.1', 'v1.30.0'),
})
const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ reload: state }) },
  {
    weight: 16,
    arbitrary: fc.record({
      body: fc.nat(2),
      uid: fc.constantFrom('u-1', 'u-2', '0b5e9ab9-571b-b645-5586-fd21adac2c16'),
      suffix: fc.constantFrom('aaaaa', 'x7k2p', 'zz429'),
      time: fc.constantFrom('2026-11-20T23:14:30Z', '2027-01-31T00:00:00Z', 'yesterday'),
      namespace: fc.constantFrom('', 'shop', 'plain'),
      url: fc.constantFrom('/inject', '/inject', '/revisions/canary/inject'),
    }),
  },
)
const run = fc.record({
  bodies: fc.array(fc.nat(material.bodies.length - 1), { minLength: 3, maxLength: 3 }),
  first: state,
  steps: fc.array(step, { minLength: 20, maxLength: 60 }),
})

t.test('with and without cache the answers, the lines of the log and the counts are the same', async (t) => {
  let hits = 0
  let asked = 0
  const builder = new Builder()
  fc.assert(
    fc.property(run, ({ bodies, first, steps }) => {
      const answering = withAndWithoutCache(builder.snapshot(first), { maxBytes: 200_000 })
      for (const one of steps) {
        if ('reload' in one) {
          answering.snapshot = builder.snapshot(one.reload)
          continue
        }
        const text = material.bodies[bodies[one.body] ?? 0] ?? ''
        const changed = text
          .replace(/("request": ?\{"uid": ?")[^"]*/, `$1${one.uid}`)
          .replace(RECORDED, `kube-api-access-${one.suffix}`)
          .replace(/"time":"[^"]*"/g, `"time":"${one.time}"`)
          .replace(
            /"namespace":"(?:shop|plain)"/g,
            one.namespace === '' ? '$&' : `"namespace":"${one.namespace}"`,
          )
        const { plain, fast } = answering.ask(changed, one.url)
        asked++
        if (JSON.stringify(plain) !== JSON.stringify(fast))
          throw new Error(`${changed}\n${JSON.stringify(plain)}\n${JSON.stringify(fast)}`)
      }
      hits += answering.cache.counts.hits
    }),
    { seed: 20261120, numRuns: 25 },
  )
  t.ok(hits > asked / 10, `${hits} of ${asked} were answered from the cache`)
  t.comment(`${hits} of ${asked} were answered from the cache; ${material.bodies.length} bodies`)
})
