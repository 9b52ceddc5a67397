/** A whole preview: every verdict with its groups and kinds, compared with the core. */
import fc from 'fast-check'
import t from 'tap'
import { injectUnder, kindsOf, type PreviewReport } from '../../../src/analysis/index.ts'
import { inject } from '../../../src/inject/index.ts'
import { equalJson, type JsonObject } from '../../../src/json/index.ts'
import { pod } from '../../inject/revision-fixture.ts'
import { byLabels, clusterWith, previewOf, titles } from './preview-fixture.ts'

const cluster = clusterWith({
  shop: { 'istio-injection': 'enabled' },
  new: { 'istio.io/rev': 'canary' },
  plain: {},
})
const host = pod({}, { hostNetwork: true })
const bad = pod({ annotations: { 'status.sidecar.istio.io/port': 'nine' } })

const verdicts = ({ workloads }: PreviewReport) =>
  Object.fromEntries(workloads.map(({ title, verdict }) => [title, verdict]))
const kinds = ({ workloads }: PreviewReport) =>
  Object.fromEntries(workloads.map((one) => [one.title, [...kindsOf(one)].sort()]))

t.test('shared differences are separated from individual ones for each revision', async (t) => {
  const report = previewOf(
    {
      a: byLabels(pod()),
      b: byLabels(pod({ annotations: { 'sidecar.istio.io/rewriteAppHTTPProbers': 'false' } })),
      c: byLabels(pod(), 'new'),
      d: byLabels(pod(), 'plain'),
      e: byLabels(host),
    },
    cluster,
  )
  t.same(verdicts(report), { a: 'changed', b: 'changed', c: 'same', d: 'none', e: 'none' })
  t.match(report.counts, { changed: 2, same: 1, none: 2, refused: 0 })
  const [first, second] = report.moves
  t.match(first, { before: { revision: 'default', istioVersion: '1.30.3' }, after: { revision: 'canary' } })
  t.same(titles(first?.changed ?? []), ['a', 'b'])
  t.match(first?.groups, [{ holders: [{ title: 'a' }, { title: 'b' }] }])
  t.same(
    first?.groups[0]?.changes.map(({ path }) => path).filter((path) => path.startsWith('spec')),
    ['spec.containers[istio-proxy].image', 'spec.containers[istio-proxy].env[REV].value'],
  )
  t.same(titles(second?.same ?? []), ['c'])
  t.match(report.transitions, [
    { verdict: 'none', before: 'no-labels', after: 'no-labels' },
    { verdict: 'none', before: 'host-network', after: 'host-network' },
  ])
  t.same(
    report.labels.map(({ namespace }) => namespace),
    ['shop'],
  )
  t.same(kinds(report), {
    a: ['changed', 'env', 'image', 'metadata'],
    b: ['changed', 'env', 'image', 'metadata'],
    c: [],
    d: [],
    e: [],
  })
})

t.test('new failures, existing failures and fixes are distinguished', async (t) => {
  const workloads = { a: byLabels(pod()), b: byLabels(bad) }
  const broken = previewOf(workloads, cluster, { to: 'broken' })
  t.same(verdicts(broken), { a: 'refused', b: 'failing' })
  t.match(broken.failures, [
    { verdict: 'refused', code: 'template-failed', before: 'injected', reasons: [{ message: /never/ }] },
    {
      verdict: 'failing',
      code: 'annotation-invalid',
      before: 'annotation-invalid',
      reasons: [{ message: /nine/ }],
    },
  ])
  t.same(kinds(broken), { a: ['changed', 'failing', 'refused'], b: ['failing'] })
  const back = previewOf({ a: byLabels(pod()) }, cluster, { from: 'broken', to: 'canary' })
  t.same(verdicts(back), { a: 'fixed' })
  t.same(kinds(back), { a: ['changed', 'fixed'] })
})

t.test('a revision without a configuration is a fault for all workloads that would move', async (t) => {
  const revisions = new Map([
    ...cluster.revisions,
    ['half', { name: 'half', namespace: 'i', config: undefined }],
  ])
  const report = previewOf(
    { a: byLabels(pod()), d: byLabels(pod(), 'plain') },
    { ...cluster, revisions },
    { to: 'half' },
  )
  t.same(verdicts(report), { a: 'fault', d: 'none' })
  t.match(report.failures, [{ verdict: 'fault', code: 'revision-unusable' }])
  t.same(kinds(report), { a: ['changed', 'failing', 'fault'], d: [] })
})

t.test('workloads that would lose or gain a sidecar are listed', async (t) => {
  const never = { ...cluster, revisions: new Map(cluster.revisions) }
  const canary = never.revisions.get('canary')
  if (canary?.config === undefined) throw new Error('it serves')
  const config = canary.config.with({ neverInject: [() => true] })
  never.revisions.set('canary', { ...canary, config })
  const report = previewOf({ a: byLabels(pod()), c: byLabels(pod(), 'new') }, never)
  t.same(verdicts(report), { a: 'lost', c: 'none' })
  t.match(report.transitions, [{ verdict: 'lost', before: 'injected', after: 'never-inject-selector' }, {}])
  t.same(kinds(report)['a'], ['changed', 'lost'])
  const gained = previewOf({ d: byLabels(pod(), 'plain') }, cluster, { named: ['plain'] })
  t.match(gained.transitions, [{ verdict: 'gained', before: 'no-labels', after: 'injected' }])
  t.same(kinds(gained), { d: ['changed', 'gained'] })
})

