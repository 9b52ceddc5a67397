/** Unknown fields and wrong types as kubectl's strict decoding reports them. */
import t from 'tap'
import type { JsonValue } from '../../src/json/index.ts'
import { strictRemarks } from '../../src/kube/index.ts'

const lines = (type: string, value: JsonValue, options = {}) =>
  strictRemarks(type, value, options).map(
    ({ kind, path, type: of, meant, expected }) =>
      `${kind} ${path.join('.')} of ${of}: ${meant ?? expected ?? '-'}`,
  )

t.test('unknown fields are reported with the nearest known name', async (t) => {
  const volume = { name: 'filters', comfigMap: { name: 'filters' } }
  t.same(lines('Pod', { spec: { volumes: [volume] } }), [
    'unknown spec.volumes.0.comfigMap of Volume: configMap',
  ])
  t.same(lines('Pod', { spec: { containers: [{ name: 'a', securityContex: {} }] } }), [
    'unknown spec.containers.0.securityContex of Container: securityContext',
  ])
  t.same(lines('Pod', { containers: [] }), ['unknown containers of Pod: spec.containers'])
  t.same(lines('Container', { name: 'a', limits: {}, privileged: true, oddly: 1 }), [
    'unknown limits of Container: resources.limits',
    'unknown privileged of Container: securityContext.privileged',
    'unknown oddly of Container: -',
  ])
})

t.test('wrong types are reported', async (t) => {
  t.same(
    lines('Container', {
      ports: [{ containerPort: '80' }],
      env: { A: 'b' },
      securityContext: { privileged: 'yes' },
      command: 'run',
      image: 5,
    }),
    [
      'type ports.0.containerPort of int32: an integer',
      'type env of []v1.EnvVar: a list',
      'type securityContext.privileged of bool: true or false',
      'type command of []string: a list',
      'type image of string: a string',
    ],
  )
  t.same(lines('Pod', { metadata: { labels: { a: 1 } } }), ['type metadata.labels.a of string: a string'])
})

t.test('a correct pod, nulls, quantities, IntOrString and unknown types are not reported', async (t) => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', creationTimestamp: null, annotations: { x: 'y' } },
    spec: {
      containers: [
        {
          name: 'app',
          resources: { limits: { cpu: 1, memory: '1Gi' } },
          readinessProbe: { httpGet: { port: 'http' } },
          livenessProbe: { tcpSocket: { port: 80 } },
        },
      ],
    },
  }
  t.same(lines('Pod', pod), [])
  t.same(lines('NoSuchType', { a: 1 }), [])
})

t.test("keys match exactly for Kubernetes and in any case for Istio's decoder", async (t) => {
  t.same(lines('Pod', { spec: { Containers: [] } }), ['unknown spec.Containers of PodSpec: containers'])
  t.same(lines('Pod', { spec: { Containers: [] } }, { ignoreCase: true }), [])
})
