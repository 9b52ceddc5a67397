/**
 * No pod that etcd could store is refused: a small encoder computes, from the schema table, the minimum size of a
 * pod's protobuf, and the bound that is read from the review's text never exceeds it. test/e2e/large-pods.e2e.ts
 * compares both with a real API server and etcd.
 */
import fc from 'fast-check'
import t from 'tap'
import { decodeReview, ETCD_MAX_REQUEST_BYTES } from '../../src/admission/index.ts'
import { MAPS } from '../../src/admission/stored-fields.ts'
import { exceedsStoredBytes } from '../../src/admission/stored-size.ts'
import { encodeGoJson, isObject, type JsonObject, type JsonValue } from '../../src/json/index.ts'
import { allTypes, type FieldType, lookupType, type SchemaType } from '../../src/merge/index.ts'

/** As an API server writes it: the object comes last. */
function reviewOf(object: JsonValue, more: JsonObject = {}): Buffer {
  const request = JSON.stringify({ uid: 'u', namespace: 'shop', operation: 'CREATE', ...more }).slice(0, -1)
  const review = `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":${request}`
  return Buffer.from(`${review},"object":${encodeGoJson(object)}}}`)
}

// ---- the encoder

/** By struct and field: what an API server of any release may leave out of the stored pod. */
const LEFT_OUT = new Set(
  `Pod.kind Pod.apiVersion Pod.status ObjectMeta.managedFields ObjectMeta.selfLink ObjectMeta.uid ObjectMeta.resourceVersion
  ObjectMeta.creationTimestamp ObjectMeta.deletionTimestamp PodSpec.resources PodSpec.resourceClaims PodSpec.hostnameOverride
  PodSpec.schedulingGates PodSpec.workloadRef ResourceRequirements.claims VolumeSource.image Volume.image
  VolumeProjection.clusterTrustBundle VolumeProjection.podCertificate EnvVarSource.fileKeyRef SecurityContext.procMount
  PodSecurityContext.supplementalGroupsPolicy PodSecurityContext.seLinuxChangePolicy
  Container.resizePolicy Container.restartPolicy Container.restartPolicyRules EphemeralContainer.resizePolicy
  EphemeralContainer.restartPolicy EphemeralContainer.restartPolicyRules Lifecycle.stopSignal VolumeMount.recursiveReadOnly
  TopologySpreadConstraint.matchLabelKeys TopologySpreadConstraint.nodeAffinityPolicy TopologySpreadConstraint.nodeTaintsPolicy
  PodAffinityTerm.matchLabelKeys PodAffinityTerm.mismatchLabelKeys`.split(/\s+/),
)

function structSize(type: SchemaType, value: JsonValue): number {
  if (!isObject(value)) return 0
  let size = 0
  for (const field of type.fields) {
    const item = value[field.name]
    if (item === undefined || item === null || LEFT_OUT.has(`${type.name}.${field.name}`)) continue
    size += fieldSize(field.type, item)
  }
  return size
}

/** With its tag, which has one byte or more. */
function fieldSize(type: FieldType, value: JsonValue): number {
  switch (type.kind) {
    case 'struct':
      return prefixed(structSize(type.struct, value))
    case 'list':
      // Array.isArray does not narrow readonly arrays.
      return (value as readonly JsonValue[]).reduce<number>(
        (sum, item) => sum + fieldSize(type.elem, item),
        0,
      )
    case 'map':
      return Object.entries(value as JsonObject).reduce(
        (sum, [key, item]) => sum + prefixed(textSize(key) + fieldSize(type.elem, item)),
        0,
      )
    case 'special':
      if (type.special === 'quantity') return prefixed(textSize(String(value)))
      if (type.special === 'intOrString') return prefixed(typeof value === 'string' ? textSize(value) : 2)
      // A time is two numbers.
      return type.special === 'time' ? prefixed(4) : prefixed(textSize(encodeGoJson(value)))
    case 'scalar':
      return typeof value === 'string' ? textSize(value) : 2
  }
}

function textSize(text: string): number {
  return prefixed(Buffer.byteLength(text))
}

function prefixed(length: number): number {
  return 1 + (length < 128 ? 1 : length < 16_384 ? 2 : 3) + length
}

// ---- the pods

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('"', '\\', '<&>', '\u2028\n\t\u0001', '\u{1f600}', '{"a":[{}]}', 'x'.repeat(300)),
)

function arbitraryOf(type: FieldType, depth: number): fc.Arbitrary<JsonValue> {
  switch (type.kind) {
    case 'struct':
      return structOf(type.struct, depth)
    case 'list':
      return fc.array(arbitraryOf(type.elem, depth), { maxLength: 3 })
    case 'map':
      return fc.dictionary(text, arbitraryOf(type.elem, depth), { maxKeys: 3 })
    case 'special':
      if (type.special === 'quantity') return fc.constantFrom('1', '100m', '64Mi')
      if (type.special === 'intOrString') return fc.oneof(text, fc.nat())
      if (type.special === 'time') return fc.constant('2026-11-29T22:00:00Z')
      return fc.constant({ 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } } })
    case 'scalar':
      return type.scalar === 'string'
        ? text
        : type.scalar === 'bool'
          ? fc.boolean()
          : fc.nat({ max: 2 ** 31 - 1 })
  }
}

function structOf(type: SchemaType, depth: number): fc.Arbitrary<JsonObject> {
  const fields = type.fields.filter(
    ({ type: { kind } }) => depth > 0 || kind === 'scalar' || kind === 'special',
  )
  const lazily = fields.map(({ name, type: of }) => [
    name,
    fc.constant(of).chain((one) => arbitraryOf(one, depth - 1)),
  ])
  return fc
    .subarray(lazily as [string, fc.Arbitrary<JsonValue>][], { maxLength: Math.min(4, lazily.length) }) // as they were put together
    .chain((some) => fc.record(Object.fromEntries(some)) as fc.Arbitrary<JsonObject>)
}

