/** Rollouts as a step of the decision: from the cluster's objects to outcomes, cached answers and reports. */
import t from 'tap'
import { type InjectionRequest, inject } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import type { BuiltSnapshot, ClusterObject } from '../../src/revisions/index.ts'
import { percentThatIncludes, slotOf } from '../../src/rollout/index.ts'
import { pod, requestFor } from '../inject/revision-fixture.ts'
import { build, codesOf, namespace, object, revision } from '../revisions/cluster-objects.ts'
import { withAndWithoutCache } from '../server/with-and-without-cache.ts'

const mesh = (name: string) => `defaultConfig: {discoveryAddress: "istiod-${name}.istio-system.svc:15012"}\n`
const NAMESPACES = [
  namespace('shop', { 'istio.io/rev': 'old' }),
  namespace('legacy', { 'istio-injection': 'enabled' }),
  namespace('tagged', { 'istio.io/rev': 'prod' }),
  namespace('free'),
]
const TAG = object(
  'admissionregistration.k8s.io/v1',
  'MutatingWebhookConfiguration',
  { name: 'istio-revision-tag-prod', labels: { 'istio.io/tag': 'prod', 'istio.io/rev': 'old' } },
  { webhooks: [{ name: 'rev.namespace.sidecar-injector.istio.io', clientConfig: {} }] },
)
const OLD = revision('old', { mesh: mesh('old') })
const NEW = revision('new', { mesh: mesh('new') })
const BASE = [...NAMESPACES, TAG, ...revision('default'), ...OLD, ...NEW]

function rollout(spec: JsonObject = {}, name = 'to-new'): ClusterObject {
  return object(
    'remora.dev/v1alpha1',
    'RevisionRollout',
    { name },
    { spec: { from: { revision: 'old' }, to: { revision: 'new' }, percent: 100, ...spec } },
  )
}

function decide(built: BuiltSnapshot, request: Partial<InjectionRequest> = {}, sent = pod()) {
  const outcome = inject(requestFor(sent, { target: { by: 'labels' }, ...request }), built.snapshot)
  return {
    kind: outcome.kind,
    code: outcome.code,
    revision: outcome.decided?.revision,
    result: outcome.decided?.rollout?.result,
    notes: outcome.notes.map(({ code }) => code).filter((code) => code.startsWith('rollout')),
    version: outcome.decided?.configuration,
  }
}

t.test('a rollout moves pods of the revision, the tag or the default revision', async (t) => {
  const moved = { kind: 'patched', revision: 'new', result: 'moved', notes: ['rollout-moved'] }
  const all = build([...BASE, rollout()])
  t.same(codesOf(all), [])
  t.match(decide(all), moved)
  t.match(decide(all, { namespace: 'tagged' }), moved, 'the tag points to the revision')
  t.match(decide(all, { target: { by: 'revision', name: 'old' } }), moved, 'by path')
  t.match(decide(all, { namespace: 'legacy' }), { revision: 'default', result: undefined })
  t.match(decide(all, { namespace: 'free' }), { kind: 'skipped', revision: undefined })

  const tag = build([...BASE, rollout({ from: { tag: 'prod' } })])
  t.match(decide(tag, { namespace: 'tagged' }), moved)
  t.match(decide(tag), { revision: 'old', result: undefined }, 'the same revision, not by the tag')

  const installed = build([...BASE, rollout({ from: { revision: 'default' } })])
  t.match(decide(installed, { namespace: 'legacy' }), moved)
})

t.test('the slot decides whether a pod moves, and the outcome names slot and share', async (t) => {
  const slot = slotOf('to-new', { namespace: 'shop', group: '', kind: 'Pod', name: 'web' })
  const share = Number(percentThatIncludes(slot))
  const at = (percent: number) => build([...BASE, rollout({ percent: percent.toFixed(2) })])
  t.match(decide(at(share)), { revision: 'new', result: 'moved' })
  t.match(decide(at(share - 0.01)), { revision: 'old', result: 'not-chosen', notes: [] })
  const request = requestFor(pod(), { target: { by: 'labels' } })
  const { decided, notes } = inject(request, at(share).snapshot)
  t.same(decided?.rollout, { name: 'to-new', slot, share: slot + 1, from: 'old', result: 'moved' })
  t.match(notes.find(({ code }) => code === 'rollout-moved')?.message, `slot ${slot} of 10000`)
})

t.test('pinned pods, opt-outs and gateways are not moved', async (t) => {
  const all = build([...BASE, rollout()])
  const labelled = (name: string) => pod({ labels: { 'istio.io/rev': name } })
  t.match(
    decide(all, { namespace: 'free' }, labelled('old')),
    { revision: 'old', result: undefined },
    'pinned',
  )
  t.match(decide(all, { namespace: 'free' }, labelled('prod')), { revision: 'new', result: 'moved' }, 'a tag')
  t.match(decide(all, {}, labelled('old')), { revision: 'new' }, "the namespace's label decides")
  const out = pod({ labels: { 'sidecar.istio.io/inject': 'false' } })
  t.match(decide(all, {}, out), { kind: 'skipped', result: undefined })
  const gateway = pod({ annotations: { 'inject.istio.io/templates': 'gateway' } })
  t.match(decide(all, {}, gateway), { revision: 'old', result: undefined })
  t.match(decide(build([...BASE, rollout({ gateways: 'include' })]), {}, gateway), { result: 'moved' })
})

