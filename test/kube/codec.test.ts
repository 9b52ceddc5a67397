import t from 'tap'
import type { JsonValue } from '../../src/json/index.ts'
import { decodePod, decodeTyped, encodePod, encodeTyped } from '../../src/kube/index.ts'

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

t.test('a zero time is omitted, or written as null behind a pointer', async (t) => {
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

t.test('a canonical value stays the same object', async (t) => {
  const pod = decodePod({
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: '1000m' } } }] },
  })
  t.equal(decodePod(pod), pod)
  t.equal(decodePod({ ...pod, nope: 1 })['spec'] as object, pod['spec'])
})

t.test('an unknown struct is a programming error', async (t) => {
  t.throws(() => decodeTyped('Nope', {}), /no type Nope/)
})