const podType = lookupType('Pod') as SchemaType // the table has it

t.test('only pods larger than any of their protobuf encodings are refused', async () => {
  const pods = fc.record({
    metadata: structOf(typeNamed('ObjectMeta'), 4),
    spec: structOf(typeNamed('PodSpec'), 6),
  })
  fc.assert(
    fc.property(pods, (pod) => !exceedsStoredBytes(reviewOf(pod), structSize(podType, pod))),
    { numRuns: 1_000 },
  )
})

function typeNamed(name: string): SchemaType {
  const type = lookupType(name)
  if (type === undefined) throw new Error(`the schema has no ${name}`)
  return type
}

// ---- what it finds

const many = <T>(count: number, item: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => item(i))
const mapOf = (count: number, prefix = 'key'): JsonObject =>
  Object.fromEntries(many(count, (i) => [`${prefix}-${i}`, `v-${i}`]))
const container = { name: 'web', image: 'web:1' }
const large: { readonly [name: string]: JsonObject } = {
  labels: { metadata: { labels: mapOf(50_000) } },
  annotations: { metadata: { annotations: mapOf(50_000) } },
  finalizers: { metadata: { finalizers: many(50_000, (i) => `example.com/f-${i}`) } },
  limits: { spec: { containers: [{ ...container, resources: { limits: mapOf(50_000) } }] } },
  arguments: { spec: { containers: [{ ...container, args: many(50_000, (i) => `--argument=${i}`) }] } },
  'one text': { spec: { containers: [{ ...container, args: ['x'.repeat(500_000)] }] } },
  environment: {
    spec: { containers: [{ ...container, env: many(50_000, (i) => ({ name: `V${i}`, value: 'x' })) }] },
  },
  'node selector': { spec: { nodeSelector: mapOf(50_000) } },
  tolerations: { spec: { tolerations: many(100_000, () => ({})) } },
}

t.test('for pods of strings, maps or items the bound is close to their size', async (t) => {
  for (const [name, pod] of Object.entries(large)) {
    const size = structSize(podType, pod)
    t.ok(exceedsStoredBytes(reviewOf(pod), size * 0.85), `${name} of ${size} bytes`)
    t.notOk(exceedsStoredBytes(reviewOf(pod), size), name)
  }
})

t.test('fields that are not stored do not count', async (t) => {
  const labels = mapOf(50_000)
  const others: { readonly [name: string]: Buffer } = {
    'the old object': reviewOf({}, { oldObject: { metadata: { labels } } }),
    'the user': reviewOf({}, { userInfo: { extra: labels } }),
    status: reviewOf({ status: { conditions: [labels] } }),
    managedFields: reviewOf({
      metadata: { managedFields: [{ fieldsV1: labels, manager: 'x'.repeat(100_000) }] },
    }),
    'the overrides, which injection writes anew': reviewOf({
      metadata: {
        annotations: {
          'proxy.istio.io/overrides': JSON.stringify(labels),
          'prometheus.io/path': 'x'.repeat(100_000),
        },
      },
    }),
    'an image volume': reviewOf({
      spec: { volumes: [{ name: '', image: { reference: 'x'.repeat(100_000) } }] },
    }),
    'resources of the pod': reviewOf({ spec: { resources: { limits: labels } } }),
    'names of fields': reviewOf({ spec: Object.fromEntries(many(50_000, (i) => [`field-${i}`, 1])) }),
    'a list that has a name of a map': reviewOf({ spec: { dnsConfig: { options: many(50_000, () => 1) } } }),
    'another object': Buffer.from(JSON.stringify({ spec: labels, request: [{ object: { spec: labels } }] })),
    'a text in a list': Buffer.from(JSON.stringify([{ request: { object: { spec: labels } } }])),
  }
  for (const [name, body] of Object.entries(others)) t.notOk(exceedsStoredBytes(body, 1000), name)
})

t.test('every map of a pod is known, and no struct has the name of a map', async (t) => {
  for (const type of allTypes()) {
    for (const field of type.fields) {
      if (field.type.kind === 'struct') t.notOk(MAPS.includes(field.name), `${type.name}.${field.name}`)
    }
  }
})

t.test('never throws, whatever the bytes', async (t) => {
  const bodies = [
    '"'.repeat(5000),
    '{'.repeat(5000),
    '\\'.repeat(5000),
    ']}'.repeat(3000),
    '{"request":{"object":{"spec":{"a":"\\u',
  ]
  for (const body of bodies) t.notOk(exceedsStoredBytes(Buffer.from(body), 100), body.slice(0, 20))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !exceedsStoredBytes(bytes, 200)))
})

t.test(
  'a review of a pod that is too large is refused with its UID, unless the check is disabled',
  async (t) => {
    const body = reviewOf({ metadata: { labels: mapOf(120_000) } })
    const refused = decodeReview(body, 'application/json', { maxStoredBytes: ETCD_MAX_REQUEST_BYTES })
    t.match(refused, {
      kind: 'failure',
      code: 'pod-too-large-to-store',
      message: /more than 1572864 bytes in etcd.*--etcd-max-request-bytes/,
      identity: { uid: 'u', apiVersion: 'admission.k8s.io/v1' },
    })
    for (const maxStoredBytes of [0, 8 * 2 ** 20])
      t.match(decodeReview(body, 'application/json', { maxStoredBytes }), { kind: 'review', uid: 'u' })
  },
)