t.test('a target that cannot serve gets no pods', async (t) => {
  const fell = { kind: 'patched', revision: 'old', result: 'fell-back', notes: ['rollout-fell-back'] }
  const broken = revision('new', { template: '{{ nonsense }}' })
  const without = build([...NAMESPACES, ...OLD, rollout()])
  t.match(decide(without), fell, 'not installed')
  t.same(codesOf(without), ['rollout-target-not-serving'])
  t.match(decide(build([...NAMESPACES, ...OLD, ...broken, rollout()])), fell, 'no usable configuration')

  const service = object(
    'v1',
    'Service',
    { name: 'istiod-new', namespace: 'istio-system' },
    { spec: { selector: { app: 'istiod' } } },
  )
  const slice = (ready: boolean) =>
    object(
      'discovery.k8s.io/v1',
      'EndpointSlice',
      {
        name: 'istiod-new-x',
        namespace: 'istio-system',
        labels: { 'kubernetes.io/service-name': 'istiod-new' },
      },
      { endpoints: [{ conditions: { ready } }] },
    )
  const scaledDown = build([...BASE, service, slice(false), rollout()])
  t.match(decide(scaledDown), fell, 'no ready endpoint')
  t.match(scaledDown.snapshot.problems, [
    { code: 'rollout-target-not-serving', message: /istio-system\/istiod-new/ },
  ])
  t.match(decide(build([...BASE, service, slice(true), rollout()], scaledDown)), { result: 'moved' })
  t.match(decide(build([...BASE, service, rollout()])), { result: 'moved' }, 'nothing is known of endpoints')
})

t.test(
  'if the source is not installed, chosen pods get the target and the others are not affected',
  async (t) => {
    const byPath = { target: { by: 'revision', name: 'old' } } as const
    const all = build([...NAMESPACES, ...NEW, rollout()])
    t.match(decide(all, byPath), { kind: 'patched', revision: 'new', result: 'moved' })
    t.same(codesOf(all), ['rollout-source-unknown'])
    const none = build([...NAMESPACES, ...NEW, rollout({ percent: 0 })])
    t.match(decide(none, byPath), { kind: 'fault', code: 'revision-unknown', result: 'not-chosen' })
    const byTag = { target: { by: 'tag', name: 'gone' } } as const
    t.match(decide(build([...BASE, rollout({ from: { tag: 'gone' } })]), byTag), { result: 'moved' })
    t.match(decide(build([...BASE, rollout({ from: { tag: 'gone' }, percent: 0 })]), byTag), {
      code: 'tag-unknown',
      result: undefined,
    })
  },
)

t.test('an invalid change keeps the last valid rollout', async (t) => {
  const first = build([...BASE, rollout()])
  const second = build([...BASE, rollout({ percent: 101 })], first)
  t.match(decide(second), { result: 'moved' })
  t.match(second.snapshot.problems, [
    { code: 'object-malformed', message: /spec\.percent: expected a percentage/ },
  ])
})

function reviewOf(object: object): string {
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: 'u-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace: 'shop',
      operation: 'CREATE',
      object,
    },
  })
}

t.test('cached answers follow the rollout', async (t) => {
  const body = (name: string) => reviewOf(pod({ name: '', generateName: name }))
  const broken = revision('new', { template: '{{ nonsense }}' })
  const gateway = revision('old', { mesh: mesh('old') })
  const names = Array.from({ length: 8 }, (_, i) => `web-${i}-`)
  let built = build([...BASE, rollout({ percent: 0 })])
  const answering = withAndWithoutCache(built.snapshot)
  const revisions = new Set<string>()
  const states: readonly (readonly ClusterObject[])[] = [
    [...BASE, rollout({ percent: 0 })],
    [...BASE, rollout({ percent: 50 })],
    [...BASE, rollout({ percent: 100 })],
    [...BASE, rollout({ percent: 50 })],
    [...NAMESPACES, ...OLD, ...broken, rollout({ percent: 50 })],
    [...NAMESPACES, ...OLD, rollout({ percent: 100 })],
    [...NAMESPACES, ...gateway, ...NEW, rollout({ percent: 100 })],
    BASE,
  ]
  for (const objects of states) {
    built = build(objects, built)
    answering.snapshot = built.snapshot
    for (const name of [...names, ...names, ...names]) {
      const { plain, fast } = answering.ask(body(name))
      t.same(fast, plain, `${name} with ${built.snapshot.rollouts?.[0]?.rollout.slots} slots`)
      revisions.add(String(plain.counted?.revision))
    }
  }
  t.same([...revisions].sort(), ['new', 'old'])
  t.ok(answering.cache.counts.hits > 20, 'answers were cached')
})

t.test('log, audit annotation and metrics name the rollout', async (t) => {
  const { snapshot } = build([...BASE, rollout()])
  const { plain } = withAndWithoutCache(snapshot).ask(reviewOf(pod()))
  const slot = slotOf('to-new', { namespace: 'shop', group: '', kind: 'Pod', name: 'web' })
  t.match(plain.line, {
    revision: 'new',
    rollout: { name: 'to-new', result: 'moved', from: 'old', slot },
    notes: ['rollout-moved'],
  })
  t.match(plain.counted, { revision: 'new', rollout: { name: 'to-new', result: 'moved' } })
  t.equal(
    JSON.parse(plain.body).response.auditAnnotations.rollout,
    `to-new: moved from old, slot ${slot}, 100%`,
  )
})
