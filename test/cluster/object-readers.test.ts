import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { LiveObjects } from '../../src/cluster/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { objectsOfFolder } from './folder-objects.ts'
import { FakeApi } from './live/fake-api.ts'

const pod = (namespace: string, name: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
})

function names(objects: readonly JsonObject[]): readonly unknown[] {
  return objects.map((object) => (object['metadata'] as JsonObject)['name'])
}

t.test('a folder returns whole objects of one or all namespaces, in any version of the group', async (t) => {
  const folder = t.testdir()
  mkdirSync(join(folder, 'more'))
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: [pod('shop', 'b'), pod('shop', 'a'), pod('mail', 'c')],
  }
  writeFileSync(join(folder, 'pods.json'), JSON.stringify(list))
  const cronJob = 'apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: nightly}\nspec: {x: 1}\n'
  writeFileSync(join(folder, 'more/cron.yaml'), cronJob)
  writeFileSync(join(folder, 'broken.yaml'), '{')
  writeFileSync(join(folder, 'zz.json'), JSON.stringify({ ...pod('shop', 'a'), spec: 'the last one counts' }))
  const objects = await objectsOfFolder(folder)
  t.same(names(await objects.list('pod')), ['c', 'a', 'b'])
  t.equal((await objects.list('pod'))[1]?.['spec'], 'the last one counts')
  t.same(names(await objects.list('pod', 'shop')), ['a', 'b'])
  t.same(names(await objects.list('deployment')), [])
  t.match(await objects.get('cronjob', { namespace: 'default', name: 'nightly' }), { spec: { x: 1 } })
  t.equal(await objects.get('pod', { namespace: 'shop', name: 'c' }), undefined)
  objects.close()
})

t.test('a live cluster is queried only for the requested objects', async (t) => {
  const pods = '/api/v1/namespaces/shop/pods'
  const webhooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
  const api = await FakeApi.start([pods, '/api/v1/services', webhooks])
  t.teardown(() => api.kill())
  for (let i = 0; i < 300; i++) api.put(pods, { metadata: { name: `p${i}`, namespace: 'shop' } })
  api.put('/api/v1/services', { kind: 'Service', metadata: { name: 'istiod', namespace: 'istio-system' } })
  api.put(webhooks, { metadata: { name: 'w' } })
  const objects = new LiveObjects(api)
  const found = await objects.list('pod', 'shop')
  t.equal(found.length, 300)
  t.match(found[0], { apiVersion: 'v1', kind: 'Pod' })
  t.match(await objects.get('service', { namespace: 'istio-system', name: 'istiod' }), { kind: 'Service' })
  t.equal(await objects.get('service', { namespace: 'istio-system', name: 'other' }), undefined)
  t.same(names(await objects.list('mutatingwebhookconfiguration')), ['w'])
  t.same([...new Set(api.requests.map(({ path }) => path))].length, 4)
  api.fail({ status: 403, message: 'not allowed' }, () => true)
  await t.rejects(objects.list('pod', 'shop'), { code: 'cluster-api-refused', message: /403 not allowed/ })
  objects.close()
})

t.test('a kind of an extension is found in any version that the API server serves', async (t) => {
  const group = 'gateway.networking.k8s.io'
  const older = `/apis/${group}/v1beta1/gateways`
  const api = await FakeApi.start(['/apis', older])
  t.teardown(() => api.kill())
  const versions = ['v1', 'v1beta1'].map((version) => ({ groupVersion: `${group}/${version}`, version }))
  api.put('/apis', { metadata: { name: group }, versions })
  api.put(older, { metadata: { name: 'edge', namespace: 'shop' } })
  const objects = new LiveObjects(api)
  t.same(names(await objects.list('gateway')), ['edge'])
  t.same(names(await objects.list('gatewayclass')), [], 'the group does not have it')
  t.same(names(await objects.list('workloadentry')), [], 'there is no such group')
  api.fail({ status: 403, message: 'not allowed' }, ({ path }) => path === '/apis/argoproj.io')
  await t.rejects(objects.list('rollout'), { code: 'cluster-api-refused' }, 'not known')
  objects.close()
})
