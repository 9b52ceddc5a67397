/**
 * The path to the webhook, proxies without a control plane, placeholder images, and kinds that cannot be judged,
 * each with a healthy counterpart.
 */
import t from 'tap'
import { issueAuthority, issueServing } from '../../../src/certs/issue.ts'
import type { JsonObject, JsonValue } from '../../../src/json/index.ts'
import type { ClusterObject } from '../../../src/revisions/index.ts'
import { namespace, object } from '../../revisions/cluster-objects.ts'
import {
  CA_BUNDLE,
  checkObjects,
  healthy,
  install,
  service,
  without,
  workload,
} from '../check/check-fixture.ts'

const DAY_MS = 86_400_000
const NOW_MS = Date.parse('2026-06-01T00:00:00Z')
const authority = (days: number, from = -400) =>
  issueAuthority({
    commonName: 'mesh',
    notBefore: new Date(NOW_MS + from * DAY_MS),
    notAfter: new Date(NOW_MS + days * DAY_MS),
  })
const [ca, otherCa] = [authority(300), authority(300)]
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** With a certificate where the fixture has none. */
function withCa(objects: readonly ClusterObject[]): readonly ClusterObject[] {
  const bundle = base64(ca.certificate)
  return objects.map((one) => ({
    ...one,
    object: JSON.parse(JSON.stringify(one.object).replaceAll(`"${CA_BUNDLE}"`, `"${bundle}"`)),
  }))
}

/** Of rules that have tests of their own. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'ca-bundle-missing',
  'namespace-unknown',
  'restart-changes-sidecar',
  'restart-removes-sidecar',
])

/** `severity code object: message`, without the notes about the caBundle that no sample has. */
function found(objects: readonly ClusterObject[]): readonly string[] {
  return checkObjects(withCa(objects), { nowMs: NOW_MS })
    .findings.filter(({ code }) => !ELSEWHERE.has(code))
    .map(({ severity, code, where, message }) => `${severity} ${code} ${where.object}: ${message}`)
}

/** Every webhook of a configuration, changed. */
function webhooksOf(name: string, change: JsonObject, objects = healthy): readonly ClusterObject[] {
  return objects.map((one) => {
    const { metadata, webhooks } = one.object as { metadata: JsonObject; webhooks?: readonly JsonObject[] }
    if (webhooks === undefined || metadata['name'] !== name) return one
    return { ...one, object: { ...one.object, webhooks: webhooks.map((hook) => ({ ...hook, ...change })) } }
  })
}

const client = (rest: JsonObject = {}, port?: number): JsonObject => ({
  clientConfig: {
    service: { name: 'istiod', namespace: 'istio-system', path: '/inject', ...(port && { port }) },
    ...rest,
  },
})
const CONFIGURATION = 'istio-sidecar-injector'
const WEBHOOK = `MutatingWebhookConfiguration ${CONFIGURATION}`

t.test('a webhook port that its Service lacks is found', async (t) => {
  t.same(found(healthy), [])
  const closed = [...without(healthy, 'Service', 'istiod'), service('istiod', {}, [15010, 15012])]
  t.same(found(closed), [
    `error webhook-port-missing ${WEBHOOK}: it calls port 443 (failurePolicy Fail), but Service istio-system/istiod has no port 443, only 15010, 15012`,
  ])
  const other = webhooksOf(CONFIGURATION, client({}, 15017))
  t.match(found(other), [/^error webhook-port-missing .* calls port 15017 .* only 15012, 443$/])
  t.same(found(webhooksOf(CONFIGURATION, client({}, 15012))), [])
})

