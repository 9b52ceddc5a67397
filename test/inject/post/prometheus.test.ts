import t from 'tap'
import { clearPrometheusAnnotations } from '../../../src/inject/post/index.ts'
import { applyPrometheusMerge } from '../../../src/inject/post/prometheus-merge.ts'
import { applySecurePrometheusAnnotation } from '../../../src/inject/post/secure-prometheus.ts'
import { draftOf, podWith, postContext, type TestContext } from './context.ts'

const merged = {
  'prometheus.io/port': '15020',
  'prometheus.io/path': '/stats/prometheus',
  'prometheus.io/scrape': 'true',
}

function merge(annotations: Record<string, string>, over: TestContext = {}) {
  const draft = draftOf(podWith([{ name: 'app' }], { metadata: { annotations } }))
  const context = postContext(over)
  const refusal = applyPrometheusMerge(draft, context)
  const env = draft.container({ list: 'containers', index: 1 })['env']
  return {
    annotations: Object.fromEntries(draft.annotations()),
    env: Array.isArray(env) ? env : undefined,
    refusal: refusal?.message,
    notes: context.notes.map((note) => note.code),
  }
}
const scraping = (value: string) => [{ name: 'ISTIO_PROMETHEUS_ANNOTATIONS', value }]

t.test('the annotations move into the proxy, byte for byte as Go writes them', async (t) => {
  const asked = {
    'prometheus.io/port': '8080',
    'prometheus.io/path': '/m?a=<&>',
    'prometheus.io/scrape': 'true',
  }
  const result = merge({ app: 'x', ...asked })
  t.same(result.annotations, { app: 'x', ...merged })
  t.same(result.env, scraping('{"scrape":"true","path":"/m?a=\\u003c\\u0026\\u003e","port":"8080"}'))
})

t.test('without annotations the proxy is unchanged, and the scrape annotations are still set', async (t) => {
  const result = merge({ app: 'x' })
  t.same(result, { annotations: { app: 'x', ...merged }, env: undefined, refusal: undefined, notes: [] })
})

t.test('the scrape annotations are set without a proxy too', async (t) => {
  const draft = draftOf({ spec: { containers: [{ name: 'app' }] } })
  applyPrometheusMerge(draft, postContext())
  t.same(Object.fromEntries(draft.annotations()), merged)
})

t.test('a pod that opts out is unchanged', async (t) => {
  const off = { enablePrometheusMerge: { value: false }, defaultConfig: { statusPort: 15020 } }
  const rows: readonly (readonly [Record<string, string>, TestContext])[] = [
    [{ 'prometheus.io/scrape': 'false' }, {}],
    [{ 'prometheus.io.scrape': 'F' }, {}],
    [{ 'prometheus.istio.io/merge-metrics': 'false' }, {}],
    [{}, { mesh: off }],
    [{}, { mesh: { ...off, enablePrometheusMerge: {} } }],
    // Set by the user, or by an earlier injection.
    [{ 'prometheus.io/port': '15020', 'prometheus.io/path': '/x' }, {}],
  ]
  for (const [annotations, over] of rows) {
    t.same(merge(annotations, over).annotations, annotations, JSON.stringify(annotations))
  }
  t.match(merge({ 'prometheus.istio.io/merge-metrics': 'true' }, { mesh: off }).annotations, merged)
  t.match(merge({ 'prometheus.io/scrape': 'maybe' }).annotations, merged)
})

t.test('from 1.13 on every spelling that Prometheus treats alike is recognised', async (t) => {
  const spelled = { 'prometheus.io.port': '8080', prometheus_io_path: '/x', 'prometheus-io/scrape': 'true' }
  const result = merge(spelled)
  t.same(result.annotations, merged)
  t.same(result.env, scraping('{"scrape":"true","path":"/x","port":"8080"}'))
  const old = merge({ ...spelled, 'prometheus.io/scrape': 'false' }, { release: '1.12.0' })
  t.same(old.annotations, { ...spelled, ...merged })
  t.same(old.env, scraping('{"scrape":"false","path":"","port":""}'))
})

