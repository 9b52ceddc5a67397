import t from 'tap'
import { workloadMark } from '../../src/admission/index.ts'

interface Sketch {
  readonly uid?: string
  readonly namespace?: string
  readonly metadata?: object
  readonly suffix?: string
}

function mark({ uid = 'u-1', namespace = 'shop', metadata = {}, suffix = 'x7k2p' }: Sketch = {}) {
  const review = {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace,
      operation: 'CREATE',
      userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller' },
      object: {
        metadata: {
          generateName: 'web-5d4f8c7b9-',
          creationTimestamp: null,
          labels: { app: 'web', 'pod-template-hash': '5d4f8c7b9' },
          ...metadata,
        },
        spec: { volumes: [{ name: `kube-api-access-${suffix}` }] },
      },
    },
  }
  return workloadMark(Buffer.from(JSON.stringify(review)))
}

t.test('pods of one workload have one mark', async (t) => {
  const one = mark()
  t.type(one, 'number')
  t.equal(mark({ uid: 'u-2', suffix: 'zz429' }), one)
  t.equal(mark({ metadata: { managedFields: [{ time: '2026-11-20T23:14:30Z' }] } }), one)
})

t.test('another name, ReplicaSet or namespace is another workload', async (t) => {
  const marks = [
    mark(),
    mark({ namespace: 'other' }),
    mark({ metadata: { generateName: 'web-6c7d9f8b5-' } }),
    mark({ metadata: { generateName: 'api-5d4f8c7b9-' } }),
  ]
  t.equal(new Set(marks).size, marks.length)
})

t.test('a text without such places has none', async (t) => {
  for (const text of ['', '{}', '{"object":{}}', '{"metadata":{},"object":null}', 'x'.repeat(200)])
    t.equal(workloadMark(Buffer.from(text)), undefined, text)
  t.type(workloadMark(Buffer.from('{"object":{"metadata":{}}}')), 'number', 'one that ends there has')
})

t.test('numbers are small integers', async (t) => {
  for (let i = 0; i < 200; i++) {
    const found = mark({ namespace: `n${i}` }) ?? -1
    t.ok(Number.isInteger(found) && found >= 0 && found < 2 ** 30)
  }
})