t.test('a webhook Service without ready endpoints is found', async (t) => {
  const selector = { app: 'istiod' }
  const selecting = object(
    'v1',
    'Service',
    { name: 'istiod', namespace: 'istio-system' },
    {
      spec: { selector, ports: [{ port: 15012 }, { port: 443 }] },
    },
  )
  const deployment = (replicas?: number) =>
    object(
      'apps/v1',
      'Deployment',
      { name: 'istiod', namespace: 'istio-system' },
      {
        spec: {
          ...(replicas === undefined ? {} : { replicas }),
          template: {
            metadata: { labels: { ...selector, 'sidecar.istio.io/inject': 'false' } },
            spec: { containers: [{ name: 'discovery', image: 'istio/pilot:1' }] },
          },
        },
      },
    )
  const slice = (name: string, ready: boolean | null) =>
    object(
      'discovery.k8s.io/v1',
      'EndpointSlice',
      { name, namespace: 'istio-system', labels: { 'kubernetes.io/service-name': name } },
      { endpoints: [{ addresses: ['10.0.0.1'], conditions: ready === null ? {} : { ready } }] },
    )
  const base = [...without(healthy, 'Service', 'istiod'), selecting]
  t.same(found([...base, deployment()]), [])
  t.same(found([...base, deployment(0)]), [
    `warning webhook-without-endpoints ${WEBHOOK}: Deployment istio-system/istiod has 0 replicas: with failurePolicy Fail its pods cannot be created`,
  ])
  t.match(found([...base, deployment(0), slice('istiod', false), slice('istiod-canary', true)]), [
    /^warning webhook-without-endpoints .* has 0 replicas/,
  ])
  const down = [...base, deployment(2), slice('istiod', false), slice('istiod-canary', true)]
  t.match(found(down), [
    /^warning webhook-without-endpoints .* Service istio-system\/istiod has no ready endpoint/,
  ])
  t.same(found([...base, deployment(2), slice('istiod', null), slice('istiod-canary', true)]), [])
  const { notJudged } = checkObjects([...base, deployment(0)])
  t.ok(
    notJudged.some(({ kind }) => kind === 'endpointslice'),
    'what was not read is no good news',
  )
})

t.test('failurePolicy Ignore is reported', async (t) => {
  t.same(found(webhooksOf(CONFIGURATION, { failurePolicy: 'Ignore' })), [
    `warning webhook-failure-ignored ${WEBHOOK}: failurePolicy is Ignore for namespace`,
  ])
  t.same(found(webhooksOf(CONFIGURATION, { failurePolicy: 'Fail' })), [])
})

const withBundle = (caBundle: string) => webhooksOf(CONFIGURATION, client({ caBundle }))

t.test('a caBundle that is absent, invalid, expired or not yet valid is found', async (t) => {
  t.same(
    checkObjects(webhooksOf(CONFIGURATION, client())).findings.map(
      ({ severity, code }) => `${severity} ${code}`,
    ),
    ['note ca-bundle-missing'],
  )
  t.same(found(withBundle(base64(ca.certificate))), [])
  for (const none of ['bm9uc2Vuc2U=', '%%%', base64(base64(ca.certificate))])
    t.match(found(withBundle(none)), [/^error ca-bundle-invalid .* contains no certificate/])
  t.same(found(withBundle(base64(authority(-1).certificate))), [
    `error ca-bundle-expired ${WEBHOOK}: caBundle expired on 2026-05-31`,
  ])
  t.match(found(withBundle(base64(authority(300, 3).certificate))), [/not valid before 2026-06-04$/])
  t.match(found(withBundle(base64(authority(5).certificate))), [
    /^warning ca-bundle-expires-soon .* expires on 2026-06-06$/,
  ])
  const renewed = `${authority(-1).certificate}${ca.certificate}`
  t.same(found(withBundle(base64(renewed))), [], 'one that is valid is enough')
})

t.test('a caBundle with a CA other than the server’s is found', async (t) => {
  const published = (pem: string, home = 'istio-system') =>
    object(
      'v1',
      'ConfigMap',
      { name: 'istio-ca-root-cert', namespace: home },
      { data: { 'root-cert.pem': pem } },
    )
  const bundle = withBundle(base64(ca.certificate))
  t.same(found([...bundle, published(ca.certificate)]), [])
  t.same(found([...bundle, published(otherCa.certificate)]), [
    `error ca-bundle-of-other-ca ${WEBHOOK}: caBundle does not verify the certificate of Service istio-system/istiod (ConfigMap istio-system/istio-ca-root-cert)`,
    `error ca-bundle-of-other-ca ${WEBHOOK}-canary: caBundle does not verify the certificate of Service istio-system/istiod-canary (ConfigMap istio-system/istio-ca-root-cert)`,
  ])
  t.same(found([...bundle, published(otherCa.certificate, 'shop')]), [], 'a copy elsewhere may be old')
  const serving = (names: readonly string[], by = otherCa) =>
    object(
      'v1',
      'Secret',
      { name: 'serving', namespace: 'istio-system' },
      {
        data: {
          'tls.crt': base64(
            issueServing(by, {
              commonName: 'istiod',
              names,
              notBefore: new Date(NOW_MS - DAY_MS),
              notAfter: new Date(NOW_MS + DAY_MS),
            }).certificate,
          ),
        },
      },
    )
  t.match(found([...bundle, serving(['istiod.istio-system.svc'])]), [
    /ca-bundle-of-other-ca .*Secret istio-system\/serving/,
  ])
  t.same(found([...bundle, serving(['istiod.istio-system.svc'], ca)]), [])
  t.same(found([...bundle, serving(['other.istio-system.svc'])]), [], 'the certificate of another Service')
})

