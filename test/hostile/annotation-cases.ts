/**
 * Expensive annotations: YAML alias bombs, deep nesting, thousands of items, unusual characters, keys of
 * JavaScript's own objects; with the configuration of the example cluster and with a template that reads every
 * annotation as JSON and YAML. Not a test.
 */
import { injectInSteps, type Snapshot } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { pod, requestFor, revision, snapshotOf } from '../inject/revision-fixture.ts'
import { exampleSnapshot } from './example-snapshot.ts'
import type { HostileCase } from './hostile-case.ts'

const readsAll = `{{ range $key, $value := .ObjectMeta.Annotations }}
{{- $json := fromJSON $value }}{{ $text := toYaml $json }}{{ $more := toJson $json }}{{ end }}
metadata:
  annotations:
    k8s.v1.cni.cncf.io/networks: "{{ appendMultusNetwork (index .ObjectMeta.Annotations "k8s.v1.cni.cncf.io/networks") "default/istio-cni" | js }}"
spec:
  containers: [{ name: istio-proxy }]
`

const snapshots: { readonly [name: string]: () => Snapshot } = {
  profile: exampleSnapshot,
  'all annotations read, Istio 1.31': () =>
    snapshotOf(revision({ version: '1.31.0', templates: { sidecar: readsAll } })),
  'all annotations read, Istio 1.19': () =>
    snapshotOf(revision({ version: '1.19.0', templates: { sidecar: readsAll } })),
}

/**
 * One of each reader: what the profile's templates and the passes parse, what is validated (lists of ports, of addresses,
 * one number), and one that is only passed on. Others share a reader with one of these.
 */
const KEYS = [
  'inject.istio.io/templates',
  'k8s.v1.cni.cncf.io/networks',
  'prometheus.istio.io/scrape-targets',
  'proxy.istio.io/config',
  'proxy.istio.io/overrides',
  'sidecar.istio.io/extraStatTags',
  'sidecar.istio.io/proxyCPU',
  'sidecar.istio.io/status',
  'sidecar.istio.io/userVolume',
  'traffic.sidecar.istio.io/excludeInboundPorts',
  'traffic.sidecar.istio.io/includeOutboundIPRanges',
]

