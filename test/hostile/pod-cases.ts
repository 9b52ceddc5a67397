/**
 * Unusual pods: deep, huge, with keys of JavaScript's own objects, without the usual fields; and reviews nested too
 * deeply. Not a test.
 */
import { decodeReview, ETCD_MAX_REQUEST_BYTES } from '../../src/admission/index.ts'
import { injectInSteps } from '../../src/inject/index.ts'
import type { JsonObject, JsonValue, MutableJson } from '../../src/json/index.ts'
import { pod, requestFor, revision, snapshotOf } from '../inject/revision-fixture.ts'
import type { HostileCase } from './hostile-case.ts'

const template = `
metadata: { labels: { injected: "yes", __proto__: "a", constructor: "b" } }
spec:
  initContainers: [{ name: __proto__, image: "{{ .ProxyImage }}" }]
  containers:
  - name: istio-proxy
    env:
    - { name: APPS, value: '{{ applicationPorts .Spec.Containers }}' }
    - { name: META, value: '{{ toJSON .ObjectMeta.Annotations }}' }
`
const VERSIONS = ['1.19.0', '1.24.0', '1.31.0']

function nest(levels: number, wrap: (inner: MutableJson) => MutableJson): MutableJson {
  let value: MutableJson = 'x'
  for (let i = 0; i < levels; i++) value = wrap(value)
  return value
}
const lists = (levels: number) => nest(levels, (inner) => [inner])
const maps = (levels: number) => nest(levels, (inner) => ({ a: inner }))
const fromText = (text: string): JsonValue => JSON.parse(text)
const proto = fromText('{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}},"toString":"t","valueOf":1}')
const web = { name: 'web', image: 'web:1' }

/** Pods of each kind; every one is a value that JSON.parse can give. */
const pods: { readonly [name: string]: () => JsonObject } = {
  'an unknown field of 10,000 lists': () => ({ ...pod(), future: lists(10_000) }),
  'an unknown field of 10,000 maps in spec': () => pod({}, { future: maps(10_000) }),
  'labels 10,000 deep': () => pod({ labels: maps(10_000) }),
  'annotations 10,000 deep': () => pod({ annotations: lists(10_000) }),
  'a container 10,000 deep': () => pod({}, { containers: [{ ...web, future: lists(10_000) }] }),
  'managedFields 10,000 deep': () => pod({ managedFields: [{ fieldsV1: maps(10_000) }] }),
  'affinity 10,000 deep': () => pod({}, { affinity: maps(10_000) }),
  'containers 10,000 deep': () => pod({}, { containers: lists(10_000) }),
  '5,000 annotations': () =>
    pod({
      annotations: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, `v${i}`])),
    }),
  '5,000 labels': () =>
    pod({
      labels: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, `v${i}`])),
    }),
  '500 containers': () =>
    pod({}, { containers: Array.from({ length: 500 }, (_, i) => ({ ...web, name: `c${i}` })) }),
  '500 containers of one name': () => pod({}, { containers: Array.from({ length: 500 }, () => web) }),
  '500 probes': () =>
    pod(
      {},
      {
        containers: Array.from({ length: 500 }, (_, i) => ({
          ...web,
          name: `c${i}`,
          ports: [{ containerPort: i + 1 }],
          livenessProbe: { httpGet: { port: i + 1 } },
          lifecycle: { preStop: { httpGet: { port: i + 1 } } },
        })),
      },
    ),
  '2,000 variables': () =>
    pod(
      {},
      {
        containers: [
          web,
          {
            name: 'istio-proxy',
            env: Array.from({ length: 2000 }, (_, i) => ({ name: `V${i}`, value: 'x' })),
          },
        ],
      },
    ),
  '8,000 overrides beside 8,000 containers of other names': () => {
    const named = (prefix: string) => Array.from({ length: 8000 }, (_, i) => ({ name: `${prefix}${i}` }))
    const overrides = JSON.stringify({ initContainers: named('c') })
    return pod({ annotations: { 'proxy.istio.io/overrides': overrides } }, { initContainers: named('d') })
  },
  '50,000 limits of its own istio-proxy': () =>
    pod(
      {},
      {
        containers: [
          web,
          {
            name: 'istio-proxy',
            resources: {
              limits: Object.fromEntries(
                Array.from({ length: 50_000 }, (_, i) => [`example.com/r-${i}`, '1']),
              ),
            },
          },
        ],
      },
    ),
  '2,000 volumes': () =>
    pod({}, { volumes: Array.from({ length: 2000 }, (_, i) => ({ name: `v${i}`, emptyDir: {} })) }),
  'a text of 2 MB': () => pod({ annotations: { note: 'x'.repeat(2_000_000) } }),
  'prototype keys as labels': () =>
    pod({ labels: fromText('{"__proto__":"a","constructor":"b","toString":"c"}') }),
  'prototype keys as annotations': () =>
    pod({
      annotations: fromText('{"__proto__":"a","constructor":"b","hasOwnProperty":"c"}'),
    }),
  'prototype keys in metadata': () => pod(fromText('{"__proto__":{"labels":{"a":"b"}}}') as JsonObject),
  'prototype keys in spec': () =>
    pod({}, fromText('{"__proto__":{"hostNetwork":true},"constructor":[]}') as JsonObject),
  'prototype keys in a container': () => pod({}, { containers: [{ ...web, ...(proto as JsonObject) }] }),
  'prototype keys as resources': () =>
    pod(
      {},
      { containers: [{ ...web, resources: { limits: fromText('{"__proto__":"1","constructor":"2"}') } }] },
    ),
  'prototype names as containers': () =>
    pod(
      {},
      {
        containers: [
          { name: '__proto__', image: 'a' },
          { name: 'constructor', image: 'b' },
        ],
      },
    ),
  'prototype names as volumes': () => pod({}, { volumes: [{ name: '__proto__' }, { name: 'toString' }] }),
  'prototype names as variables': () =>
    pod({}, { containers: [{ ...web, env: [{ name: '__proto__', value: 'a' }, { name: 'constructor' }] }] }),
  'lone surrogates': () =>
    pod({ name: '\ud800', labels: { '\udc00': '\udc00' }, annotations: { a: '\ud83d' } }),
  NUL: () => pod({ name: 'a\u0000b', labels: { 'a\u0000': '\u0000' } }, { nodeName: '\u0000' }),
  'no spec': () => ({ kind: 'Pod', metadata: {} }),
  'no metadata': () => ({ kind: 'Pod', spec: { containers: [web] } }),
  'nothing at all': () => ({}),
  'null all over': () => fromText('{"metadata":null,"spec":null,"status":null}') as JsonObject,
  'null in lists': () =>
    pod({ ownerReferences: [null] }, { containers: [null, web], initContainers: [null], volumes: [null] }),
  'lists for objects': () => ({ metadata: [], spec: [] }),
  'texts for objects': () => ({ metadata: 'x', spec: 'y' }),
  'numbers out of range': () =>
    pod({}, { containers: [{ ...web, ports: [{ containerPort: 1e300 }] }], priority: -1e300 }),
  'minus zero': () => pod({}, { containers: [{ ...web, ports: [{ containerPort: -0 }] }] }),
}

