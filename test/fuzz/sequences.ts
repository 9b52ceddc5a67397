/**
 * Fuzzes sequences of events: reloads of configurations, relabelled namespaces, flooding tenants, and reviews of pods in
 * between, all on one server whose caches are small. What must hold: code that caches returns, at each moment, what the plain core
 * says, and the caches stay within their bytes. Not a test.
 */

import type { JsonObject } from '../../src/json/index.ts'
import { type BuiltSnapshot, buildSnapshot, type ClusterObject } from '../../src/revisions/index.ts'
import { withAndWithoutCache } from '../server/with-and-without-cache.ts'
import { askBoth, oneDifference } from './cached-pairs.ts'
import { countOutcome, type FuzzInput, type FuzzTarget, INJECT_OPTIONS } from './fuzz-target.ts'
import type { Random } from './random.ts'
import { PATHS, reviewOf } from './reviews.ts'

const NAMESPACES = ['shop', 'payments', 'test-ns', 'tenant']
const LABELS: readonly JsonObject[] = [
  { 'istio-injection': 'enabled' },
  { 'istio-injection': 'disabled' },
  { 'istio.io/rev': 'canary' },
  { 'istio.io/rev': 'prod' },
  { 'istio.io/rev': 'gone' },
  {},
]
const CACHE_BYTES = 64 * 1024
const STEPS = 24

export const sequences: FuzzTarget = {
  name: 'sequences',
  share: 10,
  about:
    'across reloads, label changes and floods, a server with the answer cache responds as the core does, within its memory limit',
  run(random, input, counts) {
    const cluster = new ChangingCluster(input, random)
    const server = withAndWithoutCache(cluster.snapshot(), { maxBytes: CACHE_BYTES, options: INJECT_OPTIONS })
    const pods = [random.pick(input.pods), random.pick(input.pods)]
    for (let step = 0; step < STEPS; step++) {
      const kind = random.below(10)
      if (kind === 0) cluster.reload()
      else if (kind === 1) cluster.relabel()
      else if (kind === 2) cluster.retag()
      if (kind <= 2) {
        countOutcome(counts, ['reload', 'relabel', 'retag'][kind] ?? '')
        server.snapshot = cluster.snapshot()
        continue
      }
      const flood = kind === 3
      for (let i = flood ? 12 : 6; i > 0; i--) {
        const pod = random.pick(pods)
        const asked = flood ? oneDifference(pod, random) : pod
        const namespace = flood ? 'tenant' : random.pick(NAMESPACES)
        const problem = askBoth(server, reviewOf(asked, random, namespace), random.pick(PATHS), counts)
        if (problem !== undefined) return `step ${step}: ${problem}`
      }
      const { bytes } = server.cache.counts
      if (bytes > CACHE_BYTES) return `step ${step}: the cache has ${bytes} bytes`
    }
    return undefined
  },
}

/** Snapshots built one from the other, so that what did not change stays the same object. */
class ChangingCluster {
  readonly #input: FuzzInput
  readonly #random: Random
  readonly #texts = new Map<string, readonly ClusterObject[]>()
  readonly #namespaces = new Map<string, ClusterObject>()
  #tag: ClusterObject | undefined
  #built: BuiltSnapshot | undefined

  constructor(input: FuzzInput, random: Random) {
    this.#input = input
    this.#random = random
    for (const name of ['default', 'canary']) this.#texts.set(name, this.#configMaps(name))
    for (const name of NAMESPACES) this.#namespaces.set(name, namespaceOf(name, random.pick(LABELS)))
  }

  snapshot() {
    const objects = [...this.#texts.values()].flat().concat([...this.#namespaces.values()], this.#tag ?? [])
    this.#built = buildSnapshot(objects, { istiodEnv: [], istioVersions: [] }, this.#built)
    return this.#built.snapshot
  }

  reload(): void {
    const name = this.#random.pick(['default', 'canary'])
    this.#texts.set(name, this.#random.chance(0.2) ? [] : this.#configMaps(name))
  }

  relabel(): void {
    const name = this.#random.pick(NAMESPACES)
    this.#namespaces.set(name, namespaceOf(name, this.#random.pick(LABELS)))
  }

  retag(): void {
    this.#tag = this.#random.chance(0.3) ? undefined : tagOf(this.#random.pick(['default', 'canary', 'gone']))
  }

  #configMaps(name: string): readonly ClusterObject[] {
    const { injectorConfigMap, meshConfigMap, version } = this.#random.pick(this.#input.configs).inputs
    const suffix = name === 'default' ? '' : `-${name}`
    const metadata = {
      namespace: 'istio-system',
      labels: { 'istio.io/rev': name, 'app.kubernetes.io/version': version.text },
    }
    const { config = '', values = '' } = injectorConfigMap
    const map = (base: string, data: JsonObject): ClusterObject => ({
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: base + suffix, ...metadata }, data },
    })
    return [
      map('istio-sidecar-injector', { config, values }),
      map('istio', { mesh: meshConfigMap.mesh ?? '' }),
    ]
  }
}

function namespaceOf(name: string, labels: JsonObject): ClusterObject {
  return { object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } } }
}

function tagOf(revision: string): ClusterObject {
  return {
    object: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: {
        name: 'istio-revision-tag-prod',
        labels: { 'istio.io/rev': revision, 'istio.io/tag': 'prod' },
      },
      webhooks: [
        {
          name: 'rev.namespace.sidecar-injector.istio.io',
          clientConfig: { service: { name: `istiod-${revision}`, namespace: 'istio-system' } },
        },
      ],
    },
  }
}
