/**
 * The workloads of a cluster that will create pods: owners represent their pods, and finished workloads are left
 * out.
 */
import t, { type Test } from 'tap'
import { workloadsAmong } from '../../src/analysis/index.ts'
import { describeExisting } from '../../src/cli/pod-subject.ts'
import type { ObjectReader } from '../../src/cluster/index.ts'
import type { Snapshot } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { type ObjectKind, WORKLOAD_KINDS } from '../../src/kube/index.ts'
import { objectsOfFolder } from '../cluster/folder-objects.ts'

interface Sketch {
  readonly owner?: readonly [kind: string, name: string]
  readonly labels?: object
  readonly status?: object
  readonly replicas?: number
}

const GROUPS: { readonly [kind: string]: string } = {
  Pod: 'v1',
  ReplicationController: 'v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
}

function object(kind: string, name: string, { owner, labels, status, replicas }: Sketch = {}): string {
  const pod = { containers: [{ name: 'a', image: 'a' }] }
  const template = { metadata: { labels: {} }, spec: pod }
  const spec =
    kind === 'Pod'
      ? { ...pod, nodeName: 'n1' }
      : kind === 'CronJob'
        ? { jobTemplate: { spec: { template } } }
        : { template, ...(replicas !== undefined && { replicas }) }
  const ownerReferences = owner && [{ kind: owner[0], name: owner[1], controller: true }]
  return JSON.stringify({
    apiVersion: GROUPS[kind] ?? 'apps/v1',
    kind,
    metadata: {
      name,
      namespace: 'shop',
      ...(labels && { labels }),
      ...(ownerReferences && { ownerReferences }),
    },
    spec,
    ...(status && { status }),
  })
}

/** As commands list them. */
async function listWorkloads(
  objects: ObjectReader,
  namespaces: Snapshot['namespaces'] = new Map(),
  namespace?: string,
) {
  const found = new Map<ObjectKind, readonly JsonObject[]>()
  for (const kind of WORKLOAD_KINDS) found.set(kind, await objects.list(kind, namespace))
  return workloadsAmong(found, await objects.others(namespace), namespaces)
}

async function listed(t: Test, ...objects: readonly string[]) {
  const folder = t.testdir({ 'all.yaml': objects.join('\n---\n') })
  return (await listWorkloads(await objectsOfFolder(folder))).map(({ title }) => title)
}

t.test('pods are represented by their owners', async (t) => {
  const hash = { 'pod-template-hash': '1' }
  t.same(
    await listed(
      t,
      object('Deployment', 'web'),
      object('ReplicaSet', 'web-1', { owner: ['Deployment', 'web'], labels: hash }),
      object('Pod', 'web-1-x', { owner: ['ReplicaSet', 'web-1'], labels: hash }),
      object('CronJob', 'night'),
      object('Job', 'night-7', { owner: ['CronJob', 'night'] }),
      object('Pod', 'night-7-x', { owner: ['Job', 'night-7'] }),
      object('StatefulSet', 'db'),
      object('Pod', 'db-0', { owner: ['StatefulSet', 'db'] }),
      object('DaemonSet', 'agent'),
      object('ReplicationController', 'old'),
    ),
    [
      'CronJob shop/night',
      'DaemonSet shop/agent',
      'Deployment shop/web',
      'ReplicationController shop/old',
      'StatefulSet shop/db',
    ],
  )
})

t.test('if a Deployment’s ReplicaSet is missing, its pods are not listed twice', async (t) => {
  t.same(
    await listed(
      t,
      object('Deployment', 'web'),
      object('Pod', 'web-1-x', { owner: ['ReplicaSet', 'web-1'], labels: { 'pod-template-hash': '1' } }),
    ),
    ['Deployment shop/web'],
  )
})

