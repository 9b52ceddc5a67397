/**
 * No pod gets results made for another one, no tenant evicts entries of others, and a refused pod leaves nothing in
 * the caches.
 */
import t from 'tap'
import {
  type InjectOptions,
  inject,
  type Outcome,
  type RevisionConfig,
  type Snapshot,
} from '../../../src/inject/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { pod, requestFor, revision, snapshotOf } from '../revision-fixture.ts'
import { proxy } from '../run-inject.ts'

const NO_FACTS = { labels: new Map(), annotations: new Map() }
const namespaces = new Map(['shop', 'flood', 'quiet'].map((name) => [name, NO_FACTS]))

function ask(
  snapshot: Snapshot,
  object: JsonObject,
  namespace = 'shop',
  options: InjectOptions = {},
): Outcome {
  return inject(requestFor(object, { namespace }), snapshot, options)
}

/** Without specialised templates. */
const askPlain = (snapshot: Snapshot, object: JsonObject, namespace?: string): Outcome =>
  ask(snapshot, object, namespace, { specialize: false })
const bytesOf = ({ cache }: RevisionConfig): number => cache?.cacheCounts.bytes ?? 0
const missesOf = ({ cache }: RevisionConfig): number => cache?.counts.misses ?? 0

function ownedBy(kind: string, apiVersion: string): JsonObject {
  return pod({
    generateName: 'web-',
    ownerReferences: [{ kind, apiVersion, name: 'web', uid: 'u', controller: true }],
  })
}

t.test('an owner whose kind contains a line break gets no other pod’s answer', async (t) => {
  const template = proxy('    args: [{{ .TypeMeta.Kind | quote }}, {{ .TypeMeta.APIVersion | quote }}]\n')
  const snapshot = snapshotOf(revision({ templates: template }))
  const pairs = [
    ['Foo', 'bar\nx'],
    ['Foo\nbar', 'x'],
    ['Foo', 'bar'],
    ['3:Foo', 'bar'],
    ['', '3:Foo3:bar'],
  ] as const
  for (let round = 0; round < 4; round++) {
    for (const [kind, apiVersion] of pairs) {
      const object = ownedBy(kind, apiVersion)
      t.same(ask(snapshot, object), askPlain(snapshot, object), JSON.stringify([kind, apiVersion]))
    }
  }
})

const LARGE = 'a'.repeat(2_800_000)
const template = proxy(
  '    args: [{{ annotation .ObjectMeta `sidecar.istio.io/logLevel` `info` | quote }}]\n',
)

t.test('refused pods leave nothing in the caches, however large', async (t) => {
  const snapshot = snapshotOf(revision({ templates: template }), { namespaces })
  const config = snapshot.revisions.get('default')?.config
  if (config === undefined) throw new TypeError('no configuration')
  for (let i = 0; i < 3; i++) ask(snapshot, pod({ annotations: { 'proxy.istio.io/config': '{}' } }))
  const before = bytesOf(config)
  t.ok(before > 0)
  for (let i = 0; i < 12; i++) {
    for (const annotations of [
      { 'proxy.istio.io/config': `# ${i >> 1}\nfoo: [` },
      { 'proxy.istio.io/config': `# ${i >> 1} ${LARGE}\nfoo: [` },
      // Of this one the template is executed, and then the overlay fails.
      {
        'sidecar.istio.io/logLevel': `x${i >> 1}`,
        'proxy.istio.io/overrides': '{"containers":[{"image":5}]}',
      },
    ])
      t.equal(ask(snapshot, pod({ annotations }), 'flood').kind, 'refused')
  }
  t.equal(bytesOf(config), before)
})

t.test('a pod whose annotations are too long for a key is rendered in full each time', async (t) => {
  const snapshot = snapshotOf(revision({ templates: template }), { namespaces })
  const config = snapshot.revisions.get('default')?.config
  if (config === undefined) throw new TypeError('no configuration')
  const long = 'x'.repeat(5_000)
  for (const annotations of [
    { 'sidecar.istio.io/logLevel': long },
    { 'proxy.istio.io/config': `# ${long}` },
  ]) {
    const before = bytesOf(config)
    for (let i = 0; i < 4; i++) {
      const object = pod({ annotations })
      t.same(ask(snapshot, object), askPlain(snapshot, object))
    }
    // The pod itself, which may warm up the next configuration, and the ProxyConfig of pods without annotation.
    const most = 2 * JSON.stringify(pod({ annotations })).length + 3_000
    t.ok(bytesOf(config) - before <= most)
  }
  t.equal(config.cache?.counts.hits, 0)
})

t.test('a namespace that floods the cache evicts no entries of others', async (t) => {
  const snapshot = snapshotOf(revision({ templates: template }), { namespaces })
  const options = { cacheBytes: 1_000_000 }
  const config = snapshot.revisions.get('default')?.config
  if (config === undefined) throw new TypeError('no configuration')
  const quiet = (): number => {
    const before = missesOf(config)
    ask(snapshot, pod({ annotations: { 'sidecar.istio.io/logLevel': 'debug' } }), 'quiet', options)
    return missesOf(config) - before
  }
  for (let i = 0; i < 3; i++) quiet()
  t.equal(quiet(), 0)
  for (let i = 0; i < 3_000; i++)
    ask(snapshot, pod({ annotations: { 'sidecar.istio.io/logLevel': `level-${i >> 1}` } }), 'flood', options)
  const { bytes, maxBytes, evictions } = config.useCache(1_000_000).cacheCounts
  t.ok(evictions > 0 && bytes <= maxBytes && maxBytes === 1_000_000, `${bytes} bytes, ${evictions} evictions`)
  t.equal(quiet(), 0)
})

t.test(
  'a namespace that keeps recording new traces leaves space for others under the same key',
  async (t) => {
    const forks = Array.from(
      { length: 8 },
      (_, i) => `{{ if index .ObjectMeta.Labels "l${i}" }}, "l${i}"{{ end }}`,
    ).join('')
    const snapshot = snapshotOf(revision({ templates: proxy(`    args: ["x"${forks}]\n`) }), { namespaces })
    const config = snapshot.revisions.get('default')?.config
    if (config === undefined) throw new TypeError('no configuration')
    const labelled = (bits: number): JsonObject => {
      const labels = Object.fromEntries(
        Array.from({ length: 8 }, (_, i) => [`l${i}`, (bits >> i) & 1 ? 'y' : '']),
      )
      return pod({ labels })
    }
    for (let round = 0; round < 3; round++)
      for (let bits = 0; bits < 200; bits++) ask(snapshot, labelled(bits), 'flood')
    const executed = (): number => {
      const before = missesOf(config)
      const object = labelled(255)
      t.same(ask(snapshot, object, 'quiet'), askPlain(snapshot, object, 'quiet'))
      return missesOf(config) - before
    }
    for (let i = 0; i < 3; i++) executed()
    t.equal(executed(), 0)
  },
)
