/** Which workloads of a cluster will create pods: owners speak for what they own, and what ran to its end is left out. */
import t, { type Test } from 'tap'
import { listWorkloads } from '../../src/cli/cluster-workloads.ts'
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

async function listed(t: Test, ...objects: readonly string[]) {
  const folder = t.testdir({ 'all.yaml': objects.join('\n---\n') })
  return (await listWorkloads(await objectsOfFolder(folder))).map(({ title }) => title)
}

t.test('owners speak for what they own', async (t) => {
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

t.test('of a Deployment behind a ReplicaSet that is not there, its pods are not listed twice', async (t) => {
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
  'pods without a known owner are listed: bare pods, and those whose owner is of a foreign kind',
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

t.test('what ran to its end creates no pod any more', async (t) => {
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
  'a pod that exists is taken as it would be created again, of one namespace where that is asked',
  async (t) => {
    const folder = t.testdir({
      'all.yaml': `${object('Pod', 'bare', { status: { phase: 'Running' } })}\n---\n${object('Pod', 'other').replaceAll('shop', 'else')}`,
    })
    const [found, ...others] = await listWorkloads(await objectsOfFolder(folder), 'shop')
    t.same(others, [])
    t.equal(found?.namespace, 'shop')
    t.notHas(found?.pod, { status: {} })
    t.notHas(found?.pod, { spec: { nodeName: 'n1' } })
  },
)
