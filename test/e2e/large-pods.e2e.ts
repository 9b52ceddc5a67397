/**
 * Pods at the limit of etcd, with a real API server and etcd: `node test/e2e/large-pods.e2e.ts`. Pods that Remora
 * refuses as too large are refused by the API server too, and slightly smaller pods are stored.
 */
import { join } from 'node:path'
import t from 'tap'
import { ETCD_MAX_REQUEST_BYTES } from '../../src/admission/index.ts'
import { exceedsStoredBytes } from '../../src/admission/stored-size.ts'
import { findBinaries } from './harness/binaries.ts'
import { startControlPlane } from './harness/control-plane.ts'
import { waitFor } from './harness/process.ts'
import { buildForProduction } from './harness/production-build.ts'
import { connectApi } from './harness/tls/api.ts'
import { type Forwarder, forward } from './harness/tls/forwarder.ts'
import { both, emptySecret, NAMESPACE, rights, SERVICE, SERVICE_PORT } from './harness/tls/objects.ts'
import { questions } from './harness/tls/questions.ts'
import { accountKubeconfig, type Replica, ready, startReplica } from './harness/tls/replica.ts'

const LIMIT = { timeout: 180_000 }
/** Of a pod beside what the bound counts: times, defaults, key and envelope in etcd. */
const UNCOUNTED = 8 * 1024
const PLAIN = 'plain'
const INJECTED = 'test-ns'

const plane = await startControlPlane(findBinaries())
const { kubectl } = plane
const { sharedCa, filled } = questions(plane)
const api = connectApi(plane)
const main = buildForProduction(join(plane.folder, 'image'))
let replica: Replica | undefined
let forwarder: Forwarder | undefined

t.setTimeout(5 * 60_000)
t.teardown(async () => {
  forwarder?.close()
  api.close()
  await replica?.process.stop()
  await plane.stop()
})

kubectl.run('create', 'namespace', NAMESPACE)
for (const name of [PLAIN, INJECTED]) {
  kubectl.run('create', 'namespace', name)
  await waitFor(`the ServiceAccount of ${name}`, () =>
    kubectl.try('get', 'serviceaccount', 'default', '-n', name).status === 0 ? true : undefined,
  )
}
kubectl.run('label', 'namespace', INJECTED, 'istio-injection=enabled')
kubectl.apply(...rights, emptySecret, both, {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: SERVICE, namespace: NAMESPACE },
  spec: { ports: [{ port: SERVICE_PORT }] },
})
replica = await startReplica({
  name: 'one',
  folder: plane.folder,
  main,
  kubeconfig: accountKubeconfig(plane),
})
await ready(replica)
await waitFor('the caBundles', () => filled(sharedCa()) || undefined)
const service = kubectl.get<{ spec: { clusterIP: string } }>('service', SERVICE, '-n', NAMESPACE)
forwarder = await forward(service.spec.clusterIP, SERVICE_PORT)
forwarder.use([replica.port])

interface Pod {
  readonly metadata?: object
  readonly spec: object
}
const container = { name: 'web', image: 'web' }
const many = <T>(count: number, item: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => item(i))
const five = (i: number): string => String(10_000 + i).slice(-5)

/** Pods of about that many bytes in etcd, by what makes them large. */
const kinds = {
  arguments: (bytes: number) => ({
    spec: { containers: [{ ...container, args: many(bytes / 102, () => 'x'.repeat(100)) }] },
  }),
  labels: (bytes: number) => ({
    metadata: {
      labels: Object.fromEntries(many(bytes / 78, (i) => [`key-${five(i)}`, `${five(i)}${'x'.repeat(58)}`])),
    },
    spec: { containers: [container] },
  }),
  environment: (bytes: number) => ({
    spec: {
      containers: [
        { ...container, env: many(bytes / 111, (i) => ({ name: `V${five(i)}`, value: 'x'.repeat(98) })) },
      ],
    },
  }),
} satisfies { readonly [name: string]: (bytes: number) => Pod }

function review(pod: object): Buffer {
  return Buffer.from(JSON.stringify({ request: { object: pod } }))
}

function named(pod: Pod, name: string): object {
  return { apiVersion: 'v1', kind: 'Pod', ...pod, metadata: { ...pod.metadata, name } }
}

/** The largest of its kind that the bound lets through. */
function largest(kind: (bytes: number) => Pod, maxBytes: number): number {
  let [fits, exceeds] = [0, 2 * maxBytes]
  while (exceeds - fits > 200) {
    const middle = Math.floor((fits + exceeds) / 2)
    if (exceedsStoredBytes(review(named(kind(middle), 'pod')), maxBytes)) exceeds = middle
    else fits = middle
  }
  return fits
}

const create = (namespace: string, pod: object) =>
  api.send('POST', `/api/v1/namespaces/${namespace}/pods`, 'application/json', pod)

for (const [name, kind] of Object.entries(kinds)) {
  t.test(
    `${name}: what the bound refuses etcd refuses, what is a little smaller is stored`,
    LIMIT,
    async (t) => {
      const refused = named(kind(largest(kind, ETCD_MAX_REQUEST_BYTES) + 500), `${name}-large`)
      t.ok(exceedsStoredBytes(review(refused), ETCD_MAX_REQUEST_BYTES))
      const direct = await create(PLAIN, refused)
      t.not(direct.status, 201)
      t.match(direct.body, /etcdserver: request is too large/, 'the API server says so itself')
      const answered = await create(INJECTED, refused)
      t.match(answered.body, /admission webhook .* denied the request.*pod-too-large-to-store/)

      const stored = named(kind(largest(kind, ETCD_MAX_REQUEST_BYTES - UNCOUNTED)), `${name}-small`)
      const kept = await create(PLAIN, stored)
      t.equal(kept.status, 201, kept.body.slice(0, 300))
    },
  )
}

t.test(
  'managedFields are not counted, because the API server drops them from a pod that is too large',
  LIMIT,
  async (t) => {
    const fields = Object.fromEntries(many(8_000, (i) => [`f:key-${five(i)}-${'x'.repeat(20)}`, {}]))
    const managedFields = [
      {
        manager: 'm',
        operation: 'Update',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:labels': fields } },
        time: '2026-11-29T22:00:00Z',
      },
    ]
    const { spec } = kinds.arguments(largest(kinds.arguments, ETCD_MAX_REQUEST_BYTES - UNCOUNTED))
    const large = named({ spec, metadata: { managedFields } }, 'managed')
    t.ok(JSON.stringify(large).length > ETCD_MAX_REQUEST_BYTES * 1.1)
    const kept = await create(PLAIN, large)
    t.equal(kept.status, 201, kept.body.slice(0, 300))
  },
)