t.test('enableNamespacesByDefault without its webhooks is found', async (t) => {
  const values = { sidecarInjectorWebhook: { enableNamespacesByDefault: true } }
  const enabled = [...install('default', { values }), namespace('plain')]
  t.match(found(enabled), [
    /^warning namespaces-by-default-unserved ConfigMap istio-system\/istio-sidecar-injector/,
  ])
  const auto = found(webhooksOf(CONFIGURATION, { name: 'auto.sidecar-injector.istio.io' }, enabled))
  t.same(
    auto.filter((line) => line.includes('by-default')),
    [],
  )
  const off = { sidecarInjectorWebhook: { enableNamespacesByDefault: false } }
  t.same(found([...install('default', { values: off }), namespace('plain')]), [])
  t.same(
    found([...healthy.slice(0, 4), ...install('canary', { values })]),
    [],
    'only for the default revision',
  )
})

t.test('a system namespace that requests injection is found', async (t) => {
  const labelled = [...healthy, namespace('kube-system', { 'istio-injection': 'enabled' })]
  t.same(found(labelled), [
    'warning system-namespace-labelled Namespace kube-system: it is labelled istio-injection=enabled, but its pods are never injected',
  ])
  t.same(found([...healthy, namespace('kube-system', { 'istio-injection': 'disabled' })]), [])
  t.same(found([...healthy, namespace('kube-system')]), [])
})

function running(name: string, proxy: JsonObject | undefined, status?: string): ClusterObject {
  const containers: JsonValue[] = [
    { name: 'app', image: 'app:1' },
    ...(proxy ? [{ name: 'istio-proxy', ...proxy }] : []),
  ]
  return object(
    'v1',
    'Pod',
    { name, namespace: 'shop', ...(status && { annotations: { 'sidecar.istio.io/status': status } }) },
    { spec: { containers }, status: { phase: 'Running' } },
  )
}
const using = (discoveryAddress: string): JsonObject => ({
  image: 'istio/proxyv2:1',
  args: ['proxy', 'sidecar'],
  env: [{ name: 'PROXY_CONFIG', value: JSON.stringify({ discoveryAddress }) }],
})

t.test('running proxies of a missing control plane are grouped into one finding', async (t) => {
  const pods = ['a', 'b', 'c', 'd', 'e'].map((name) =>
    running(name, using('istiod-old.istio-system.svc:15012'), '{"revision":"old"}'),
  )
  t.same(found([...healthy, ...pods]), [
    'error control-plane-gone Pod shop/a, shop/b, shop/c and 2 more: its proxy of revision old uses istiod-old.istio-system.svc:15012, but there is no Service istio-system/istiod-old',
  ])
  const fine = [
    running('served', using('istiod.istio-system.svc:15012'), '{"revision":"default"}'),
    running('outside', using('istiod.example.com:15012'), '{"revision":"default"}'),
    running('none', undefined),
    running('own', { image: 'my/proxy:1' }),
  ]
  t.same(found([...healthy, ...fine]), [])
  const ended = object(
    'v1',
    'Pod',
    { name: 'ended', namespace: 'shop' },
    {
      ...pods[0]?.object,
      status: { phase: 'Succeeded' },
    },
  )
  t.same(found([...healthy, ended]), [])
})

