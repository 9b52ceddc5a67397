/** `used-by`: each kind of dependant alone keeps a revision or tag in use; finished pods and own parts do not; nothing unread is free. */
import t from 'tap'
import { findSubject, findSubjects, findUsedBy } from '../../../src/analysis/index.ts'
import { readUsedBy } from '../../../src/cli/read-used-by.ts'
import { FolderObjects, type ObjectReader } from '../../../src/cluster/index.ts'
import { RemoraError } from '../../../src/errors.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import type { ObjectKind } from '../../../src/kube/index.ts'
import type { ClusterObject } from '../../../src/revisions/index.ts'
import { build, namespace, noOptions, object } from '../../revisions/cluster-objects.ts'
import { install, service, webhook, workload } from '../check/check-fixture.ts'

const ASKS = 'istiod-canary.istio-system.svc:15012'
const status = (revision: string) => JSON.stringify({ containers: ['istio-proxy'], revision })

interface ProxySketch {
  readonly asks?: string
  readonly args?: readonly string[]
  readonly env?: JsonObject
  readonly annotations?: JsonObject
  readonly status?: JsonObject
  readonly metadata?: JsonObject
}

/** A pod in a namespace that asks for nothing, with a proxy. */
function proxy({ asks = ASKS, args = ['proxy', 'sidecar'], ...rest }: ProxySketch = {}): ClusterObject {
  const { env = { PROXY_CONFIG: JSON.stringify({ discoveryAddress: asks }) }, annotations = {} } = rest
  const container = {
    name: 'istio-proxy',
    image: 'istio/proxyv2:1.30.3',
    args,
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
  }
  return object(
    'v1',
    'Pod',
    { name: 'web-1', namespace: 'plain', annotations, ...rest.metadata },
    { spec: { containers: [{ name: 'web', image: 'web:1' }, container] }, status: rest.status ?? {} },
  )
}

const injected = { 'sidecar.istio.io/status': status('canary') }
const remora = (labels: JsonObject) =>
  webhook({
    name: 'remora-1',
    labels,
    service: 'remora',
    namespaceSelector: { matchLabels: { none: 'none' } },
  })
const tagOf = (name: string) =>
  webhook({
    name: `istio-revision-tag-${name}`,
    labels: { 'istio.io/rev': 'canary', 'istio.io/tag': name },
    service: 'istiod-canary',
    namespaceSelector: { matchLabels: { 'istio.io/rev': name } },
  })
const validator = (name: string, selector: JsonObject, labels: JsonObject = { 'istio.io/rev': 'canary' }) =>
  object(
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    { name, labels },
    {
      webhooks: [
        {
          name: 'validation.istio.io',
          failurePolicy: 'Fail',
          clientConfig: { service: { name: 'istiod-canary', namespace: 'istio-system', path: '/validate' } },
          rules: [{ apiGroups: ['networking.istio.io', 'security.istio.io'], operations: ['CREATE'] }],
          objectSelector: selector,
        },
      ],
    },
  )
const ownValidator = validator('istio-validator-canary-istio-system', {
  matchExpressions: [{ key: 'istio.io/rev', operator: 'In', values: ['canary'] }],
})
const istiod = object(
  'apps/v1',
  'Deployment',
  { name: 'istiod-canary', namespace: 'istio-system', labels: { app: 'istiod' } },
  {
    spec: {
      template: {
        metadata: { labels: { app: 'istiod', 'istio.io/rev': 'canary' } },
        spec: { containers: [{ name: 'discovery', image: 'istio/pilot:1.30.3' }] },
      },
    },
  },
)
const gateway = (className: string, labels: JsonObject = {}, namespaceName = 'plain') =>
  object(
    'gateway.networking.k8s.io/v1',
    'Gateway',
    { name: 'edge', namespace: namespaceName, labels },
    {
      spec: { gatewayClassName: className },
    },
  )
const rollout = (spec: JsonObject) =>
  object('remora.dev/v1alpha1', 'RevisionRollout', { name: 'r' }, { spec: { percent: '0', ...spec } })
