/** Every state of the ledger, the templates of pods, rollouts in progress, and workloads without pods. */
import t from 'tap'
import {
  countStates,
  isStateCode,
  Ledger,
  type LedgerFacts,
  type PodState,
  sumPairs,
  WorkloadObjects,
} from '../../src/dataplane/index.ts'
import type { Snapshot } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { metadataOf, objectAt, specOf } from '../../src/kube/index.ts'
import { storePod } from './api-server.ts'
import { clusterWith, template } from './cluster.ts'
import { injection } from './inject-template.ts'

const snapshot = clusterWith({})
const SERVICES = new Set(['istio-system/istiod'])

function ledgerOf(
  objects: readonly JsonObject[],
  pods: readonly JsonObject[],
  facts: Partial<LedgerFacts> = {},
): Ledger {
  const workloads = new WorkloadObjects()
  for (const object of objects) workloads.add(object)
  const ledger = new Ledger(
    { snapshot, options: {}, services: SERVICES, changedMs: () => undefined, ...facts },
    workloads,
  )
  for (const pod of pods) ledger.set(pod)
  return ledger
}

function only(ledger: Ledger): PodState {
  const [entry] = ledger.pods()
  if (entry === undefined) throw new Error('no pod')
  return entry.state
}

/** The template without what makes it a pod. */
const podTemplate = (annotations: JsonObject = {}): JsonObject => {
  const { labels } = metadataOf(template())
  return { metadata: { labels: labels ?? {}, annotations }, spec: specOf(template()) }
}

const workload = (kind: string, name: string, spec: JsonObject, more: JsonObject = {}): JsonObject => ({
  apiVersion: kind === 'Job' || kind === 'CronJob' ? 'batch/v1' : 'apps/v1',
  kind,
  metadata: { name, namespace: 'shop', ...objectAt(more, 'metadata') },
  spec,
  ...(more['status'] !== undefined && { status: more['status'] }),
})

const controlledBy = (kind: string, name: string) => ({
  metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: '1', controller: true }] },
})

const deployment = (spec: JsonObject = {}, status: JsonObject = {}) =>
  workload('Deployment', 'web', { template: podTemplate(), ...spec }, { status })
const replicaSet = (annotations: JsonObject = {}, status: JsonObject = {}) =>
  workload(
    'ReplicaSet',
    'web-abc',
    { template: podTemplate(annotations) },
    { ...controlledBy('Deployment', 'web'), status },
  )

function running(from: JsonObject = template(), cluster: Snapshot = snapshot): JsonObject {
  return storePod(injection(from, cluster))
}

const withMetadata = (pod: JsonObject, changes: JsonObject): JsonObject => ({
  ...pod,
  metadata: { ...metadataOf(pod), ...changes },
})

t.test('each state of a pod is recognised', async (t) => {
  const owned = [deployment(), replicaSet()]
  const plain = storePod(template())
  const none: Snapshot = { ...snapshot, namespaces: new Map() }
  const renamed: Snapshot = {
    ...snapshot,
    namespaces: new Map([['shop', { labels: new Map([['istio.io/rev', 'gone']]), annotations: new Map() }]]),
  }
  const old = clusterWith({ values: { 'global.tag': '1.30.9' } })
  const states: readonly (readonly [string, PodState])[] = [
    ['current', only(ledgerOf(owned, [running()]))],
    ['stale', only(ledgerOf(owned, [running(template(), old)]))],
    ['missing', only(ledgerOf(owned, [plain]))],
    ['unexpected', only(ledgerOf(owned, [running()], { snapshot: none }))],
    ['unserved', only(ledgerOf(owned, [plain], { snapshot: renamed }))],
    ['orphaned', only(ledgerOf(owned, [running()], { services: new Set() }))],
    ['orphaned', only(ledgerOf(owned, [running()], { snapshot: { ...renamed, revisions: new Map() } }))],
    ['outside', only(ledgerOf(owned, [plain], { snapshot: none }))],
    ['finished', only(ledgerOf(owned, [{ ...running(), status: { phase: 'Succeeded' } }]))],
    [
      'finished',
      only(ledgerOf(owned, [withMetadata(running(), { deletionTimestamp: '2026-01-01T00:00:00Z' })])),
    ],
    ['unknown', only(ledgerOf(owned, [running()], { unreadable: 'configmaps in istio-system: get' }))],
  ]
  for (const [code, state] of states) t.equal(state.kind, code, JSON.stringify(state))
  t.ok(isStateCode('altered') && !isStateCode('constructor'))
  const refused = replicaSet({ 'traffic.sidecar.istio.io/excludeInboundPorts': 'x' })
  t.match(only(ledgerOf([refused], [running()])), { kind: 'unknown', reason: 'next-pod-refused' })
})

