/** How the workload of a pod is found. */
import t from 'tap'
import { findWorkload } from '../../src/inject/deploy-meta.ts'
import { gatesFor, parseIstioVersion } from '../../src/istio/index.ts'
import type { JsonObject } from '../../src/json/index.ts'

const gatesOf = (version: string) => gatesFor(parseIstioVersion(version) ?? (t.fail('no version') as never))

function owned(kind: string, name: string, labels: JsonObject = {}, more: JsonObject = {}): JsonObject {
  const ownerReferences = [
    { kind: 'Other', name: 'x', apiVersion: 'v1', uid: 'u' },
    { kind, name, apiVersion: 'apps/v1', uid: 'u', controller: true },
  ]
  return { metadata: { generateName: 'web-', namespace: 'shop', labels, ownerReferences, ...more } }
}

t.test('the workload is found through its owners', async (t) => {
  const rows: readonly (readonly [pod: JsonObject, kind: string, apiVersion: string, name: string])[] = [
    [owned('ReplicaSet', 'web-abc', { 'pod-template-hash': 'abc' }), 'Deployment', 'apps/v1', 'web'],
    [owned('ReplicaSet', 'webabc', { 'pod-template-hash': 'abc' }), 'Deployment', 'apps/v1', 'webabc'],
    [owned('ReplicaSet', 'web-abc', { 'pod-template-hash': 'x' }), 'ReplicaSet', 'apps/v1', 'web-abc'],
    [owned('ReplicaSet', 'web-abc'), 'ReplicaSet', 'apps/v1', 'web-abc'],
    [owned('ReplicaSet', 'web-abc', { 'rollouts-pod-template-hash': 'abc' }), 'Rollout', 'v1alpha1', 'web'],
    [
      owned('ReplicationController', 'web-3', { deploymentconfig: 'dc' }),
      'DeploymentConfig',
      'apps/v1',
      'dc',
    ],
    [owned('ReplicationController', 'web-3'), 'ReplicationController', 'apps/v1', 'web-3'],
    [owned('Job', 'report-28990123'), 'CronJob', 'batch/v1', 'report'],
    [owned('Job', 'report-1234567'), 'Job', 'apps/v1', 'report-1234567'],
    [owned('StatefulSet', 'db'), 'StatefulSet', 'apps/v1', 'db'],
    [owned('StatefulSet', 'db', {}, { generateName: '', name: 'db-0' }), 'Pod', 'v1', 'db-0'],
    [{ metadata: { generateName: 'x-' } }, 'Pod', 'v1', ''],
    [{ metadata: { name: 'solo' } }, 'Pod', 'v1', 'solo'],
  ]
  for (const [pod, kind, apiVersion, name] of rows) {
    const { meta } = findWorkload(pod, gatesOf('1.30.0'))
    t.match(meta, { kind, apiVersion, name })
  }
})

t.test('older releases know fewer owners', async (t) => {
  const old = gatesOf('1.21.0')
  t.match(findWorkload(owned('Job', 'report-28990123'), old).meta, { apiVersion: 'batch/v1beta1' })
  t.match(findWorkload(owned('ReplicaSet', 'web-abc', { 'rollouts-pod-template-hash': 'abc' }), old).meta, {
    kind: 'ReplicaSet',
  })
  t.match(
    findWorkload(owned('ReplicationController', 'web-3', { deploymentconfig: 'dc' }), gatesOf('1.12.0')).meta,
    { kind: 'ReplicationController' },
  )
})

t.test('before 1.22 a pod of a DeploymentConfig loses its label', async (t) => {
  const pod = owned('ReplicationController', 'web-3', { deploymentconfig: 'dc', a: '1' })
  t.same(findWorkload(pod, gatesOf('1.21.0')).pod['metadata'], {
    ...(pod['metadata'] as JsonObject),
    labels: { a: '1' },
  })
  t.equal(findWorkload(pod, gatesOf('1.22.0')).pod, pod)
})

t.test('the metadata that old templates see is the pod’s own without owners', async (t) => {
  const { meta } = findWorkload(owned('StatefulSet', 'db', { a: '1' }), gatesOf('1.20.3'))
  t.same(meta.objectMeta, { generateName: 'web-', namespace: 'shop', labels: { a: '1' }, name: 'db' })
})