/** Ten values a level, each ten of the level before: a billion in all. */
const aliasBomb = `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]\n`).join('')}`
const mergeBomb = `m0: &m0 {k: v}\n${Array.from({ length: 9 }, (_, i) => `m${i + 1}: &m${i + 1} {${Array.from({ length: 10 }, (_, k) => `k${k}: *m${i}`).join(', ')}, <<: [${Array(10).fill(`*m${i}`).join(',')}]}\n`).join('')}`
const half = 100 * 1024
const values: { readonly [name: string]: () => string } = {
  'alias bomb': () => aliasBomb,
  'alias bomb in proxyMetadata': () => `proxyMetadata:\n${aliasBomb.replace(/^/gm, '  ')}`,
  'merge bomb': () => mergeBomb,
  'nested flow list': () => '['.repeat(half) + ']'.repeat(half),
  'nested flow list, open': () => '['.repeat(2 * half),
  'nested flow maps': () => `${'{"a":'.repeat(half / 3)}1${'}'.repeat(half / 3)}`,
  'nested flow maps, open': () => '{a: '.repeat(half / 2),
  'nested under a known key': () => `{"proxyMetadata": ${'['.repeat(half)}${']'.repeat(half)}}`,
  'nested under containers': () => `{"containers": ${'['.repeat(half)}${']'.repeat(half)}}`,
  'nested block lists': () => Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}-`).join('\n'),
  'one line of nested block lists': () => '- '.repeat(half),
  'nested explicit keys': () => '? '.repeat(half),
  'many anchors': () => Array.from({ length: 10_000 }, (_, i) => `k${i}: &a${i} v`).join('\n'),
  'many tags': () => '!!str '.repeat(10_000),
  'many equal keys': () => '{"a":1,'.concat('"a":1,'.repeat(30_000), '"a":1}'),
  'many keys': () => `{${Array.from({ length: 15_000 }, (_, i) => `"k${i}":${i}`).join(',')}}`,
  'many names': () => JSON.stringify({ containers: Array.from({ length: 8000 }, (_, i) => `c${i}`) }),
  'many containers': () =>
    JSON.stringify({
      containers: Array.from({ length: 5000 }, (_, i) => ({ name: `c${i}` })),
    }),
  'many commas': () => ','.repeat(2 * half),
  'many ports': () => Array.from({ length: 30_000 }, (_, i) => i + 1).join(','),
  'many addresses': () => Array(15_000).fill('10.0.0.0/8').join(','),
  'many networks': () => Array.from({ length: 15_000 }, (_, i) => `ns/net-${i}`).join(','),
  'many networks as JSON': () => JSON.stringify(Array.from({ length: 8000 }, (_, i) => ({ name: `n${i}` }))),
  'many digits': () => '9'.repeat(2 * half),
  'many zeros': () => `${'0'.repeat(2 * half)}x`,
  'many zeros as a port': () => `discoveryAddress: istiod:${'0'.repeat(2 * half)}x`,
  'many digits after an exponent': () => `1e${'9'.repeat(half)}`,
  'many spaces': () => ' '.repeat(2 * half),
  'many line ends': () => '\n'.repeat(2 * half),
  'many quotes': () => '"'.repeat(2 * half),
  'many escapes': () => `"${'\\u0061'.repeat(30_000)}"`,
  'many backslashes': () => '\\'.repeat(2 * half),
  'an open text of many lines': () => `"${'a\n'.repeat(half)}`,
  'a block text with odd indents': () =>
    `|\n${Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i % 60)}x`).join('\n')}`,
  'many colons': () => ':'.repeat(2 * half),
  'many pairs in a flow list': () => `[${'a: b, '.repeat(30_000)}]`,
  'many comments': () => '# x\n'.repeat(50_000),
  NUL: () => 'a\u0000b',
  'NUL in JSON': () => '{"a\\u0000":"\\u0000"}',
  'lone surrogates': () => '\ud800 \udc00\udc00',
  'lone surrogates in JSON': () => '{"\\ud800":"\\udfff"}',
  'prototype keys': () =>
    '{"__proto__":{"a":1},"constructor":{"prototype":{"a":1}},"toString":1,"hasOwnProperty":2}',
  'prototype keys in proxyMetadata': () => 'proxyMetadata: {__proto__: a, constructor: b, toString: c}',
  'prototype names as containers': () => '{"containers":[{"name":"__proto__"},{"name":"constructor"}]}',
  'prototype names in a status': () =>
    '{"initContainers":["__proto__"],"containers":["constructor"],"volumes":["toString"],"imagePullSecrets":["__proto__"],"revision":"__proto__"}',
  'a prototype name': () => '__proto__',
  'an inherited name': () => 'constructor',
  'a million percent': () => '%'.repeat(2 * half),
}

/** Where a template reads them all it is the same whichever holds the value. */
const ANY = ['k8s.v1.cni.cncf.io/networks']

export const annotationCases: readonly HostileCase[] = Object.entries(snapshots).flatMap(
  ([configuration, snapshot]) =>
    (configuration === 'profile' ? KEYS : ANY).flatMap((key) =>
      Object.entries(values).map(([name, value]) => ({
        name: `${configuration}: ${key}: ${name}`,
        prepare: () => {
          const labels = { 'sidecar.istio.io/inject': 'true' }
          const object = pod({ labels, annotations: { [key]: value() } }, { containers: [probed()] })
          const [request, known] = [requestFor(object), snapshot()]
          return () => injectInSteps(request, known)
        },
      })),
    ),
)

function probed(): JsonObject {
  return {
    name: 'web',
    image: 'web:1',
    livenessProbe: { httpGet: { port: 80 } },
    ports: [{ containerPort: 80 }],
  }
}
