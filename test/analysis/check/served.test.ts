/**
 * Requests that no control plane serves or that are switched off, and running pods, each with a healthy counterpart.
 * The findings of one subject agree with the report of the whole cluster.
 */
import t from 'tap'
import { type ClusterFacts, findAll, findingsOf, rules } from '../../../src/analysis/index.ts'
import { missingRevisions } from '../../../src/cluster/missing.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import type { ClusterObject } from '../../../src/revisions/index.ts'
import { namespace, object } from '../../revisions/cluster-objects.ts'
import {
  checkObjects,
  factsOf,
  healthy,
  install,
  linesOf,
  webhook,
  without,
  workload,
} from './check-fixture.ts'

/** Their lines without the good cluster's. */
const lines = (...more: readonly ClusterObject[]) => linesOf([...healthy, ...more])
const asks = { 'sidecar.istio.io/inject': 'true' }

t.test('labels that no revision serves are found, with the nearest name', async (t) => {
  t.same(
    lines(
      namespace('lost', { 'istio.io/rev': 'canery' }),
      workload('Deployment lost/web', 'lost'),
      workload('Deployment plain/old', 'plain', { labels: { 'istio.io/rev': 'old' } }),
      workload('Deployment plain/yes', 'plain', { labels: { 'sidecar.istio.io/inject': 'yes' } }),
      workload('Deployment plain/typo', 'plain', { labels: { 'sidecar.istio.io/injec': 'true' } }),
      workload('Deployment bank/ok', 'bank', { labels: { 'istio.io/rev': 'canary' } }),
      workload('Deployment plain/none', 'plain'),
    ),
    [
      'error revision-label-unserved -: Namespace lost with 1 workload',
      'error revision-label-unserved -: Deployment plain/old',
      'warning label-misspelt -: Deployment plain/typo',
      'warning annotation-value-ignored -: Deployment plain/yes',
    ],
  )
  const { findings } = checkObjects([...healthy, namespace('lost', { 'istio.io/rev': 'canery' })])
  t.match(findings[0]?.message, /did you mean canary\?/)
})

t.test('a removed version is not reported as misspelt', async (t) => {
  const objects = [...install('1-29-2'), namespace('n', { 'istio.io/rev': '1-27-1' })]
  t.notMatch(checkObjects(objects).findings[0]?.message, /meant/)
})

t.test('a pod that requests injection in a disabled namespace is found', async (t) => {
  const off = namespace('off', { 'istio-injection': 'disabled' })
  t.same(lines(off, workload('Deployment off/web', 'off', { labels: asks })), [
    'warning pod-request-ignored -: Deployment off/web',
  ])
  t.same(lines(off, workload('Deployment off/web', 'off')), [])
})

t.test('a pod that requests injection where nothing is ever injected is found', async (t) => {
  const onNode = {
    labels: asks,
    spec: { hostNetwork: true, containers: [{ name: 'agent', image: 'agent:1' }] },
  }
  const agent = workload('DaemonSet plain/agent', 'plain', onNode)
  t.same(lines(agent), ['warning pod-request-ignored -: DaemonSet plain/agent'])
  const [finding] = checkObjects([...healthy, agent]).findings.filter(
    ({ severity }) => severity === 'warning',
  )
  t.match(finding, { message: /uses the network of its node/, fix: /hostNetwork/ })
  t.same(lines(workload('DaemonSet shop/agent', 'shop', { ...onNode, labels: {} })), [])
  const dns = (labels: JsonObject) => [
    namespace('kube-system'),
    workload('Deployment kube-system/dns', 'kube-system', { labels }),
  ]
  t.same(lines(...dns(asks)), ['warning pod-request-ignored -: Deployment kube-system/dns'])
  t.same(lines(...dns({})), [])
})