const sail = (kind: string, name: string, rest: JsonObject) =>
  object('sailoperator.io/v1', kind, { name }, rest)
const machine = (kind: string, rest: JsonObject, metadata: JsonObject = {}) =>
  object('networking.istio.io/v1', kind, { name: 'vm', namespace: 'plain', ...metadata }, rest)
const selecting = (name: string, spec: JsonObject) =>
  object('v1', 'Service', { name, namespace: 'istio-system' }, { spec })

const base: readonly ClusterObject[] = [
  ...install('default'),
  ...install('canary'),
  istiod,
  ownValidator,
  namespace('plain'),
  namespace('istio-system'),
  object('v1', 'Pod', { name: 'istiod-canary-1', namespace: 'istio-system' }, { spec: { containers: [] } }),
]

let built: ReturnType<typeof build> | undefined

async function readAll(objects: readonly ClusterObject[], wrap = (reader: ObjectReader) => reader) {
  built = build(objects, built, noOptions)
  const { snapshot } = built
  const reader = wrap(new FolderObjects(objects, async () => []))
  return readUsedBy({ snapshot, objects: reader, injectOptions: {}, problems: [] })
}

async function judge(
  word: string,
  more: readonly ClusterObject[],
  wrap?: (reader: ObjectReader) => ObjectReader,
) {
  const read = await readAll([...base, ...more], wrap)
  const subject = findSubject(word, findSubjects(read.facts))
  if (subject === undefined) throw new Error(`${word} is not known`)
  const found = findUsedBy(subject, read.facts, read.notRead.length === 0)
  return { ...found, codes: found.groups.map(({ kind }) => kind.id), notRead: read.notRead }
}