const podCases: readonly HostileCase[] = Object.entries(pods).flatMap(([name, object]) =>
  VERSIONS.map((version) => ({
    name: `${name}: Istio ${version}`,
    prepare: () => {
      const request = requestFor(object())
      const snapshot = snapshotOf(revision({ version, templates: { sidecar: template } }))
      return function* () {
        const outcome = yield* injectInSteps(request, snapshot)
        yield
        if (outcome.kind === 'patched') JSON.stringify(outcome.patch) // what is answered; what lies deeper stays where it is
        return outcome
      }
    },
  })),
)

const entries = (count: number): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`key-${i}`, `value-${i}`]))
const reviewText = (object: JsonObject): string =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u', object },
  })

const reviews: { readonly [name: string]: () => string } = {
  '10,000 lists': () => `{"request":{"uid":"u","object":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`,
  '10,000 maps': () => `{"request":{"uid":"u","object":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}}`,
  '20,000 open lists': () => '['.repeat(20_000),
  '3 million open lists': () => '['.repeat(3_000_000),
  '150,000 labels': () => reviewText({ metadata: { labels: entries(150_000) } }),
  '150,000 annotations': () => reviewText({ metadata: { annotations: entries(150_000) } }),
  '150,000 limits': () =>
    reviewText({ spec: { containers: [{ ...web, resources: { limits: entries(150_000) } }] } }),
  'a million open lists': () => '['.repeat(1_000_000),
  'a million open maps': () => '{"a":'.repeat(1_000_000),
}
const reviewCases: readonly HostileCase[] = Object.entries(reviews).map(([name, text]) => ({
  name: `review: ${name}`,
  prepare: () => {
    const body = Buffer.from(text())
    // biome-ignore lint/correctness/useYield: it is one step
    return function* () {
      const decoded = decodeReview(body, 'application/json', { maxStoredBytes: ETCD_MAX_REQUEST_BYTES })
      return { kind: decoded.kind, code: decoded.kind === 'failure' ? decoded.code : 'decoded' }
    }
  },
}))

export const podAndReviewCases = [...podCases, ...reviewCases]
