/** Which pods move with their namespace, which by their own labels, and which stay. */
import fc from 'fast-check'
import t from 'tap'
import { injectUnder, MovedCluster } from '../../../src/analysis/index.ts'
import { inject } from '../../../src/inject/index.ts'
import { pod } from '../../inject/revision-fixture.ts'
import { byLabels, clusterWith } from './preview-fixture.ts'

const cluster = clusterWith({
  legacy: { 'istio-injection': 'enabled' },
  both: { 'istio-injection': 'enabled', 'istio.io/rev': 'canary' },
  tagged: { 'istio.io/rev': 'prod' },
  gone: { 'istio.io/rev': 'old' },
  off: { 'istio-injection': 'disabled', 'istio.io/rev': 'canary' },
  plain: {},
})
const moved = (name = 'canary', named: readonly string[] = []) =>
  new MovedCluster({ name, namespaces: new Set(named) }, cluster, {})

t.test('a namespace that requests injection moves, whatever it requests', async (t) => {
  for (const namespace of ['legacy', 'both', 'tagged', 'gone']) {
    const request = byLabels(pod(), namespace)
    t.equal(moved().askedBy(request), 'namespace', namespace)
    t.match(moved().outcome(request), { kind: 'patched', decided: { revision: 'canary' } }, namespace)
  }
})

t.test('a namespace that requests nothing stays unless it is named', async (t) => {
  for (const [namespace, code] of [
    ['plain', 'no-labels'],
    ['off', 'namespace-disabled'],
    ['nowhere', 'no-labels'],
  ] as const) {
    const request = byLabels(pod(), namespace)
    t.equal(moved().askedBy(request), 'nobody')
    t.match(moved().outcome(request), { kind: 'skipped', code })
    t.same(moved().changes(namespace), [])
    const named = moved('canary', [namespace])
    t.equal(named.askedBy(request), 'namespace')
    t.match(named.outcome(request), { kind: 'patched', decided: { revision: 'canary' } })
  }
})

t.test('a pod that requests injection by its own labels moves through its own labels', async (t) => {
  for (const labels of [
    { 'istio.io/rev': 'prod' },
    { 'istio.io/rev': 'old' },
    { 'sidecar.istio.io/inject': 'true' },
  ]) {
    const request = byLabels(pod({ labels }), 'plain')
    t.equal(moved().askedBy(request), 'pod')
    t.match(moved().outcome(request), { kind: 'patched', decided: { revision: 'canary' } })
    t.equal(moved().labels(request).pod['istio.io/rev'], 'canary')
    t.equal(moved().labels(request).namespace.get('istio.io/rev'), undefined)
  }
})

t.test('a pod that opted out stays without a sidecar in a namespace that moves', async (t) => {
  const request = byLabels(pod({ labels: { 'sidecar.istio.io/inject': 'false' } }), 'legacy')
  t.match(moved().outcome(request), { kind: 'skipped', code: 'pod-opted-out' })
})

t.test('namespaces enabled by default count as requesting injection, system namespaces never', async (t) => {
  const byDefault = {
    ...clusterWith({ plain: {}, 'kube-system': { 'kubernetes.io/metadata.name': 'kube-system' } }),
    enableNamespacesByDefault: true,
  }
  const after = new MovedCluster({ name: 'canary', namespaces: new Set() }, byDefault, {})
  t.match(after.outcome(byLabels(pod(), 'plain')), { kind: 'patched', decided: { revision: 'canary' } })
  t.match(after.outcome(byLabels(pod(), 'kube-system')), { kind: 'skipped', code: 'system-namespace' })
  const { revisions, ...rest } = byDefault
  const without = { ...rest, revisions: new Map([...revisions].filter(([name]) => name !== 'default')) }
  const nothing = new MovedCluster({ name: 'canary', namespaces: new Set() }, without, {})
  t.equal(nothing.askedBy(byLabels(pod(), 'plain')), 'nobody')
})