t.test('a missing sidecar has a cause with its evidence', async (t) => {
  const plain = storePod(template())
  const cause = (webhooks: LedgerFacts['webhooks'], pod = plain) =>
    only(ledgerOf([replicaSet()], [pod], webhooks === undefined ? {} : { webhooks }))
  const later = Date.parse('2026-01-03T00:00:00Z')
  const known = { isCalled: () => true, createdMs: () => 0, labelledMs: () => 0 }
  t.match(cause(undefined), { cause: 'not-known', certainty: 'not-known' })
  t.match(cause(known), { cause: 'not-known' })
  t.match(cause({ ...known, isCalled: () => false }), { cause: 'no-webhook-matches', certainty: 'certain' })
  t.match(cause({ ...known, createdMs: () => later }), {
    cause: 'created-before-webhook',
    certainty: 'certain',
  })
  t.match(cause({ ...known, labelledMs: () => later }), {
    cause: 'created-before-label',
    certainty: 'likely',
    evidence: /2026-01-03T00:00:00Z/,
  })
  const optedOut = withMetadata(plain, { annotations: { 'sidecar.istio.io/inject': 'false' } })
  t.match(cause(known, optedOut), { cause: 'opted-out-then', certainty: 'certain' })
})

t.test('a pod is compared with the template that it was created from', async (t) => {
  const newer = { template: podTemplate({ 'sidecar.istio.io/proxyMemory': '99Mi' }) }
  const waits = (spec: JsonObject, status: JsonObject = {}) =>
    only(ledgerOf([deployment({ ...newer, ...spec }, status), replicaSet()], [running()]))
  t.match(waits({}), { kind: 'rolling', wait: 'in-progress', beneath: { kind: 'current' } })
  t.match(waits({ paused: true }), { kind: 'rolling', wait: 'paused' })
  const exceeded = {
    conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
  }
  t.match(waits({}, exceeded), { kind: 'rolling', wait: 'deadline-exceeded' })

  const ofSet = (kind: string) => {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind, name: 'web', uid: '1', controller: true }]
    const pod = withMetadata(template(), { name: 'web-1', generateName: 'web-', ownerReferences })
    const labels = { ...objectAt(metadataOf(pod), 'labels'), 'controller-revision-hash': 'web-1' }
    return running(withMetadata(pod, { labels }))
  }
  const revision = (name: string, number: number, annotations: JsonObject, kind: string) => ({
    ...workload('ControllerRevision', name, {}, controlledBy(kind, 'web')),
    revision: number,
    data: { spec: { template: { ...podTemplate(annotations), $patch: 'replace' } } },
  })
  const set = (kind: string, updateStrategy: JsonObject) => [
    workload(kind, 'web', { template: newer.template, updateStrategy }),
    revision('web-2', 2, { 'sidecar.istio.io/proxyMemory': '99Mi' }, kind),
    revision('web-1', 1, {}, kind),
  ]
  t.match(only(ledgerOf(set('StatefulSet', { rollingUpdate: { partition: 2 } }), [ofSet('StatefulSet')])), {
    kind: 'rolling',
    wait: 'partition',
    beneath: { kind: 'current' },
  })
  t.match(only(ledgerOf(set('StatefulSet', { rollingUpdate: { partition: 1 } }), [ofSet('StatefulSet')])), {
    wait: 'in-progress',
  })
  t.match(only(ledgerOf(set('DaemonSet', { type: 'OnDelete' }), [ofSet('DaemonSet')])), { wait: 'on-delete' })
  // Nothing is known of its owner: the pod itself with its injection undone.
  t.equal(only(ledgerOf([], [running()])).kind, 'current')
  const rollout = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'web', namespace: 'shop' },
  }
  const [entry] = ledgerOf(
    [
      { ...rollout, spec: { template: podTemplate() } },
      workload(
        'ReplicaSet',
        'web-abc',
        { template: podTemplate() },
        {
          metadata: { ownerReferences: [{ ...rollout, name: 'web', uid: '1', controller: true }] },
        },
      ),
    ],
    [running()],
  ).pods()
  t.match(entry, { workload: { group: 'argoproj.io', kind: 'Rollout' }, state: { kind: 'current' } })
})