t.test(
  'a policy, ambient mode and discoverySelectors that disable a requested injection are found',
  async (t) => {
    const disabled = [
      ...install('x', { config: { policy: 'disabled' } }),
      namespace('a', { 'istio.io/rev': 'x' }),
    ]
    t.same(
      lines(
        ...disabled,
        workload('Deployment a/web', 'a'),
        workload('Deployment a/own', 'a', { labels: asks }),
      ),
      ['warning policy-disables-injection x: Namespace a with 1 workload'],
    )
    const ambient = { 'istio.io/dataplane-mode': 'ambient' }
    t.same(
      lines(
        namespace('both', { ...ambient, 'istio.io/rev': 'canary' }),
        namespace('ambient', ambient),
        workload('Deployment ambient/plain', 'ambient'),
        workload('Deployment shop/web', 'shop', { labels: ambient }),
      ),
      [
        'warning ambient-and-sidecar canary: Namespace both',
        'warning ambient-and-sidecar default: Deployment shop/web',
      ],
    )
    const alone = without(healthy, 'MutatingWebhookConfiguration')
    const own = workload('Deployment ambient/web', 'ambient', { labels: asks })
    t.match(linesOf([...alone, namespace('ambient', ambient), own]), [
      'warning ambient-and-sidecar default: Deployment ambient/web',
      'note webhooks-not-known -: the cluster',
    ])
    const mesh =
      'discoverySelectors:\n- matchLabels: {mesh: "yes"}\ndefaultConfig: {discoveryAddress: istiod-x.istio-system.svc:15012}\n'
    t.same(
      lines(
        ...install('x', { mesh }),
        namespace('in', { 'istio.io/rev': 'x', mesh: 'yes' }),
        namespace('out', { 'istio.io/rev': 'x' }),
      ),
      ['warning namespace-not-discovered x: Namespace out'],
    )
  },
)

t.test('a control plane outside the cluster is named and not checked', async (t) => {
  const managed = webhook({
    name: 'istio-sidecar-injector-managed',
    labels: { 'istio.io/rev': 'managed' },
    service: '',
    namespaceSelector: { matchLabels: { 'istio.io/rev': 'managed' } },
  })
  const configuration = managed.object as { webhooks: { clientConfig: object }[] } // as the fixture makes it
  const [first] = configuration.webhooks
  if (first !== undefined) first.clientConfig = { url: 'https://mesh.example.com/inject' }
  const all = [managed, namespace('n', { 'istio.io/rev': 'managed' }), workload('Deployment n/web', 'n')]
  t.same(lines(...all), [
    'note revision-external managed: MutatingWebhookConfiguration istio-sidecar-injector-managed',
  ])
  t.match(missingRevisions(factsOf([namespace('n')]).snapshot), [{ code: 'revisions-missing' }])
  t.same(missingRevisions(factsOf(all).snapshot), [], 'no ConfigMap is needed')
})

t.test('a missing CNI plugin and unused templates are found', async (t) => {
  const daemonSet = (name: string) =>
    object('apps/v1', 'DaemonSet', { name, namespace: 'kube-system' }, { spec: { template: { spec: {} } } })
  const installed = install('x', {
    values: {
      revision: 'x',
      pilot: { cni: { enabled: true } },
      global: { hub: 'istio', tag: '1.30.3', proxy: { image: 'proxyv2' } },
    },
  })
  const cni = [...installed, namespace('kube-system')]
  t.match(lines(...cni, daemonSet('logs')), [
    'warning cni-not-installed x: ConfigMap istio-system/istio-sidecar-injector-x',
  ])
  t.same(lines(...cni, daemonSet('istio-cni-node')), [])
  const own = 'spec: {containers: [{name: istio-proxy, image: "istio/x:1"}]}\n'
  const sketch = install('x', { templates: { mine: own } })
  const annotations = { 'inject.istio.io/templates': 'sidecar,mine' }
  t.same(lines(...sketch, workload('Deployment shop/web', 'shop')), [
    'note template-unused x: ConfigMap istio-system/istio-sidecar-injector-x',
  ])
  t.same(lines(...sketch, workload('Deployment plain/web', 'plain', { annotations })), [])
})

const stays = (facts: ClusterFacts) =>
  findAll(facts).map(({ subject, findings }) => {
    const again = findingsOf(subject, facts)
    return [subject.title, findings.map(({ code }) => code), again.map(({ code }) => code)] as const
  })

t.test(
  'each subject has its findings of the cluster report, and rules report only their codes',
  async (t) => {
    const facts = factsOf([
      ...healthy,
      namespace('lost', { 'istio.io/rev': 'gone' }),
      workload('Deployment lost/web', 'lost'),
      workload('Deployment plain/old', 'plain', { labels: { 'istio.io/rev': 'old' } }),
    ])
    for (const [title, all, one] of stays(facts)) t.same(all, one, title)
    const known = new Set(rules.flatMap(({ codes }) => codes))
    t.ok(known.size > 10)
    const objects = checkObjects([
      ...healthy,
      namespace('lost', { 'istio.io/rev': 'gone' }),
      workload('Deployment lost/web', 'lost'),
    ]).findings[0]?.objects
    t.same(objects, ['Namespace lost', 'Deployment lost/web'])
  },
)
