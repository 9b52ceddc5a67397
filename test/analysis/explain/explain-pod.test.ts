import t from 'tap'
import { explainPod, type PodQuestion } from '../../../src/analysis/index.ts'
import type { Snapshot } from '../../../src/inject/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { pod, requestFor, revision, snapshotOf } from '../../inject/revision-fixture.ts'

const RULES = [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods'] }]
const INJECT = 'sidecar.istio.io/inject'

function registration(of: 'remora' | 'istio', name: string, when: string): JsonObject {
  return {
    metadata: {
      name: `${of}-${name}`,
      labels: { [of === 'remora' ? 'remora/revision' : 'istio.io/rev']: name },
    },
    webhooks: [
      {
        name: 'rev.namespace.sidecar-injector.istio.io',
        rules: RULES,
        clientConfig: {
          service: { name: of, namespace: 'mesh', path: of === 'remora' ? `/${name}` : '/inject' },
        },
        namespaceSelector: { matchLabels: { 'istio.io/rev': when } },
        objectSelector: { matchExpressions: [{ key: INJECT, operator: 'NotIn', values: ['false'] }] },
      },
    ],
  }
}

function snapshotWith(labels: { [name: string]: string }): Snapshot {
  const revisions = new Map(
    ['default', 'canary'].map((name) => [
      name,
      { name, namespace: 'istio-system', config: revision({ name, templates: { sidecar: SIDECAR } }) },
    ]),
  )
  const shop = { labels: new Map(Object.entries(labels)), annotations: new Map() }
  return snapshotOf(revision(), { revisions, namespaces: new Map([['shop', shop]]) })
}

const SIDECAR = 'spec: {containers: [{name: istio-proxy, image: "proxy:{{ .Revision }}"}]}'

function explain(webhooks: readonly JsonObject[], labels: { [name: string]: string }, object = pod()) {
  const question: PodQuestion = {
    request: requestFor(object, { target: { by: 'labels' } }),
    webhooks,
    targetOf: (path) => (path === '/inject' ? { by: 'labels' } : { by: 'revision', name: path.slice(1) }),
    options: {},
  }
  return explainPod(question, snapshotWith(labels))
}

t.test("the path of Remora's own webhook determines the requested revision", async (t) => {
  const found = explain([registration('remora', 'canary', 'canary')], { 'istio.io/rev': 'canary' })
  t.match(found, {
    called: true,
    target: { by: 'revision', name: 'canary' },
    result: { kind: 'sidecar', code: 'injected' },
    sidecar: { image: 'proxy:canary', form: 'container' },
  })
  t.same(
    found.alternatives.map(({ revision: name }) => name),
    [undefined],
    'the cluster has no webhook that would call for default',
  )
})

t.test('labels that choose a revision for which no webhook is called are explained', async (t) => {
  const found = explain([registration('remora', 'default', 'default')], { 'istio.io/rev': 'canary' })
  t.match(found, {
    called: false,
    result: { kind: 'no-sidecar', code: 'namespace-not-called', message: /revision canary, but no webhook/ },
    sidecar: undefined,
  })
})

t.test('without webhooks the first stage is unknown, and the second is explained', async (t) => {
  const found = explain([], { 'istio-injection': 'enabled' })
  t.match(found, { called: undefined, result: { code: 'injected' } })
  const opted = explain([], { 'istio-injection': 'enabled' }, pod({ annotations: { [INJECT]: 'false' } }))
  t.match(opted, { policy: { skip: 'inject-annotation-false' } })
  t.match(opted.alternatives[0], {
    revision: 'default',
    changes: [{ on: 'podAnnotations', name: INJECT, from: 'false', to: undefined }],
  })
})

t.test('a refused pod that no label fixes is explained', async (t) => {
  const found = explain([], { 'istio-injection': 'enabled' }, pod({}, { containers: 'none' }))
  t.match(found, { policy: undefined, result: { kind: 'refused', code: 'pod-invalid' }, alternatives: [] })
})

t.test('a revision that is known and unusable is a fault', async (t) => {
  const snapshot = snapshotWith({ 'istio-injection': 'enabled' })
  const broken = new Map(snapshot.revisions).set('default', {
    name: 'default',
    namespace: 'istio-system',
    config: undefined,
  })
  const request = requestFor(pod(), { target: { by: 'labels' } })
  const found = explainPod(
    { request, webhooks: [], targetOf: () => undefined, options: {} },
    { ...snapshot, revisions: broken },
  )
  t.match(found, { result: { kind: 'fault', code: 'revision-unusable' }, policy: undefined })
  t.match(found.alternatives[0], { revision: 'canary' })
})
