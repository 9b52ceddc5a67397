import t from 'tap'
import type { JsonValue } from '../../src/json/index.ts'
import { decodePod, decodeTyped, encodePod, encodeTyped, KubeError } from '../../src/kube/index.ts'

const texts: readonly (readonly [name: string, type: string, value: JsonValue, text: string])[] = [
  ['an empty pod', 'Pod', {}, '{"metadata":{},"spec":{"containers":null},"status":{}}'],
  ['null is an empty pod', 'Pod', null, '{"metadata":{},"spec":{"containers":null},"status":{}}'],
  [
    "Go's field order",
    'Container',
    { image: 'i', name: 'n', args: ['a'] },
    '{"name":"n","image":"i","args":["a"],"resources":{}}',
  ],
  [
    'maps in byte order',
    'ObjectMeta',
    { labels: { b: '1', '10': 'x', '9': 'y', a: '<' } },
    '{"labels":{"10":"x","9":"y","a":"\\u003c","b":"1"}}',
  ],
  ['unknown fields are gone', 'Volume', { name: 'v', nope: 1, constructor: 2 }, '{"name":"v"}'],
  [
    'empty lists and maps are omitted',
    'Container',
    { name: 'n', env: [], ports: [] },
    '{"name":"n","resources":{}}',
  ],
  ['but not where Go has no omitempty', 'PodSpec', { containers: [] }, '{"containers":[]}'],
  [
    'zero is omitted, behind a pointer it is not',
    'PodSpec',
    { hostNetwork: false, priority: 0, containers: null },
    '{"containers":null,"priority":0}',
  ],
  [
    'nulls leave what was',
    'Container',
    { name: null, securityContext: null, args: null },
    '{"name":"","resources":{}}',
  ],
  [
    'null items are zero values',
    'Container',
    { name: 'n', args: [null], env: [null] },
    '{"name":"n","args":[""],"env":[{"name":""}],"resources":{}}',
  ],
  [
    'keys in another case',
    'Container',
    { Name: 'n', IMAGE: 'i', argſ: ['a'] },
    '{"name":"n","image":"i","args":["a"],"resources":{}}',
  ],
  ['the last of two spellings wins', 'Container', { name: 'a', Name: 'b' }, '{"name":"b","resources":{}}'],
  [
    'objects of two spellings are joined',
    'Pod',
    {
      spec: { nodeName: 'a', containers: [{ name: 'x', image: 'i' }] },
      Spec: { hostname: 'h', containers: [{ name: 'y' }] },
    },
    '{"metadata":{},"spec":{"containers":[{"name":"y","image":"i","resources":{}}],"nodeName":"a","hostname":"h"},"status":{}}',
  ],
  [
    'maps of two spellings are joined',
    'ObjectMeta',
    { labels: { a: '1' }, Labels: { b: '2' } },
    '{"labels":{"a":"1","b":"2"}}',
  ],
  [
    'quantities become canonical',
    'ResourceRequirements',
    { limits: { cpu: 0.5, memory: ' 1.5Gi ', x: null } },
    '{"limits":{"cpu":"500m","memory":"1536Mi","x":"0"}}',
  ],
  [
    'an unset quantity is 0',
    'ResourceFieldSelector',
    { resource: 'limits.cpu' },
    '{"resource":"limits.cpu","divisor":"0"}',
  ],
  [
    'a port by number, name, or not at all',
    'LifecycleHandler',
    { httpGet: { port: 80 }, tcpSocket: { port: 'http' } },
    '{"httpGet":{"port":80},"tcpSocket":{"port":"http"}}',
  ],
  ['an unset port', 'TCPSocketAction', { port: null }, '{"port":0}'],
  [
    'times in UTC',
    'ObjectMeta',
    { creationTimestamp: '2024-01-01T01:00:00+01:00' },
    '{"creationTimestamp":"2024-01-01T00:00:00Z"}',
  ],
  [
    'an unset time that is always written',
    'PodCondition',
    { type: 'Ready', status: 'True' },
    '{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":null}',
  ],
  [
    'managed fields stay raw',
    'ManagedFieldsEntry',
    { fieldsV1: { 'f:b': {}, 'f:a': {} } },
    '{"fieldsV1":{"f:b":{},"f:a":{}}}',
  ],
  ['negative zero', 'PodSpec', { containers: [], priority: -0 }, '{"containers":[],"priority":0}'],
  ['the greatest int64', 'SecurityContext', { runAsUser: 2 ** 63 }, '{"runAsUser":9223372036854776000}'],
]

for (const [name, type, value, text] of texts) {
  t.test(name, async (t) => {
    t.equal(encodeTyped(type, value), text)
    t.equal(encodeTyped(type, JSON.parse(text)), text, 'and it is a fixed point')
  })
}

t.test('older apimachinery writes an unset creationTimestamp as null', async (t) => {
  const options = { nullCreationTimestamp: true }
  t.equal(
    encodePod({}, options),
    '{"metadata":{"creationTimestamp":null},"spec":{"containers":null},"status":{}}',
  )
  t.equal(encodeTyped('ObjectMeta', { name: 'a' }, options), '{"name":"a","creationTimestamp":null}')
})

t.test('the zero time is unset, behind a pointer it is null', async (t) => {
  const zero = '0001-01-01T00:00:00Z'
  t.equal(
    encodeTyped('ObjectMeta', { creationTimestamp: zero, deletionTimestamp: zero }),
    '{"deletionTimestamp":null}',
  )
})

t.test('prototype names in maps are data', async (t) => {
  const labels = JSON.parse('{"labels":{"constructor":"b","__proto__":"a"}}')
  t.equal(encodeTyped('ObjectMeta', labels), '{"labels":{"__proto__":"a","constructor":"b"}}')
  t.equal(encodeTyped('ObjectMeta', JSON.parse('{"__proto__":{"name":"x"}}')), '{}')
})

t.test('what is canonical already is the same object', async (t) => {
  const pod = decodePod({
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: '1000m' } } }] },
  })
  t.equal(decodePod(pod), pod)
  t.equal(decodePod({ ...pod, nope: 1 })['spec'] as object, pod['spec'])
})

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
      t.match(error, { path, reason, message: path === undefined ? reason : `${path}: ${reason}` })
    }
  })
}

t.test('an unknown struct is a programming error', async (t) => {
  t.throws(() => decodeTyped('Nope', {}), /no type Nope/)
})
