/** Whether a pod that reached the injector is injected. */
import t from 'tap'
import { decidePolicy } from '../../src/inject/policy.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { revision } from './revision-fixture.ts'

const INJECT = 'sidecar.istio.io/inject'

function decide(
  pod: { labels?: JsonObject; annotations?: JsonObject; spec?: JsonObject; namespace?: string },
  config: JsonObject = {},
  version = '1.30.0',
) {
  const { labels = {}, annotations = {}, spec = {}, namespace = 'shop' } = pod
  return decidePolicy({ metadata: { namespace, labels, annotations }, spec }, revision({ version, config }))
}

t.test('host network and ignored namespaces come first', async (t) => {
  t.equal(decide({ spec: { hostNetwork: true }, labels: { [INJECT]: 'true' } }).skip, 'host-network')
  for (const namespace of ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']) {
    t.equal(decide({ namespace }).skip, 'system-namespace')
  }
  t.equal(decide({ namespace: 'istio-system' }).skip, undefined)
})

t.test('label, annotation and policy decide in this order', async (t) => {
  t.equal(decide({}).skip, undefined)
  t.equal(decide({}, { policy: 'disabled' }).skip, 'policy-disabled')
  t.equal(decide({ labels: { [INJECT]: 'true' } }, { policy: 'disabled' }).skip, undefined)
  t.equal(decide({ labels: { [INJECT]: 'false' } }, { policy: 'disabled' }).skip, 'pod-opted-out')
  t.equal(decide({ labels: { [INJECT]: 'false' } }).skip, 'pod-opted-out')
  t.equal(decide({ annotations: { [INJECT]: 'false' } }).skip, 'inject-annotation-false')
  t.equal(decide({ labels: { [INJECT]: 'true' }, annotations: { [INJECT]: 'false' } }).skip, undefined)
  t.equal(
    decide({ labels: { [INJECT]: '' }, annotations: { [INJECT]: 'false' } }).skip,
    undefined,
    'an empty label hides the annotation',
  )
  t.equal(
    decide({ labels: { [INJECT]: 'true' } }, { policy: 'on' }).skip,
    'policy-disabled',
    'an unknown policy injects nothing',
  )
})

t.test('1.27 changed which values count as true', async (t) => {
  t.equal(decide({ labels: { [INJECT]: 'Yes' } }, { policy: 'disabled' }, '1.26.0').skip, undefined)
  t.equal(decide({ labels: { [INJECT]: 'on' } }, { policy: 'disabled' }, '1.26.0').skip, undefined)
  t.equal(decide({ labels: { [INJECT]: 'enabled' } }, {}, '1.26.0').skip, 'pod-opted-out')
  const odd = decide({ labels: { [INJECT]: 'yes' } }, {}, '1.27.0')
  t.equal(odd.skip, undefined)
  t.same(
    odd.notes.map(({ code }) => code),
    ['inject-value-invalid'],
  )
  t.match(decide({ annotations: { [INJECT]: 'no' } }, { policy: 'disabled' }).notes, [
    { message: /annotation/ },
  ])
})

t.test('before 1.12 the label is ignored', async (t) => {
  t.equal(decide({ labels: { [INJECT]: 'false' } }, {}, '1.11.0').skip, undefined)
})

t.test('neverInjectSelector beats alwaysInjectSelector, and the pod’s label beats both', async (t) => {
  const matchLabels = { app: 'web' }
  const config = {
    neverInjectSelector: [{ matchLabels }],
    alwaysInjectSelector: [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }],
    policy: 'disabled',
  }
  t.equal(decide({ labels: { app: 'web' } }, config).skip, 'never-inject-selector')
  t.equal(decide({ labels: { app: 'other' } }, config).skip, undefined)
  t.equal(decide({}, config).skip, 'policy-disabled')
  t.equal(decide({ labels: { app: 'web', [INJECT]: 'true' } }, config).skip, undefined)
  t.equal(
    decide(
      { labels: { app: 'web' } },
      { neverInjectSelector: [{}, { matchExpressions: [{ key: 'app', operator: 'Odd' }] }] },
    ).skip,
    undefined,
    'empty and unusable ones match nothing',
  )
})
