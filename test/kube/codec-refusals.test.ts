import t from 'tap'
import type { JsonValue } from '../../src/json/index.ts'
import { decodeTyped, KubeError } from '../../src/kube/index.ts'

const at = 'json: cannot unmarshal'
const refusals: readonly (readonly [
  name: string,
  type: string,
  value: JsonValue,
  path: string | undefined,
  reason: string,
])[] = [
  [
    'a string for a number',
    'Pod',
    { spec: { priority: 'high' } },
    'spec.priority',
    `${at} string into Go struct field PodSpec.spec.priority of type int32`,
  ],
  [
    'a string for a port number',
    'Pod',
    { spec: { containers: [{ ports: [{}, { containerPort: '80' }] }] } },
    'spec.containers[0].ports[1].containerPort',
    `${at} string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`,
  ],
  [
    'a number too large',
    'ContainerPort',
    { containerPort: 2147483648 },
    'containerPort',
    `${at} number 2147483648 into Go struct field ContainerPort.containerPort of type int32`,
  ],
  [
    'a fraction',
    'ContainerPort',
    { containerPort: 1.5 },
    'containerPort',
    `${at} number 1.5 into Go struct field ContainerPort.containerPort of type int32`,
  ],
  [
    'past int64',
    'SecurityContext',
    { runAsUser: 1e20 },
    'runAsUser',
    `${at} number 100000000000000000000 into Go struct field SecurityContext.runAsUser of type int64`,
  ],
  [
    'a number for a string',
    'Container',
    { image: 1 },
    'image',
    `${at} number into Go struct field Container.image of type string`,
  ],
  [
    'a bool for a string',
    'Container',
    { image: true },
    'image',
    `${at} bool into Go struct field Container.image of type string`,
  ],
  [
    'a string for a bool',
    'PodSpec',
    { hostNetwork: 'yes' },
    'hostNetwork',
    `${at} string into Go struct field PodSpec.hostNetwork of type bool`,
  ],
  [
    'an object for a list',
    'PodSpec',
    { containers: {} },
    'containers',
    `${at} object into Go struct field PodSpec.containers of type []v1.Container`,
  ],
  [
    'a list for a struct',
    'Pod',
    { spec: [] },
    'spec',
    `${at} array into Go struct field Pod.spec of type v1.PodSpec`,
  ],
  [
    'a list for a map',
    'ObjectMeta',
    { labels: [] },
    'labels',
    `${at} array into Go struct field ObjectMeta.labels of type map[string]string`,
  ],
  [
    'a number in a map of strings',
    'ObjectMeta',
    { annotations: { a: 1 } },
    'annotations[a]',
    `${at} number into Go struct field ObjectMeta.annotations of type string`,
  ],
  ['no object at all', 'Pod', 'x', undefined, `${at} string into Go value of type v1.Pod`],
  [
    'a fraction for a port',
    'TCPSocketAction',
    { port: 1.5 },
    'port',
    `${at} number 1.5 into Go struct field TCPSocketAction.port of type int32`,
  ],
  [
    'a field of an embedded struct',
    'Probe',
    { httpGet: { port: true } },
    'httpGet.port',
    `${at} bool into Go struct field HTTPGetAction.ProbeHandler.httpGet.port of type int32`,
  ],
  [
    'a number for a time',
    'ObjectMeta',
    { creationTimestamp: 1 },
    'creationTimestamp',
    `${at} number into Go struct field ObjectMeta.creationTimestamp of type string`,
  ],
  [
    'a bad time',
    'ObjectMeta',
    { creationTimestamp: 'x' },
    'creationTimestamp',
    'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
  ],
  [
    'a bad quantity',
    'ResourceRequirements',
    { limits: { cpu: 'much' } },
    'limits[cpu]',
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  [
    'a quantity with a line break',
    'EmptyDirVolumeSource',
    { sizeLimit: '1\n' },
    'sizeLimit',
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  [
    'the first of two type errors',
    'Container',
    { image: 1, name: 2 },
    'image',
    `${at} number into Go struct field Container.image of type string`,
  ],
  [
    'a bad quantity before an earlier type error',
    'Container',
    { name: 2, resources: { limits: { cpu: true } } },
    'resources.limits[cpu]',
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
]

for (const [name, type, value, path, reason] of refusals) {
  t.test(`refused: ${name}`, async (t) => {
    try {
      decodeTyped(type, value)
      t.fail('expected an error')
    } catch (error) {
      t.ok(error instanceof KubeError)
      t.match(error, { path, reason })
      const message = error instanceof KubeError ? error.message : ''
      t.match(message, /^(?:\S.*: )?(?:found .+, )?expected .+$/, 'in words of its own')
      t.notMatch(message, /json:|Go |regular expression/)
      if (path !== undefined) t.ok(message.startsWith(`${path}: `), message)
    }
  })
}