/** What is added to a cluster in which nothing depends on canary, and the kinds that are found then. */
const ALONE: readonly (readonly [string, readonly ClusterObject[], readonly string[]])[] = [
  ['a pod whose proxy asks it', [proxy({ annotations: injected })], ['pods']],
  [
    'a pod that it injected, and whose address leads elsewhere',
    [proxy({ annotations: injected, asks: 'mesh.example.com:15012' })],
    ['pods'],
  ],
  [
    'a pod of another revision whose proxy asks it',
    [proxy({ annotations: { 'sidecar.istio.io/status': status('default') } })],
    ['pods'],
  ],
  [
    'a gateway by injection',
    [proxy({ annotations: { ...injected, 'inject.istio.io/templates': 'gateway' } })],
    ['gateways'],
  ],
  ['a gateway rendered whole', [proxy({ args: ['proxy', 'router'] })], ['gateways']],
  ['a waypoint', [proxy({ args: ['proxy', 'waypoint'] })], ['waypoints']],
  ['ztunnel', [proxy({ args: ['proxy', 'ztunnel'], env: { XDS_ADDRESS: `https://${ASKS}` } })], ['ztunnels']],
  [
    'a ztunnel that is labelled with it',
    [proxy({ args: ['proxy', 'ztunnel'], env: {}, annotations: { 'istio.io/rev': 'canary' } })],
    ['ztunnels'],
  ],
  [
    'a workload without pods whose template is labelled',
    [workload('Deployment plain/idle', 'plain', { labels: { 'istio.io/rev': 'canary' } })],
    ['workloads', 'pod-labels'],
  ],
  [
    'the label of a pod template that is never injected',
    [
      workload('Deployment plain/idle', 'plain', {
        labels: { 'istio.io/rev': 'canary' },
        annotations: { 'sidecar.istio.io/inject': 'false' },
      }),
    ],
    ['pod-labels'],
  ],
  ['the label of a namespace', [namespace('bank', { 'istio.io/rev': 'canary' })], ['namespace-labels']],
  ['a tag', [tagOf('prod')], ['tags']],
  ['the default', [tagOf('default')], ['default']],
  [
    'a validating webhook for all objects',
    [validator('istiod-default-validator', {}, { 'istio.io/rev': 'canary' })],
    ['validating-webhooks'],
  ],
  [
    'a mutating webhook of somebody else',
    [
      object(
        'admissionregistration.k8s.io/v1',
        'MutatingWebhookConfiguration',
        { name: 'mine' },
        {
          webhooks: [
            {
              name: 'a.example.com',
              clientConfig: { url: 'https://istiod-canary.istio-system.svc:443/inject' },
            },
          ],
        },
      ),
    ],
    ['mutating-webhooks'],
  ],
  [
    'a Service with its selector',
    [selecting('shared', { selector: { app: 'istiod', 'istio.io/rev': 'canary' } })],
    ['services'],
  ],
  [
    'a Service with its name',
    [
      selecting('alias', {
        type: 'ExternalName',
        externalName: 'istiod-canary.istio-system.svc.cluster.local',
      }),
    ],
    ['services'],
  ],
  ['a Gateway object', [gateway('istio', { 'istio.io/rev': 'canary' })], ['gateway-objects']],
  [
    'a Gateway object of another class of Istio',
    [
      object(
        'gateway.networking.k8s.io/v1',
        'GatewayClass',
        { name: 'own' },
        {
          spec: { controllerName: 'istio.io/gateway-controller' },
        },
      ),
      gateway('own', { 'istio.io/rev': 'canary' }),
    ],
    ['gateway-objects'],
  ],
  [
    'a policy that only it reads',
    [
      object('security.istio.io/v1', 'AuthorizationPolicy', {
        name: 'deny',
        namespace: 'plain',
        labels: { 'istio.io/rev': 'canary' },
      }),
    ],
    ['istio-configuration'],
  ],
  [
    'a Gateway of Istio',
    [
      object('networking.istio.io/v1', 'Gateway', {
        name: 'edge',
        namespace: 'plain',
        labels: { 'istio.io/rev': 'canary' },
      }),
    ],
    ['istio-configuration'],
  ],
  [
    'a WorkloadGroup',
    [machine('WorkloadGroup', { spec: { metadata: { labels: { 'istio.io/rev': 'canary' } } } })],
    ['workload-groups'],
  ],
  [
    'a WorkloadEntry',
    [machine('WorkloadEntry', { spec: { labels: { 'istio.io/rev': 'canary' } } })],
    ['workload-entries'],
  ],
  [
    'a connected machine',
    [
      machine(
        'WorkloadEntry',
        {},
        {
          annotations: {
            'istio.io/workloadController': 'istiod-canary-6d5f9c7b8d-x2x4z',
            'istio.io/connectedAt': '2026-01-01T00:00:00Z',
          },
        },
      ),
    ],
    ['workload-entries'],
  ],
  [
    'an IstioOperator',
    [object('install.istio.io/v1alpha1', 'IstioOperator', { name: 'i' }, { spec: { revision: 'canary' } })],
    ['operators'],
  ],
  ['an Istio', [sail('Istio', 'a', { status: { activeRevisionName: 'canary' } })], ['operators']],
  ['an IstioRevision', [sail('IstioRevision', 'canary', {})], ['operators']],
  [
    'an IstioRevisionTag',
    [sail('IstioRevisionTag', 'prod', { spec: { targetRef: { kind: 'IstioRevision', name: 'canary' } } })],
    ['operators'],
  ],
  ['a registration of Remora', [remora({ 'remora/revision': 'canary' })], ['registrations']],
  [
    'the target of a rollout',
    [rollout({ from: { revision: 'default' }, to: { revision: 'canary' } })],
    ['rollouts'],
  ],
  [
    'the source of a rollout',
    [rollout({ from: { revision: 'canary' }, to: { revision: 'default' } })],
    ['rollouts'],
  ],
]

t.test('each kind of dependant alone', async (t) => {
  for (const [title, more, codes] of ALONE) {
    const found = await judge('canary', more)
    t.match(found, { verdict: 'in-use', removal: [] }, title)
    t.same(found.codes, codes, title)
  }
})