t.test('an image auto that is not replaced is found', async (t) => {
  const gateway = { spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] } }
  const optedOut = { ...gateway, labels: { 'sidecar.istio.io/inject': 'false' } }
  t.same(found([...healthy, workload('Deployment plain/edge', 'plain', gateway)]), [
    'error image-placeholder Deployment plain/edge: container istio-proxy keeps the placeholder image auto, because neither the namespace nor the pod asks for injection',
  ])
  t.match(found([...healthy, workload('Deployment shop/edge', 'shop', optedOut)]), [
    /^error image-placeholder .* because the pod label `sidecar\.istio\.io\/inject` is `false`$/,
  ])
  t.same(found([...healthy, workload('Deployment shop/edge', 'shop', gateway)]), [])
  const never = webhooksOf(CONFIGURATION, { namespaceSelector: { matchLabels: { other: 'yes' } } })
  t.ok(
    found([...never, workload('Deployment shop/edge', 'shop', gateway)]).some((line) =>
      line.endsWith('because no webhook of the cluster matches its labels'),
    ),
  )
  t.match(found([...healthy, running('stuck', { image: 'auto' })]), [
    /^error image-placeholder Pod shop\/stuck: .* not injected when it was created, and a new one would be$/,
  ])
})

t.test(
  'kinds that cannot be checked are counted, and a Rollout without its template is reported',
  async (t) => {
    const template = { spec: { containers: [{ name: 'a', image: 'a:1' }] } }
    const custom = (apiVersion: string, kind: string, name: string, spec: JsonObject) =>
      object(apiVersion, kind, { name, namespace: 'shop' }, { spec })
    const jobs = { replicatedJobs: [{ template: { spec: { template } } }] }
    const unknown = [
      custom('jobset.x-k8s.io/v1alpha2', 'JobSet', 'one', jobs),
      custom('jobset.x-k8s.io/v1alpha2', 'JobSet', 'two', jobs),
      custom('sparkoperator.k8s.io/v1beta2', 'SparkApplication', 'pi', { driver: {} }),
      custom('example.com/v1', 'Widget', 'w', { containers: ['a'] }),
      custom('kyverno.io/v1', 'ClusterPolicy', 'p', { rules: [{ validate: { pattern: template } }] }),
    ]
    t.same(found([...healthy, ...unknown]), [
      'note kind-not-judged JobSet.jobset.x-k8s.io shop/one, shop/two: 2 objects of kind JobSet.jobset.x-k8s.io create pods from templates that are not tested',
      'note kind-not-judged SparkApplication.sparkoperator.k8s.io shop/pi: 1 object of kind SparkApplication.sparkoperator.k8s.io creates pods from templates that are not tested',
    ])
    const job = custom('kubeflow.org/v1', 'PyTorchJob', 'train', {
      pytorchReplicaSpecs: { Master: { template } },
    })
    const database = custom('postgresql.cnpg.io/v1', 'Cluster', 'db', {
      instances: 3,
      storage: { size: '1Gi' },
    })
    const topic = custom('kafka.strimzi.io/v1beta2', 'KafkaTopic', 'orders', { partitions: 3, replicas: 3 })
    const templates = '1 object of kind'
    t.same(found([...healthy, job, database, topic]), [
      `note kind-not-judged PyTorchJob.kubeflow.org shop/train: ${templates} PyTorchJob.kubeflow.org creates pods from templates that are not tested`,
      `note kind-not-judged Cluster.postgresql.cnpg.io shop/db: ${templates} Cluster.postgresql.cnpg.io has a number of replicas, so it probably creates pods, which are not tested`,
    ])
    const owned = object(
      'v1',
      'Pod',
      {
        name: 'cache-0',
        namespace: 'plain',
        ownerReferences: [
          { apiVersion: 'cache.example.com/v1', kind: 'Cache', name: 'cache', uid: '1', controller: true },
        ],
      },
      { spec: { containers: [{ name: 'a', image: 'a:1' }] } },
    )
    t.same(
      found([...healthy, owned]),
      [
        'note kind-not-judged Cache.cache.example.com plain/cache: 1 object of kind Cache.cache.example.com creates pods from templates that are not tested',
      ],
      'the controller of a pod creates pods, also where its own object was not read',
    )
    const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
    const rollout = custom('argoproj.io/v1alpha1', 'Rollout', 'ro', { workloadRef })
    t.match(found([...healthy, rollout]), [
      /^warning workload-template-missing Rollout shop\/ro: .* Deployment web, which does not exist$/,
    ])
    t.same(
      found([...healthy, rollout, custom('apps/v1', 'Deployment', 'web', { replicas: 0, template })]),
      [],
    )
  },
)