t.test('another writer is recognised by a newer pod that carries its change', async (t) => {
  const sized = (pod: JsonObject, name: string, created: string): JsonObject => {
    const [first, ...rest] = [...((specOf(pod)['initContainers'] as readonly JsonObject[]) ?? [])].reverse() // istio-proxy is last
    const proxy = { ...first, resources: { requests: { cpu: '7m' } } }
    return {
      ...withMetadata(pod, { name, creationTimestamp: created }),
      spec: { ...specOf(pod), initContainers: [...rest.reverse(), proxy] },
    }
  }
  const changed = Date.parse('2026-02-01T00:00:00Z')
  const before = sized(running(), 'a', '2026-01-02T00:00:00Z')
  const after = sized(running(), 'b', '2026-02-02T00:00:00Z')
  const facts = { changedMs: () => changed }
  t.equal(only(ledgerOf([replicaSet()], [before], facts)).kind, 'stale')
  const both = ledgerOf([replicaSet()], [before, after], facts).pods()
  t.same(
    both.map(({ state }) => state.kind),
    ['altered', 'altered'],
  )
})

t.test('workloads without pods are reported with what a new pod would get', async (t) => {
  const failing = {
    conditions: [{ type: 'ReplicaFailure', status: 'True', lastTransitionTime: '2026-01-05T00:00:00Z' }],
  }
  const bad = { 'traffic.sidecar.istio.io/excludeInboundPorts': 'x' }
  const ledger = ledgerOf(
    [
      deployment({ template: podTemplate(bad), replicas: 1 }),
      replicaSet(bad, failing),
      workload('CronJob', 'nightly', { jobTemplate: { spec: { template: podTemplate() } } }),
      workload('Job', 'done', { template: podTemplate() }, { status: { completionTime: 'x' } }),
    ],
    [],
  )
  const found = ledger.workloads().map(({ workload, next, state }) => ({ name: workload.name, next, state }))
  t.match(found, [
    { name: 'nightly', next: { kind: 'sidecar', revision: 'default' }, state: undefined },
    { name: 'web', next: { kind: 'refused', code: 'annotation-invalid', since: '2026-01-05T00:00:00Z' } },
  ])
  t.equal(found.length, 2)
})

t.test('gateways that were not injected are assessed by revision, image and control plane', async (t) => {
  const gateway = (image: string, args = ['proxy', 'router']): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'gw', namespace: 'edge', annotations: { 'istio.io/rev': 'default' } },
    spec: { containers: [{ name: 'istio-proxy', image, args }] },
    status: { phase: 'Running' },
  })
  const state = (pod: JsonObject, facts: Partial<LedgerFacts> = {}) => ledgerOf([], [pod], facts).pods()[0]
  t.match(state(gateway('hub.example.com/proxyv2:1.30.3')), {
    proxy: 'ready-made-gateway',
    state: { kind: 'current' },
  })
  t.match(state(gateway('istio/proxyv2:1.29.0', ['proxy', 'waypoint'])), {
    proxy: 'waypoint',
    state: { kind: 'stale', causes: ['proxy-image'] },
  })
  t.match(state(gateway('istio/proxyv2:1.30.3'), { services: new Set() }), { state: { kind: 'orphaned' } })
  t.match(
    state(gateway('istio/proxyv2:1.30.3'), {
      snapshot: { ...snapshot, revisions: new Map() },
      services: SERVICES,
    }),
    {
      state: { kind: 'unserved', asked: 'default' },
    },
  )
})

t.test('finished and deleted pods are not counted', async (t) => {
  const done = { ...withMetadata(running(), { name: 'done' }), status: { phase: 'Failed' } }
  const ledger = ledgerOf(
    [replicaSet()],
    [running(), done, withMetadata(storePod(template()), { name: 'plain' })],
  )
  const pods = ledger.pods()
  t.same(sumPairs(pods), [
    { actual: 'default', desired: 'default', pods: 1 },
    { actual: undefined, desired: 'default', pods: 1 },
  ])
  t.same(
    [...countStates(pods)],
    [
      ['missing', 1],
      ['current', 1],
      ['finished', 1],
    ],
  )
  ledger.delete('shop', 'plain')
  t.equal(ledger.pods().length, 2)
})