t.test('workloads that no webhook of the cluster matches are reported', async (t) => {
  const webhook = (name: string): JsonObject => ({
    metadata: { name: `istio-sidecar-injector-${name}`, labels: { 'istio.io/rev': name } },
    webhooks: [
      {
        name: 'rev.namespace.sidecar-injector.istio.io',
        rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods'] }],
        clientConfig: { service: { name: 'istiod', namespace: 'istio-system', path: '/inject' } },
        namespaceSelector: { matchLabels: { 'istio.io/rev': name } },
      },
    ],
  })
  const workloads = {
    a: byLabels(pod()),
    d: byLabels(pod(), 'plain'),
    out: byLabels(pod({ labels: { 'sidecar.istio.io/inject': 'false' } })),
  }
  const uncalled = (webhooks: readonly JsonObject[]) =>
    titles(previewOf(workloads, cluster, { webhooks }).uncalled)
  t.same(uncalled([webhook('default')]), ['a'])
  t.same(uncalled([webhook('default'), webhook('canary')]), [])
  t.same(uncalled([]), [])
  t.same(
    kinds(previewOf(workloads, cluster, { webhooks: [webhook('default')] }))['a']?.includes('uncalled'),
    true,
  )
})

t.test('notes that the move adds or removes are listed', async (t) => {
  const namespaces = clusterWith({
    shop: { 'istio-injection': 'enabled', 'istio.io/rev': 'canary' },
    plain: {},
  })
  const report = previewOf(
    { a: byLabels(pod()), own: byLabels(pod({ labels: { 'istio.io/rev': 'prod' } }), 'plain') },
    namespaces,
  )
  t.match(report.notes, [{ change: 'gone', code: 'namespace-revision-ignored', workloads: [{ title: 'a' }] }])
  t.equal(report.notes.length, 1)
  t.same(titles(report.ownLabels), ['own'])
  const ignored = previewOf({ a: byLabels(pod({ annotations: { 'istio.io/rev': 'default' } })) }, cluster)
  t.match(ignored.notes, [{ change: 'new', code: 'revision-in-annotation' }])
  t.ok(kinds(ignored)['a']?.includes('note'))
})

t.test('the outcomes before and after agree with the core', async (t) => {
  const workloads = { a: byLabels(pod()), b: byLabels(bad), c: byLabels(pod(), 'new') }
  for (const { title, before, after } of previewOf(workloads, cluster, { to: 'native' }).workloads) {
    const request = workloads[title as keyof typeof workloads] // they are its titles
    t.same(before, inject(request, cluster))
    const { kind, code, ...rest } = injectUnder('native', request, { snapshot: cluster, options: {} })
    t.match(after, { kind, code, ...('pod' in rest && { pod: rest.pod, patch: rest.patch }) })
  }
})

const metadata = fc.record({
  annotations: fc.dictionary(
    fc.constantFrom('cpu', 'status.sidecar.istio.io/port'),
    fc.constantFrom('1', 'nine'),
  ),
  labels: fc.dictionary(
    fc.constantFrom('sidecar.istio.io/inject', 'istio.io/rev'),
    fc.constantFrom('true', 'false', 'old'),
  ),
})
const workload = fc.record({ metadata, namespace: fc.constantFrom('shop', 'new', 'plain', 'nowhere') })

t.test('every workload is listed exactly once, with all of its differences', async (t) => {
  fc.assert(
    fc.property(
      fc.array(workload, { maxLength: 6 }),
      fc.constantFrom('canary', 'native', 'broken', 'prod'),
      (list, to) => {
        const workloads = Object.fromEntries(
          list.map(({ metadata: own, namespace }, i) => [`w${i}`, byLabels(pod(own), namespace)]),
        )
        const report = previewOf(workloads, cluster, { to })
        const placed = [
          ...report.failures.flatMap(({ reasons }) => reasons.flatMap((reason) => titles(reason.workloads))),
          ...report.transitions.flatMap((group) => titles(group.workloads)),
          ...report.moves.flatMap(({ changed, same }) => [...titles(changed), ...titles(same)]),
        ]
        if (placed.toSorted().join() !== Object.keys(workloads).toSorted().join()) return false
        const total = Object.values(report.counts).reduce((sum, count) => sum + count, 0)
        return (
          total === list.length &&
          report.moves.every(({ changed, groups }) =>
            changed.every((one) => {
              const reported = groups
                .filter(({ holders }) => holders.includes(one))
                .flatMap(({ changes }) => changes)
              return (
                reported.length === one.fields.length &&
                one.fields.every(({ path, after }) =>
                  reported.some((other) => other.path === path && equalJson(other.after, after)),
                )
              )
            }),
          )
        )
      },
    ),
  )
  t.pass()
})
