import t from 'tap'
import type { JsonObject } from '../../src/json/index.ts'
import { endpointState, serviceOfAddress, showWorkload, workloadOf } from '../../src/rollout/index.ts'

type Owner = readonly [apiVersion: string, kind: string, name: string, controller?: boolean]

function pod([apiVersion, kind, name, controller = true]: Owner, metadata: JsonObject = {}): JsonObject {
  return { metadata: { ownerReferences: [{ apiVersion, kind, name, controller }], ...metadata } }
}

const labels = (name: string, value: string): JsonObject => ({ labels: { [name]: value } })

const KINDS: readonly (readonly [what: string, pod: JsonObject, workload: string])[] = [
  [
    'a Deployment, by its ReplicaSet less the hash',
    pod(['apps/v1', 'ReplicaSet', 'cart-5d4f8'], labels('pod-template-hash', '5d4f8')),
    'shop/Deployment/cart',
  ],
  [
    'a Rollout of Argo',
    pod(['apps/v1', 'ReplicaSet', 'cart-5d4f8'], labels('rollouts-pod-template-hash', '5d4f8')),
    'shop/Rollout.argoproj.io/cart',
  ],
  ['a ReplicaSet of its own', pod(['apps/v1', 'ReplicaSet', 'cart']), 'shop/ReplicaSet/cart'],
  ['a CronJob, by minutes', pod(['batch/v1', 'Job', 'report-29412345']), 'shop/CronJob/report'],
  ['a CronJob, by seconds', pod(['batch/v1', 'Job', 'report-1764740700']), 'shop/CronJob/report'],
  ['a Job', pod(['batch/v1', 'Job', 'migrate']), 'shop/Job/migrate'],
  ['a StatefulSet', pod(['apps/v1', 'StatefulSet', 'db']), 'shop/StatefulSet/db'],
  ['a DaemonSet', pod(['apps/v1', 'DaemonSet', 'agent']), 'shop/DaemonSet/agent'],
  [
    'a DeploymentConfig, by its label',
    pod(['v1', 'ReplicationController', 'web-3'], labels('deploymentconfig', 'web')),
    'shop/DeploymentConfig.apps.openshift.io/web',
  ],
  ['a ReplicationController', pod(['v1', 'ReplicationController', 'web']), 'shop/ReplicationController/web'],
  ['a bare pod', { metadata: { name: 'debug' } }, 'shop/Pod/debug'],
  ['a bare pod with a generated name, at admission', { metadata: { generateName: 'run-' } }, 'shop/Pod/run-'],
  ['the same pod when it runs', { metadata: { generateName: 'run-', name: 'run-x7k2p' } }, 'shop/Pod/run-'],
  [
    'a name that is not the generated one',
    { metadata: { generateName: 'run-', name: 'other' } },
    'shop/Pod/other',
  ],
  [
    'an owner counts whatever generateName says',
    pod(['apps/v1', 'StatefulSet', 'db'], { name: 'db-0', generateName: 'db-' }),
    'shop/StatefulSet/db',
  ],
  ['an owner that is no controller', pod(['v1', 'Node', 'n', false], { name: 'p' }), 'shop/Pod/p'],
  ['nothing at all', {}, 'shop/Pod/'],
]

t.test('the workload of a pod is found from its owner', async (t) => {
  for (const [what, object, workload] of KINDS)
    t.equal(showWorkload(workloadOf(object, 'shop')), workload, what)
})

/** docs/rollouts.md lists these under the same names. */
const MISLEADING: readonly (readonly [what: string, pod: JsonObject, workload: string])[] = [
  [
    'a Job by hand whose name ends in a date counts as a CronJob',
    pod(['batch/v1', 'Job', 'backfill-20260131']),
    'shop/CronJob/backfill',
  ],
  [
    'a Job that was started by hand from a CronJob is a Job of its own',
    pod(['batch/v1', 'Job', 'report-manual-x7k2p']),
    'shop/Job/report-manual-x7k2p',
  ],
  [
    'each Knative revision is a Deployment of its own',
    pod(['apps/v1', 'ReplicaSet', 'hello-00002-deployment-5d4f8'], labels('pod-template-hash', '5d4f8')),
    'shop/Deployment/hello-00002-deployment',
  ],
  [
    'an owner with a new name for each run is a workload for each run',
    pod(['argoproj.io/v1alpha1', 'Workflow', 'etl-x7k2p']),
    'shop/Workflow.argoproj.io/etl-x7k2p',
  ],
  [
    'a ReplicationController by hand with the label deploymentconfig',
    pod(['v1', 'ReplicationController', 'mine'], labels('deploymentconfig', 'web')),
    'shop/DeploymentConfig.apps.openshift.io/web',
  ],
  [
    'a ReplicaSet by hand whose name ends in its hash counts as a Deployment',
    pod(['apps/v1', 'ReplicaSet', 'mine-1'], labels('pod-template-hash', '1')),
    'shop/Deployment/mine',
  ],
  [
    'a hash label that the name does not end in leaves the ReplicaSet',
    pod(['apps/v1', 'ReplicaSet', 'cart5d4f8'], labels('pod-template-hash', '5d4f8')),
    'shop/ReplicaSet/cart5d4f8',
  ],
  [
    'a ReplicaSet of another group has no Deployment',
    pod(['example.com/v1', 'ReplicaSet', 'cart-1'], labels('pod-template-hash', '1')),
    'shop/ReplicaSet.example.com/cart-1',
  ],
  ['the static pods of a node are one workload', pod(['v1', 'Node', 'node-1']), 'shop/Node/node-1'],
]

t.test('names of manual Jobs, dated Jobs and Knative revisions give one identity per name', async (t) => {
  for (const [what, object, workload] of MISLEADING)
    t.equal(showWorkload(workloadOf(object, 'shop')), workload, what)
})

t.test('an identity is small, whatever the pod contains', async (t) => {
  const { name } = workloadOf(pod(['apps/v1', 'DaemonSet', 'x'.repeat(1_000_000)]), 'shop')
  t.equal(name.length, 253)
})

t.test('the Service is read from a discovery address', async (t) => {
  const istiod = { namespace: 'istio-system', name: 'istiod-1-30-3' }
  for (const rest of ['.svc:15012', '.svc', '.svc.cluster.local:15012', ':15012'])
    t.same(serviceOfAddress(`istiod-1-30-3.istio-system${rest}`), istiod)
  for (const address of ['', 'istiod.example.com:15012', '10.0.0.1:15012'])
    t.equal(serviceOfAddress(address), undefined, address)
})

t.test('EndpointSlices show whether a Service has ready endpoints', async (t) => {
  const service = { spec: { selector: { app: 'istiod' } } }
  const slice = (ready?: boolean) => ({
    endpoints: [{ conditions: { ready: false } }, { conditions: ready === undefined ? {} : { ready } }],
  })
  t.equal(endpointState(service, [slice(true)]), 'ready')
  t.equal(endpointState(service, [slice()]), 'ready', 'a condition that is not set')
  t.equal(endpointState(service, [slice(false)]), 'none')
  t.equal(endpointState(service, []), 'none')
  t.equal(endpointState(undefined, []), 'not-known')
  t.equal(endpointState({ spec: {} }, []), 'not-known', 'no selector')
  t.equal(endpointState({ spec: { type: 'ExternalName', selector: { a: 'b' } } }, []), 'not-known')
})
