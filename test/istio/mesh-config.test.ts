import { readFileSync } from 'node:fs'
import t from 'tap'
import { equalProto } from '../../src/istio/clean-proxy-config.ts'
import {
  applyProxyConfig,
  cleanProxyConfig,
  defaultMeshConfig,
  defaultProxyConfig,
  effectiveProxyConfig,
  gatesFor,
  type IstioVersion,
  mergeProxyConfigText,
  type ProxyConfig,
  parseIstioVersion,
  parseMeshConfig,
  parseProxyConfigResource,
  protoSchemaFor,
  protoToJson,
  sortProxyConfigResources,
} from '../../src/istio/index.ts'
import { parseYaml } from '../../src/json/index.ts'

interface Case {
  readonly mesh: string
  readonly annotation?: string
  /** Namespace and spec, oldest first. */
  readonly resources?: readonly (readonly [string, string])[]
  /** Istio refuses the mesh. */
  readonly refused?: true
  /** The effective ProxyConfig of a pod with the label app=a in the namespace `ns`, cleaned, as text. */
  readonly effective?: string
  /** The whole mesh as text. */
  readonly json?: string
}

/** What Istio 1.30.3's own mesh.ApplyMeshConfigDefaults and EffectiveProxyConfig made of each. */
const cases: readonly Case[] = readFileSync(new URL('mesh-config.cases.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

function release(text: string): IstioVersion {
  const version = parseIstioVersion(text)
  if (version === undefined) throw new Error(`not a release: ${text}`)
  return version
}

const version = release('1.30.3')
const gates = gatesFor(version)
const schema = protoSchemaFor(version)
const source = 'ConfigMap istio-system/istio, key mesh'
const proxyJson = (config: ProxyConfig) => protoToJson(schema, 'mesh.ProxyConfig', config)

t.test('mesh config, annotation and resources give the same ProxyConfig as Istio', async (t) => {
  for (const row of cases) {
    const name = JSON.stringify([row.mesh, row.annotation, row.resources])
    if (row.refused) {
      t.throws(
        () => parseMeshConfig(row.mesh, { version, source }),
        { code: 'mesh-config-invalid', source },
        name,
      )
      continue
    }
    const mesh = parseMeshConfig(row.mesh, { version, source })
    if (row.json !== undefined) t.equal(protoToJson(schema, 'mesh.MeshConfig', mesh), row.json, name)
    const resources = (row.resources ?? []).map(([namespace, spec], i) =>
      parseProxyConfigResource({
        metadata: { namespace, name: `c${i}`, creationTimestamp: `2024-01-01T00:00:0${i}Z` },
        spec: parseYaml(spec),
      }),
    )
    const target = {
      namespace: 'ns',
      labels: new Map([['app', 'a']]),
      annotations: new Map(row.annotation === undefined ? [] : [['proxy.istio.io/config', row.annotation]]),
    }
    const effective = effectiveProxyConfig(target, mesh, sortProxyConfigResources(resources), { version })
    t.equal(proxyJson(cleanProxyConfig(effective, gates)), row.effective, name)
  }
})

t.test('errors name key, path, line and every failure', async (t) => {
  const fail = (text: string) => () => parseMeshConfig(text, { version, source })
  t.throws(fail('trustDomain: a\ndefaultConfig:\n  statusPort: x\n'), {
    line: 2,
    path: 'defaultConfig.statusPort',
    message: `${source}: defaultConfig.statusPort: expected a whole number, found "x"`,
  })
  t.throws(fail('trustDomain: ""\nproxyListenPort: 0\n'), {
    message: /invalid proxy listen port.*; trustDomain: empty/,
  })
  t.throws(fail('a: b\n c: d'), { code: 'mesh-config-invalid', line: 2 })
  t.throws(fail('- a'), { message: /expected a map/ })
})

t.test(
  'Istio 1.31 checks the traffic and retry policies of the mesh, older releases do not know them',
  async (t) => {
    const problems = (text: string, minor = '1.31.0') => {
      try {
        parseMeshConfig(text, { version: release(minor), source })
        return []
      } catch (error) {
        return String(error)
          .replace(/^.*key mesh: /, '')
          .split('; ')
      }
    }
    const policy = 'defaultTrafficPolicy'
    const pool = `${policy}.connectionPool`
    for (const [text, expected] of [
      ['{connectionPool: {}}', [`${pool}: connection pool must have http or tcp`]],
      [
        '{connectionPool: {http: {maxRetries: -1, idleTimeout: 1ns}}}',
        [
          `${pool}.http.maxRetries: must not be negative`,
          `${pool}.http.idleTimeout: duration 1ns must be at least 1ms`,
        ],
      ],
      [
        '{connectionPool: {http: {h2UpgradePolicy: UPGRADE, useClientProtocol: true}}}',
        [`${pool}.http.useClientProtocol: must not be true if h2UpgradePolicy is UPGRADE`],
      ],
      [
        '{connectionPool: {tcp: {maxConnections: -5, connectTimeout: 1.0000001s, idleTimeout: 0s}}}',
        [
          `${pool}.tcp.maxConnections: must not be negative`,
          `${pool}.tcp.connectTimeout: only durations to ms precision are supported`,
        ],
      ],
      [
        '{connectionPool: {tcp: {tcpKeepalive: {time: 0s}}}}',
        [`${pool}.tcp.tcpKeepalive.time: duration 0s must be at least 1ms`],
      ],
      [
        '{outlierDetection: {maxEjectionPercent: 101, consecutiveLocalOriginFailures: 5}}',
        [
          `${policy}.outlierDetection.consecutiveLocalOriginFailures: needs splitExternalLocalOriginErrors: true`,
          `${policy}.outlierDetection.maxEjectionPercent: percentage 101 is not in range 0..100`,
        ],
      ],
      [
        '{connectionPool: {tcp: {maxConnections: 5}, http: {maxRetries: 1}}, outlierDetection: {interval: 1s}}',
        [],
      ],
    ] as const) {
      t.same(problems(`${policy}: ${text}`), expected, text)
      t.same(problems(`${policy}: ${text}`, '1.30.3'), [], 'unknown there')
    }
    const retry = 'defaultInboundHttpRetryPolicy'
    t.same(problems(`${retry}: {attempts: 2, retryOn: "5xx,503,reset", backoff: 25ms}`), [])
    t.same(problems(`${retry}: {attempts: 0}`), [])
    t.same(problems(`${retry}: {attempts: 0, backoff: 25ms, retryOn: "999"}`), [
      `${retry}.backoff: is set, but attempts is 0 (disabled)`,
      `${retry}.retryOn: is set, but attempts is 0 (disabled)`,
      `${retry}.retryOn: "999" is not a valid retryOn policy`,
    ])
  },
)

t.test('an invalid annotation is an error only for a caller that requests it by name', async (t) => {
  const mesh = parseMeshConfig('', { version, source })
  t.throws(() => applyProxyConfig('concurrency: x', mesh, { version }), {
    code: 'proxy-config-invalid',
    path: 'concurrency',
    message: /^annotation proxy.istio.io\/config: concurrency: expected a whole number/,
  })
  t.throws(() => applyProxyConfig('a: [', mesh, { version, gates }), { code: 'proxy-config-invalid' })
  const applied = applyProxyConfig('statusPort: 0\nconcurrency: 4', mesh, { version })
  t.equal(proxyJson(cleanProxyConfig(applied.defaultConfig ?? {}, gates)), '{"concurrency":4}')
  t.equal(applied.defaultConfig?.statusPort, undefined, 'a text may clear a field')
  t.equal(mesh.defaultConfig?.statusPort, 15020, 'the mesh itself stays')
  t.equal(proxyJson(mergeProxyConfigText('concurrency: 3', {}, { version })), '{"concurrency":3}')
})

t.test('defaults are those of the release', async (t) => {
  const of = (text: string) => defaultProxyConfig(gatesFor(release(text)))
  t.same(of('1.17.0').concurrency, { value: 2 })
  t.equal(of('1.18.0').concurrency, undefined)
  t.ok('parentShutdownDuration' in of('1.16.0'))
  t.notOk('parentShutdownDuration' in of('1.17.0'))
  t.ok('tracing' in of('1.21.0'))
  t.notOk('tracing' in of('1.22.0'))
  t.notOk('inboundTrafficPolicy' in defaultMeshConfig(gatesFor(release('1.21.0'))))
  t.notOk('enablePrometheusMerge' in defaultMeshConfig(gatesFor(release('1.17.0'))))
})

t.test('older releases replace proxyMetadata and proxyHeaders instead of merging them', async (t) => {
  const merge = (text: string, of: string) => {
    const old = { version: release(of) }
    const onto = mergeProxyConfigText('proxyMetadata: {A: a}\nproxyHeaders: {server: {value: s}}', {}, old)
    return proxyJson(mergeProxyConfigText(text, onto, old))
  }
  const over = 'proxyMetadata: {B: b}\nproxyHeaders: {requestId: {}}'
  t.match(merge(over, '1.9.0'), '"proxyMetadata":{"B":"b"}')
  t.match(merge(over, '1.19.0'), '"proxyHeaders":{"requestId":{}}')
  t.match(merge(over, '1.19.0'), '"proxyHeaders":{"requestId":{}}')
  t.match(merge(over, '1.19.1'), '"server":{"value":"s"}')
})

t.test('before 1.16.4 levels were merged as messages', async (t) => {
  const old = { version: release('1.15.0') }
  const mesh = parseMeshConfig(
    'defaultConfig: {tracing: {sampling: 5}, extraStatTags: [a], proxyMetadata: {A: a}}',
    { ...old, source },
  )
  const annotations = new Map([
    [
      'proxy.istio.io/config',
      'tracing: {customTags: {}, maxPathTagLength: 5}\nextraStatTags: [b]\nproxyMetadata: {B: b}\ndrainDuration: 1s',
    ],
  ])
  const target = { namespace: 'ns', labels: new Map<string, string>(), annotations }
  const json = proxyJson(effectiveProxyConfig(target, mesh, new Map(), old))
  t.match(json, '"sampling":5')
  t.match(json, '"maxPathTagLength":5')
  t.match(json, '"extraStatTags":["a","b"]')
  t.match(json, '"proxyMetadata":{"A":"a","B":"b"}')
  t.match(json, '"drainDuration":"1s"')
})

t.test('defaults are removed from a ProxyConfig by deep comparison', async (t) => {
  t.ok(equalProto({ a: [1, { b: new Map([['x', 'y']]) }] }, { a: [1, { b: new Map([['x', 'y']]) }] }))
  t.notOk(equalProto({ a: [1] }, { a: [1, 2] }))
  t.notOk(equalProto([1], {}))
  t.notOk(equalProto(new Map([['a', 1]]), new Map([['b', 1]])))
  t.notOk(equalProto(new Map([['a', 1]]), {}))
  t.notOk(equalProto({ a: 1 }, { a: 1, b: 2 }))
  t.notOk(equalProto(1, { a: 1 }))
})

t.test('the oldest resource wins, then the first name', async (t) => {
  const of = (name: string, time: string | null) =>
    parseProxyConfigResource({ metadata: { namespace: 'ns', name, creationTimestamp: time }, spec: null })
  const sorted = sortProxyConfigResources([
    of('b', '2024-01-01T00:00:01Z'),
    of('a', '2024-01-01T00:00:01Z'),
    of('c', '2024-01-01T00:00:00Z'),
    of('d', null),
    of('a', '2024-01-01T00:00:01Z'),
  ])
  t.same(
    sorted.get('ns')?.map((resource) => resource.name),
    ['d', 'c', 'a', 'a', 'b'],
  )
})

t.test('a resource with wrong types is refused by name', async (t) => {
  const metadata = { namespace: 'ns', name: 'c' }
  t.throws(() => parseProxyConfigResource({ metadata, spec: { concurrency: 'x' } }), {
    code: 'proxy-config-resource-invalid',
    message: 'ProxyConfig ns/c: spec.concurrency: expected a whole number, found "x"',
  })
  const found = parseProxyConfigResource({
    metadata,
    spec: { selector: { matchLabels: { __proto__: null, a: 'b' } } },
  })
  t.same(found.matchLabels, new Map([['a', 'b']]))
  t.same(parseProxyConfigResource({}).name, '')
})