const FREE: readonly (readonly [string, readonly ClusterObject[]])[] = [
  ['its own objects', []],
  ['completed pods', [proxy({ annotations: injected, status: { phase: 'Succeeded' } })]],
  ['failed pods', [proxy({ annotations: injected, status: { phase: 'Failed' } })]],
  [
    'pods that are being deleted',
    [proxy({ annotations: injected, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })],
  ],
  [
    'completed Jobs',
    [
      object(
        'batch/v1',
        'Job',
        { name: 'once', namespace: 'plain' },
        {
          spec: {
            template: {
              metadata: { labels: { 'istio.io/rev': 'canary' } },
              spec: { containers: [{ name: 'a', image: 'a' }] },
            },
          },
          status: { completionTime: '2026-01-01T00:00:00Z' },
        },
      ),
    ],
  ],
  [
    'pods of another control plane',
    [
      proxy({
        asks: 'istiod.istio-system.svc:15012',
        annotations: { 'sidecar.istio.io/status': status('default') },
      }),
    ],
  ],
  [
    'labels without effect',
    [
      namespace('mixed', { 'istio-injection': 'enabled', 'istio.io/rev': 'canary' }),
      workload('Deployment mixed/idle', 'mixed', { labels: { 'istio.io/rev': 'canary' } }),
    ],
  ],
  ['Gateways of other controllers', [gateway('nginx', { 'istio.io/rev': 'canary' })]],
  [
    "istioctl's record",
    [
      object(
        'install.istio.io/v1alpha1',
        'IstioOperator',
        { name: 'installed-state-canary' },
        { spec: { revision: 'canary' } },
      ),
    ],
  ],
  [
    'configuration that all revisions read, or that another one reads',
    [
      object('networking.istio.io/v1', 'VirtualService', { name: 'a', namespace: 'plain' }),
      object('networking.istio.io/v1', 'VirtualService', {
        name: 'b',
        namespace: 'plain',
        labels: { 'istio.io/rev': 'default' },
      }),
    ],
  ],
  ['Services of applications', [selecting('ingress', { selector: { app: 'ingress' } })]],
]

t.test('what does not count', async (t) => {
  for (const [title, more] of FREE) {
    const found = await judge('canary', more)
    t.same([found.verdict, found.codes, found.notRead], ['free', [], []], title)
  }
})

t.test('a tag: labels, Gateways, rollouts, registrations and proxies that ask its Service', async (t) => {
  const prod = tagOf('prod')
  const rows: readonly (readonly [ClusterObject, readonly string[]])[] = [
    [namespace('bank', { 'istio.io/rev': 'prod' }), ['namespace-labels']],
    [gateway('istio', { 'istio.io/rev': 'prod' }), ['gateway-objects']],
    [rollout({ from: { tag: 'prod' }, to: { revision: 'default' } }), ['rollouts']],
    [remora({ 'remora/revision': 'canary', 'remora/tag': 'prod' }), ['registrations']],
    [proxy({ annotations: injected, asks: 'istiod-revision-tag-prod.istio-system.svc:15012' }), ['pods']],
  ]
  for (const [one, codes] of rows) t.same((await judge('prod', [prod, one])).codes, codes)
  const cron = object(
    'batch/v1',
    'CronJob',
    { name: 'nightly', namespace: 'plain' },
    {
      spec: {
        jobTemplate: {
          spec: {
            template: {
              metadata: { labels: { 'istio.io/rev': 'prod' } },
              spec: { containers: [{ name: 'a', image: 'a' }] },
            },
          },
        },
      },
    },
  )
  const scheduled = await judge('prod', [prod, cron])
  t.same(scheduled.codes, ['workloads', 'pod-labels'])
  t.match(scheduled.groups[0]?.dependants, [
    { object: 'plain/cronjob/nightly', why: 'the pods of its next run would get their revision by it' },
  ])
  const free = await judge('prod', [prod, proxy({ annotations: injected })])
  t.same([free.verdict, free.removal], ['free', ['istioctl tag remove prod']])
  t.same((await judge('canary', [prod, cron])).codes, ['workloads', 'pod-labels', 'tags'])
})

