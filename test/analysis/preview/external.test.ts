/** Workloads of an external control plane are named and never reported as having no sidecar. */
import t from 'tap'
import { kindsOf } from '../../../src/analysis/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { byLabels, clusterWith, previewOf } from './preview-fixture.ts'

const webhook = (revision: string, clientConfig: JsonObject): JsonObject => ({
  metadata: { name: `injector-${revision}`, labels: { 'istio.io/rev': revision } },
  webhooks: [
    {
      name: 'namespace.sidecar-injector.istio.io',
      clientConfig,
      rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods'] }],
      namespaceSelector: { matchLabels: { 'istio.io/rev': revision } },
    },
  ],
})
const webhooks = [
  webhook('managed', { url: 'https://mesh.example.com/inject' }),
  webhook('canary', { service: { name: 'istiod-canary', namespace: 'istio-system', path: '/inject' } }),
]
const snapshot = {
  ...clusterWith({ shop: { 'istio.io/rev': 'managed' }, lost: { 'istio.io/rev': 'gone' }, plain: {} }),
  external: new Map([['managed', 'https://mesh.example.com/inject']]),
}
const pod = (labels: JsonObject = {}, spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels },
  spec: { containers: [{ name: 'web', image: 'web:1' }], ...spec },
})

t.test('pods injected by an external control plane move, with unknown changes', async (t) => {
  const report = previewOf(
    {
      web: byLabels(pod()),
      host: byLabels(pod({}, { hostNetwork: true })),
      lost: byLabels(pod(), 'lost'),
      plain: byLabels(pod(), 'plain'),
    },
    snapshot,
    { webhooks },
  )
  t.same(
    report.workloads.map(({ title, verdict, before }) => [title, verdict, before.code]),
    [
      ['web', 'moved', 'revision-external'],
      ['host', 'moved', 'revision-external'],
      ['lost', 'gained', 'revision-not-installed'],
      ['plain', 'none', 'no-labels'],
    ],
  )
  t.same(report.counts.moved, 2)
  t.same(
    report.workloads.map((one) => [...kindsOf(one)]),
    [['moved', 'changed'], ['moved', 'changed'], ['gained', 'changed'], []],
  )
  t.match(
    report.transitions.find(({ verdict }) => verdict === 'moved')?.message,
    /https:\/\/mesh.example.com\/inject for revision managed/,
  )
})

t.test('a workload without injection labels stays with the external webhook that matches it', async (t) => {
  const everywhere = { ...webhook('managed', { url: 'https://mesh.example.com/inject' }) }
  const all = {
    ...everywhere,
    webhooks: [{ ...(everywhere['webhooks'] as JsonObject[])[0], namespaceSelector: {} }],
  }
  const report = previewOf({ plain: byLabels(pod(), 'plain') }, snapshot, { webhooks: [all] })
  t.match(report.workloads, [
    { verdict: 'external', before: { kind: 'external' }, after: { kind: 'external' } },
  ])
  t.same(
    report.workloads.flatMap((one) => [...kindsOf(one)]),
    [],
  )
})