t.test('the changes to the labels of a namespace are listed', async (t) => {
  const changes = (namespace: string, name = 'canary') =>
    moved(name)
      .changes(namespace)
      .map((change) => [change.name, change.from, change.to])
  t.same(changes('legacy'), [
    ['istio-injection', 'enabled', undefined],
    ['istio.io/rev', undefined, 'canary'],
  ])
  t.same(changes('both'), [['istio-injection', 'enabled', undefined]])
  t.same(changes('tagged'), [['istio.io/rev', 'prod', 'canary']])
  t.same(changes('tagged', 'prod'), [])
})

t.test('a namespace whose labels lead to the target already keeps them', async (t) => {
  for (const namespace of ['legacy', 'both', 'tagged']) {
    const request = byLabels(pod(), namespace)
    const there = moved('default', [namespace])
    t.same(there.changes(namespace), [], namespace)
    t.equal(there.askedBy(request), 'namespace')
    t.same(there.labels(request).namespace, cluster.namespaces.get(namespace)?.labels)
    t.same(there.outcome(request), inject(request, cluster), namespace)
  }
  // A tag is not the revision that it points to.
  t.not(moved('prod').changes('legacy').length, 0)
  t.not(moved('default').changes('gone').length, 0)
})

t.test(
  'where namespaces are injected by default, a pod that chooses another revision moves by itself',
  async (t) => {
    const byDefault = { ...clusterWith({ plain: {} }), enableNamespacesByDefault: true }
    const after = new MovedCluster({ name: 'default', namespaces: new Set() }, byDefault, {})
    const follows = byLabels(pod(), 'plain')
    const leaves = byLabels(pod({ labels: { 'istio.io/rev': 'canary' } }), 'plain')
    t.same(after.changes('plain'), [])
    t.equal(after.askedBy(follows), 'namespace')
    t.equal(after.askedBy(leaves), 'pod')
    t.match(after.outcome(leaves), { kind: 'patched', decided: { revision: 'default' } })
    t.equal(after.labels(leaves).pod['istio.io/rev'], 'default')
  },
)

t.test('a tag leads to its revision, and an unknown name is a fault', async (t) => {
  t.match(moved('prod').outcome(byLabels(pod(), 'legacy')), {
    kind: 'patched',
    decided: { revision: 'default', tag: 'prod' },
  })
  t.match(injectUnder('nothing', byLabels(pod()), { snapshot: cluster, options: {} }), {
    kind: 'fault',
    code: 'revision-unknown',
  })
})

const label = fc.constantFrom(undefined, 'enabled', 'disabled')
const rev = fc.constantFrom(undefined, 'canary', 'prod', 'old')
const target = fc.constantFrom('native', 'default', 'prod')
const own = fc.constantFrom(undefined, 'true', 'false', 'yes')
const present = (labels: { [name: string]: string | undefined }) =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )

t.test(
  'for all labels, a pod injected after a move gets the same as by the path of that revision',
  async () => {
    fc.assert(
      fc.property(
        label,
        rev,
        own,
        rev,
        fc.boolean(),
        target,
        (injection, onNamespace, inOut, onPod, named, to) => {
          const snapshot = clusterWith({
            shop: present({ 'istio-injection': injection, 'istio.io/rev': onNamespace }),
          })
          const request = byLabels(
            pod({ labels: present({ 'sidecar.istio.io/inject': inOut, 'istio.io/rev': onPod }) }),
          )
          const after = new MovedCluster(
            { name: to, namespaces: new Set(named ? ['shop'] : []) },
            snapshot,
            {},
          )
          const outcome = after.outcome(request)
          const asked = after.askedBy(request) !== 'nobody' && inOut !== 'false'
          const expected = asked
            ? injectUnder(to, request, { snapshot, options: {} })
            : inject(request, snapshot)
          t.equal(outcome.kind, expected.kind)
          t.equal(outcome.kind === 'patched', asked)
          if (outcome.kind === 'patched' && expected.kind === 'patched') t.same(outcome.pod, expected.pod)
        },
      ),
    )
  },
)