t.test('the default revision: labels, pods and Gateways that name none', async (t) => {
  const rows: readonly (readonly [ClusterObject, readonly string[]])[] = [
    [namespace('shop', { 'istio-injection': 'enabled' }), ['namespace-labels']],
    [
      workload('Deployment plain/idle', 'plain', { labels: { 'sidecar.istio.io/inject': 'true' } }),
      ['workloads', 'pod-labels'],
    ],
    [gateway('istio'), ['gateway-objects']],
  ]
  for (const [one, codes] of rows) {
    t.same((await judge('default', [one])).codes, codes)
    const moved = await judge('canary', [one, tagOf('default')])
    t.same(moved.codes.toSorted(), [...codes, 'default'].toSorted())
    t.equal((await judge('revision/default', [one, tagOf('default')])).verdict, 'free')
  }
  const auto = { name: 'auto.sidecar-injector.istio.io', clientConfig: {} }
  const byDefault = object(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    { name: 'istio-sidecar-injector-auto', labels: { 'istio.io/rev': 'default' } },
    { webhooks: [auto] },
  )
  t.same((await judge('default', [byDefault])).codes, ['default'])
})

t.test('a free revision has the commands that remove it, its webhooks first', async (t) => {
  t.same((await judge('canary', [])).removal, [
    'kubectl delete validatingwebhookconfiguration istio-validator-canary-istio-system',
    'kubectl delete mutatingwebhookconfiguration istio-sidecar-injector-canary',
    'istioctl uninstall --revision canary',
  ])
  const { object: plain } = istiod
  const metadata = { name: 'istiod-canary', namespace: 'istio-system', labels: { app: 'istiod' } }
  const byHelm = {
    object: { ...plain, metadata: { ...metadata, annotations: { 'meta.helm.sh/release-name': 'mesh' } } },
    source: 'z.yaml',
  }
  t.equal((await judge('canary', [byHelm])).removal.at(-1), 'helm uninstall mesh -n istio-system')
  const without = await readAll(base.filter((one) => one !== istiod))
  const [canary] = findSubjects(without.facts)
  if (canary === undefined) throw new Error('no subject')
  t.same(findUsedBy(canary, without.facts, true).removal.slice(2), [
    'kubectl delete service istiod-canary -n istio-system',
    'kubectl delete configmap istio-sidecar-injector-canary istio-canary -n istio-system --ignore-not-found',
  ])
})

t.test(
  'a kind that cannot be listed leaves it open, and a dependant that is found still counts',
  async (t) => {
    const kinds: readonly ObjectKind[] = [
      'validatingwebhookconfiguration',
      'pod',
      'cronjob',
      'gateway',
      'service',
    ]
    for (const kind of kinds) {
      const refuse = (reader: ObjectReader): ObjectReader => ({
        complete: true,
        get: (...args) => reader.get(...args),
        others: (...args) => reader.others(...args),
        texts: () => reader.texts(),
        close: () => undefined,
        async list(asked, within) {
          if (asked === kind) throw new RemoraError('cluster-api-refused', 'cannot list resource')
          return reader.list(asked, within)
        },
      })
      const found = await judge('canary', [], refuse)
      t.match(found, { verdict: 'unknown', removal: [] }, kind)
      t.match(found.notRead, [/^cannot list [a-z.0-9]+: cannot list resource$/], kind)
      t.equal(
        (await judge('canary', [namespace('bank', { 'istio.io/rev': 'canary' })], refuse)).verdict,
        'in-use',
      )
    }
  },
)

t.test('a folder without pods or namespaces is a part of a cluster', async (t) => {
  const read = await readAll(base.filter(({ object: one }) => (one as JsonObject)['kind'] !== 'Pod'))
  t.same(read.notRead, ['the folder has no pods'])
})

t.test('revisions that are not installed are known by what mentions them', async (t) => {
  const read = await readAll([
    ...base,
    namespace('bank', { 'istio.io/rev': 'canary-old' }),
    proxy({
      annotations: { 'sidecar.istio.io/status': status('1-27-1') },
      asks: 'istiod-1-27-1.istio-system.svc:15012',
    }),
  ])
  t.same(
    findSubjects(read.facts).map(({ name }) => name),
    ['1-27-1', 'canary', 'canary-old', 'default'],
  )
  t.same((await judge('canary', [service('istiod-1-27-1', { 'istio.io/rev': '1-27-1' })])).verdict, 'free')
})