t.test('scrape targets are set from 1.31 on', async (t) => {
  const targets = {
    'prometheus.istio.io/scrape-targets': ' 9100 : /a , 9200,, 9300:',
    'prometheus.io/path': '/p',
  }
  t.same(
    merge(targets).env,
    scraping(
      '{"scrape":"","path":"/a","port":"9100","targets":[{"port":"9100","path":"/a"},{"port":"9200","path":"/metrics"},{"port":"9300","path":"/metrics"}]}',
    ),
  )
  t.same(merge(targets).annotations, merged)
  t.same(merge({ 'prometheus.istio.io/scrape-targets': ':/a' }).notes, ['scrape-targets-ignored'])
  t.same(merge({ 'prometheus.istio.io/scrape-targets': ' , ' }).env, undefined)
  const older = merge(targets, { release: '1.30.3' })
  t.same(older.env, scraping('{"scrape":"","path":"/p","port":""}'))
  t.equal(older.annotations['prometheus.istio.io/scrape-targets'], ' 9100 : /a , 9200,, 9300:')
})

t.test('from 1.31 on a pod with unusable scrape ports is refused', async (t) => {
  const rows: readonly (readonly [string, RegExp | undefined])[] = [
    ['8080', undefined],
    ['+8080', undefined],
    ['http', /"http" is an invalid port/],
    ['0', /invalid port/],
    ['65536', /invalid port/],
    ['015020', /conflicts with agent port/],
    ['15090', /reserved for Istio \(Envoy Prometheus/],
  ]
  for (const [port, message] of rows) {
    t.match({ refusal: merge({ 'prometheus.io/port': port }).refusal }, { refusal: message }, port)
    const target = { 'prometheus.istio.io/scrape-targets': `8080,${port}:/x`, 'prometheus.io/port': 'x' }
    t.match({ refusal: merge(target).refusal }, { refusal: message }, `target ${port}`)
    t.equal(merge({ 'prometheus.io/port': port }, { release: '1.30.3' }).refusal, undefined)
  }
  t.match(merge({ 'prometheus.istio.io/scrape-targets': '15020' }).refusal, /conflicts with agent port/)
})

t.test('from 1.31 on an annotation names the secure port of the proxy', async (t) => {
  const secure = (env: readonly { name: string; value?: string }[], annotations = {}, release = '1.31.0') => {
    const containers = [{ name: 'istio-proxy', env: [...env] }]
    const draft = draftOf({ metadata: { annotations }, spec: { containers } })
    applySecurePrometheusAnnotation(draft, postContext({ release }))
    return Object.fromEntries(draft.annotations())
  }
  const name = 'ENVOY_SECURE_MERGED_METRICS_PORT'
  t.same(secure([{ name: 'X' }, { name, value: '15091' }]), { 'prometheus.istio.io/secure-port': '15091' })
  for (const value of ['', '0']) t.same(secure([{ name, value }]), {})
  t.same(secure([{ name }]), {})
  t.same(
    secure([
      { name, value: '0' },
      { name, value: '1' },
    ]),
    { 'prometheus.istio.io/secure-port': '1' },
  )
  const own = { 'prometheus_istio.io/secure-port': 'x' }
  t.same(secure([{ name, value: '15091' }], own), own)
  t.same(secure([{ name, value: '15091' }], {}, '1.30.3'), {})
  const none = draftOf({})
  applySecurePrometheusAnnotation(none, postContext())
  t.same(none.annotations(), [])
})

t.test('clearing keeps annotations that are not replaced', async (t) => {
  const annotations = { 'prometheus.io/port': '1', 'prometheus.istio.io/secure-port': '2', other: '3' }
  const draft = draftOf({ metadata: { annotations } })
  clearPrometheusAnnotations(draft, postContext().gates)
  t.same(Object.fromEntries(draft.annotations()), { 'prometheus.istio.io/secure-port': '2', other: '3' })
})
