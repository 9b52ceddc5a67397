import t from 'tap'
import { meshConfigMessage, parseIstioVersion, protoSchemaFor, remarkFields } from '../../src/istio/index.ts'
import type { JsonValue } from '../../src/json/index.ts'

function remarks(json: JsonValue, version = '1.30.3') {
  const parsed = parseIstioVersion(version)
  if (parsed === undefined) throw new TypeError(version)
  return remarkFields(protoSchemaFor(parsed), meshConfigMessage, json)
}

t.test('fields unknown to the release are reported at every level', async (t) => {
  const found = remarks({
    trustDomain: 'cluster.local',
    trust_domain: 'by its proto name',
    enableTracing: true,
    enableTracin: true,
    __proto__x: 1,
    constructor: 1,
    defaultConfig: { tracing: { zipkin: { adress: 'z:9411' } }, proxyMetadata: { ANY: 'thing' } },
    extensionProviders: [{ name: 'a' }, { name: 'b', zipkin: { service: 's', por: 1 } }],
  })
  t.same(found, [
    { kind: 'unknown', path: ['enableTracin'], meant: 'enableTracing' },
    { kind: 'unknown', path: ['__proto__x'] },
    { kind: 'unknown', path: ['constructor'] },
    { kind: 'unknown', path: ['defaultConfig', 'tracing', 'zipkin', 'adress'], meant: 'address' },
    { kind: 'unknown', path: ['extensionProviders', 1, 'zipkin', 'por'], meant: 'port' },
  ])
})

t.test('newer, removed and deprecated fields are reported', async (t) => {
  t.same(remarks({ serviceScopeConfigs: [] }, '1.24.0'), [
    { kind: 'unknown', path: ['serviceScopeConfigs'], since: 27 },
  ])
  t.same(remarks({ defaultConfig: { parentShutdownDuration: '10s' } }), [
    { kind: 'removed', path: ['defaultConfig', 'parentShutdownDuration'], until: 17 },
  ])
  t.same(remarks({ defaultConfig: { parentShutdownDuration: '10s' } }, '1.16.0'), [])
  t.same(remarks({ defaultConfig: { zipkinAddress: 'z:9411' } }), [
    { kind: 'deprecated', path: ['defaultConfig', 'zipkinAddress'], instead: 'tracing.zipkin.address' },
  ])
})

t.test(
  'values of another type are left to the decoder, and values without a schema are skipped',
  async (t) => {
    t.same(remarks(null), [])
    t.same(remarks([]), [])
    t.same(remarks({ defaultConfig: 5, extensionProviders: {}, connectTimeout: { x: 1 } }), [])
    let deep: JsonValue = {}
    for (let i = 0; i < 500; i++) deep = { defaultConfig: deep }
    t.same(
      remarks(deep).map(({ path }) => path),
      [['defaultConfig', 'defaultConfig']],
    )
  },
)