t.test(
  'pods without a known owner are listed: bare pods, and pods of an unknown kind of owner',
  async (t) => {
    const rollout = { owner: ['Rollout', 'shop'] as const, labels: { 'pod-template-hash': '2' } }
    t.same(
      await listed(
        t,
        object('Pod', 'bare'),
        object('ReplicaSet', 'shop-2', { ...rollout, replicas: 3 }),
        object('ReplicaSet', 'shop-1', { ...rollout, replicas: 0 }),
        object('Pod', 'shop-2-x', { owner: ['ReplicaSet', 'shop-2'], labels: { 'pod-template-hash': '2' } }),
        object('Pod', 'special-0', { owner: ['Game', 'special'] }),
        object('ReplicaSet', 'by-hand', { replicas: 0 }),
      ),
      ['Pod shop/bare', 'Pod shop/special-0', 'ReplicaSet shop/by-hand', 'ReplicaSet shop/shop-2'],
    )
  },
)

t.test('a bare pod that is injected is listed as its manifest creates it again', async (t) => {
  const app = { name: 'a', image: 'a' }
  const status = { containers: ['istio-proxy'], volumes: ['istio-envoy'], revision: 'default' }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'bare',
      namespace: 'shop',
      labels: { app: 'a', 'istio.io/rev': '1-28-3' },
      annotations: { 'sidecar.istio.io/status': JSON.stringify(status) },
    },
    spec: {
      nodeName: 'n1',
      containers: [app, { name: 'istio-proxy', image: 'istio/proxyv2:1.28.3' }],
      volumes: [{ name: 'istio-envoy' }, { name: 'data' }],
    },
    status: { phase: 'Running' },
  }
  const objects = await objectsOfFolder(t.testdir({ 'all.yaml': JSON.stringify(pod) }))
  const labelled = (labels: Record<string, string>) =>
    new Map([['shop', { labels: new Map(Object.entries(labels)), annotations: new Map() }]])
  const namespaces = labelled({ 'istio.io/rev': 'canary' })
  const [bare] = await listWorkloads(objects, namespaces)
  t.same(bare?.pod['spec'], { containers: [app], initContainers: [], volumes: [{ name: 'data' }] })
  t.match(bare?.pod, { metadata: { annotations: {} } })
  t.same(
    (await describeExisting(pod, 'shop', { objects, namespaces })).pod,
    bare?.pod,
    'explain judges the same pod',
  )
  const labelsIn = async (known: typeof namespaces) =>
    (await listWorkloads(objects, known))[0]?.pod['metadata']
  t.match(
    await labelsIn(namespaces),
    { labels: { app: 'a', 'istio.io/rev': undefined } },
    'the namespace decides',
  )
  t.match(
    await labelsIn(labelled({})),
    { labels: { 'istio.io/rev': '1-28-3' } },
    'nothing else may ask for the revision',
  )
})

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'a' }] } }

function custom(apiVersion: string, kind: string, name: string, spec: object, owner?: object): string {
  const ownerReferences = owner && [{ ...owner, controller: true }]
  return JSON.stringify({
    apiVersion,
    kind,
    metadata: { name, namespace: 'shop', ...(ownerReferences && { ownerReferences }) },
    spec,
  })
}

t.test(
  'all kinds with a pod template are workloads, named with their group if two kinds share a name',
  async (t) => {
    const kruise = 'apps.kruise.io/v1beta1'
    t.same(
      await listed(
        t,
        custom('argoproj.io/v1alpha1', 'Rollout', 'ro', { template }),
        custom('apps.openshift.io/v1', 'DeploymentConfig', 'dc', { template }),
        custom('apps.kruise.io/v1alpha1', 'CloneSet', 'cs', { template }),
        custom(kruise, 'StatefulSet', 'asts', { template }),
        custom('keda.sh/v1alpha1', 'ScaledJob', 'scaled', { jobTargetRef: { template } }),
        custom('agones.dev/v1', 'Fleet', 'game', { template: { spec: { template } } }),
        object('StatefulSet', 'asts'),
        object('Pod', 'asts-0', { owner: ['StatefulSet', 'asts'] }),
      ),
      [
        'CloneSet shop/cs',
        'DeploymentConfig shop/dc',
        'Fleet shop/game',
        'Rollout shop/ro',
        'ScaledJob shop/scaled',
        'StatefulSet shop/asts',
        'StatefulSet.apps.kruise.io shop/asts',
      ],
    )
  },
)

