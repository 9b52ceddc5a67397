import t from 'tap'
import { isEmptyDocument, splitDocuments } from '../../src/cli/documents.ts'
import { type InjectContext, injectManifest } from '../../src/cli/workloads.ts'
import type { InjectionRequest, Outcome } from '../../src/inject/index.ts'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'

/** Adds a container and an annotation to every pod, and remembers what it was asked. */
function recorder(answer?: Outcome) {
  const requests: InjectionRequest[] = []
  const reports: string[] = []
  const context: InjectContext = {
    target: { by: 'labels' },
    namespace: 'fallback',
    nowMs: 1,
    seed: 2,
    inject(request) {
      requests.push(request)
      // Each pod of this file has both.
      const { metadata, spec } = request.object as {
        metadata?: JsonObject
        spec: { containers: readonly JsonValue[] }
      }
      const pod = {
        ...request.object,
        metadata: { ...metadata, annotations: { injected: 'yes' } },
        spec: { ...spec, containers: [...spec.containers, { name: 'istio-proxy' }] },
      }
      return answer ?? { kind: 'patched', code: 'injected', patch: [], pod, notes: [] }
    },
    report: (subject, outcome) => reports.push(`${subject} ${outcome.code}`),
  }
  return { context, requests, reports }
}

const SPEC = { containers: [{ name: 'web' }] }
const INJECTED = { containers: [{ name: 'web' }, { name: 'istio-proxy' }] }

t.test('every kind of workload is injected in its pod template and unchanged elsewhere', async (t) => {
  for (const [apiVersion, kind] of [
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'StatefulSet'],
    ['apps/v1', 'DaemonSet'],
    ['apps/v1', 'ReplicaSet'],
    ['batch/v1', 'Job'],
    ['v1', 'ReplicationController'],
  ] as const) {
    const { context, requests, reports } = recorder()
    const template = { metadata: { labels: { app: 'web' } }, spec: SPEC }
    const workload = {
      apiVersion,
      kind,
      metadata: { name: 'web', namespace: 'shop' },
      spec: { replicas: 2, template },
    }
    t.same(injectManifest(workload, context), {
      ...workload,
      spec: {
        replicas: 2,
        template: { metadata: { labels: { app: 'web' }, annotations: { injected: 'yes' } }, spec: INJECTED },
      },
    })
    t.match(requests, [
      {
        namespace: 'shop',
        operation: 'CREATE',
        kind: { group: '', version: 'v1', kind: 'Pod' },
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            generateName: 'web-',
            ownerReferences: [{ apiVersion, kind, name: 'web', controller: true }],
          },
        },
      },
    ])
    t.same(reports, [`${kind} shop/web injected`])
  }
})

t.test('a CronJob is injected in its Job’s template, a Pod directly', async (t) => {
  const { context, requests } = recorder()
  const job = { spec: { template: { spec: SPEC } } }
  const cron = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'c' },
    spec: { schedule: '@daily', jobTemplate: job },
  }
  t.match(injectManifest(cron, context), {
    spec: {
      schedule: '@daily',
      jobTemplate: { spec: { template: { spec: INJECTED, metadata: { annotations: {} } } } },
    },
  })
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', generateName: 'own-' }, spec: SPEC }
  t.match(injectManifest(pod, context), { metadata: { name: 'p', generateName: 'own-' }, spec: INJECTED })
  t.equal(requests[0]?.namespace, 'fallback')
  t.equal(requests[1]?.object, pod)
})

t.test(
  "the template's own metadata is restored, and its namespace is the namespace of the pod",
  async (t) => {
    const { context, requests } = recorder()
    const template = {
      kind: 'Pod',
      metadata: { namespace: 'inner', generateName: 'mine-', ownerReferences: [] },
      spec: SPEC,
    }
    const workload = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { template },
    }
    const result = injectManifest(workload, context)
    t.match(result, {
      spec: { template: { kind: 'Pod', metadata: { generateName: 'mine-', ownerReferences: [] } } },
    })
    t.equal(requests[0]?.namespace, 'inner')
  },
)

t.test('Lists are traversed, and other kinds and odd values are unchanged', async (t) => {
  const { context, requests } = recorder()
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: SPEC }
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } }
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: [map, pod, { apiVersion: 'v1', kind: 'List', items: [pod] }],
  }
  t.match(injectManifest(list, context), {
    items: [map, { spec: INJECTED }, { items: [{ spec: INJECTED }] }],
  })
  t.equal(requests.length, 2)
  const untouched: JsonValue[] = [
    map,
    { apiVersion: 'v1', kind: 'List', items: [map] },
    { apiVersion: 'v1', kind: 'List', items: 7 },
    { apiVersion: 'example.com/v1', kind: 'Report', spec: { template: { spec: { pages: 3 } } } },
    { apiVersion: 7, kind: ['Pod'] },
    [],
    null,
    'text',
  ]
  for (const value of untouched) t.equal(injectManifest(value, context), value)
  t.equal(requests.length, 2)
  const own = { apiVersion: 'example.com/v1', kind: 'Worker', spec: { template: { spec: SPEC } } }
  t.match(
    injectManifest(own, context),
    { spec: { template: { spec: INJECTED } } },
    'whatever has a pod template',
  )
  t.equal(requests.length, 3)
})

t.test('unpatched values stay the same objects', async (t) => {
  const workload = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { template: { spec: SPEC } },
  }
  const skipped = recorder({ kind: 'skipped', code: 'no-labels', notes: [] })
  t.equal(injectManifest(workload, skipped.context), workload)
  t.same(skipped.reports, ['Deployment fallback/web no-labels'])
  const empty = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: {} }
  const refused = recorder()
  t.equal(injectManifest(empty, refused.context), empty)
  t.same(refused.reports, ['Deployment fallback/web pod-invalid'])
  t.same(refused.requests, [])
})

t.test('documents keep their texts and lines', async (t) => {
  const text = '# head\n---\na: 1\n\n--- # note\nb: 2\n--- {c: 3}\n---\n\n---\r\nd: |\n  ----\n'
  t.same(splitDocuments(text), [
    { text: '# head\n', line: 1 },
    { text: 'a: 1\n\n', line: 3 },
    { text: ' # note\nb: 2\n', line: 5 },
    { text: ' {c: 3}\n', line: 7 },
    { text: 'd: |\n  ----\n', line: 11 },
  ])
  t.same(splitDocuments(''), [])
  t.same(splitDocuments('{"kind":"Pod"}'), [{ text: '{"kind":"Pod"}\n', line: 1 }])
  t.ok(isEmptyDocument({ text: '# head\n\n  # more\n', line: 1 }))
  t.notOk(isEmptyDocument({ text: '# head\na: 1\n', line: 1 }))
})