t.test('objects created by Knative, OpenShift and Argo belong to their owners', async (t) => {
  const knative = 'serving.knative.dev/v1'
  const byRevision = { apiVersion: knative, kind: 'Revision', name: 'kn-1' }
  t.same(
    await listed(
      t,
      custom(knative, 'Service', 'kn', { template }),
      custom(
        knative,
        'Configuration',
        'kn',
        { template },
        { apiVersion: knative, kind: 'Service', name: 'kn' },
      ),
      custom(knative, 'Revision', 'kn-1', template.spec, {
        apiVersion: knative,
        kind: 'Configuration',
        name: 'kn',
      }),
      custom('apps/v1', 'Deployment', 'kn-1-deployment', { template }, byRevision),
      custom(knative, 'Revision', 'alone', template.spec),
      object('Deployment', 'of-unknown-owner', { owner: ['Revision', 'gone'] }),
      custom('argoproj.io/v1alpha1', 'Rollout', 'ro', { template }),
      object('ReplicaSet', 'ro-7', {
        labels: { 'rollouts-pod-template-hash': '7' },
        owner: ['Rollout', 'ro'],
      }),
      object('Pod', 'ro-7-x', {
        labels: { 'rollouts-pod-template-hash': '7' },
        owner: ['ReplicaSet', 'ro-7'],
      }),
      custom('apps.openshift.io/v1', 'DeploymentConfig', 'dc', { template }),
      object('Pod', 'dc-1-x', {
        labels: { deploymentconfig: 'dc' },
        owner: ['ReplicationController', 'dc-1'],
      }),
    ),
    [
      'Deployment shop/of-unknown-owner',
      'DeploymentConfig shop/dc',
      'Revision.serving.knative.dev shop/alone',
      'Rollout shop/ro',
      'Service.serving.knative.dev shop/kn',
    ],
  )
})

t.test(
  'a Rollout uses the template of the Deployment that it refers to, which creates no pods',
  async (t) => {
    const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
    const folder = t.testdir({
      'all.yaml': [
        custom('argoproj.io/v1alpha1', 'Rollout', 'ro', { workloadRef }),
        custom('argoproj.io/v1alpha1', 'Rollout', 'lost', { workloadRef: { ...workloadRef, name: 'gone' } }),
        custom('apps/v1', 'Deployment', 'web', { replicas: 0, template }),
      ].join('\n---\n'),
    })
    const found = await listWorkloads(await objectsOfFolder(folder))
    t.match(found, [
      {
        title: 'Rollout shop/ro',
        pod: {
          metadata: { labels: { app: 'a' }, ownerReferences: [{ kind: 'Rollout', name: 'ro' }] },
          spec: template.spec,
        },
      },
    ])
    t.equal(found.length, 1)
  },
)

t.test('finished Jobs create no pods', async (t) => {
  t.same(
    await listed(
      t,
      object('Pod', 'done', { status: { phase: 'Succeeded' } }),
      object('Pod', 'failed', { status: { phase: 'Failed' } }),
      object('Job', 'done', { status: { completionTime: '2026-01-01T00:00:00Z' } }),
      object('Job', 'failed', { status: { conditions: [{ type: 'Failed', status: 'True' }] } }),
      object('Job', 'runs', { status: { conditions: [{ type: 'Failed', status: 'False' }] } }),
      object('Pod', 'runs', { status: { phase: 'Running' } }),
    ),
    ['Job shop/runs', 'Pod shop/runs'],
  )
})

t.test(
  'an existing bare pod is listed as it would be created again, also for a single namespace',
  async (t) => {
    const folder = t.testdir({
      'all.yaml': `${object('Pod', 'bare', { status: { phase: 'Running' } })}\n---\n${object('Pod', 'other').replaceAll('shop', 'else')}`,
    })
    const [found, ...others] = await listWorkloads(await objectsOfFolder(folder), new Map(), 'shop')
    t.same(others, [])
    t.equal(found?.namespace, 'shop')
    t.notHas(found?.pod, { status: {} })
    t.notHas(found?.pod, { spec: { nodeName: 'n1' } })
  },
)
