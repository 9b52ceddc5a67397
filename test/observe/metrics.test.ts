import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import {
  type Admission,
  createMetrics,
  METRIC_ROWS,
  type MetricName,
  type MetricRow,
  type MetricSources,
  type RevisionState,
} from '../../src/observe/index.ts'
import { INJECTION_TIME_BUCKETS } from '../../src/observe/metrics-table.ts'

const SOURCES: MetricSources = {
  version: '0.1.0',
  resources: () => [
    { resource: 'namespaces', staleForMs: 1500 },
    { resource: 'configmaps', staleForMs: 0 },
  ],
  revisions: () => [
    { name: 'default', config: {}, current: true },
    { name: 'broken', config: undefined, current: false },
  ],
  problems: () => [
    { code: 'mesh-config-missing', severity: 'warning' },
    { code: 'tag-without-revision', severity: 'error' },
    { code: 'mesh-config-missing', severity: 'warning' },
  ],
  certificateNotAfterMs: () => 1_800_000_000_000,
  certificateOverdueAtMs: () => 1_790_000_000_000,
  caBundlesGood: () => true,
  inFlightRequests: () => 3,
}

function setUp(t: Test, over: Partial<MetricSources> = {}) {
  const metrics = createMetrics({ ...SOURCES, ...over })
  t.teardown(() => metrics.close())
  /** Sample to value. */
  const read = async () =>
    new Map(
      (await metrics.render())
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line): [string, number] => {
          const end = line.lastIndexOf(' ')
          return [line.slice(0, end), Number(line.slice(end + 1))]
        }),
    )
  const count = (kind: Admission['kind'], code: string, revision = 'default') =>
    metrics.countAdmission({ kind, code, revision })
  return { metrics, read, count }
}

t.test('each request counts as one of success, skip and failure', async (t) => {
  const { read, count } = setUp(t)
  count('patched', 'injected')
  count('patched', 'injected')
  count('patched', 'reinjected')
  count('skipped', 'host-network')
  count('refused', 'annotation-invalid')
  count('fault', 'revision-unknown', 'unknown')
  count('malformed', 'body-empty', 'none')
  const samples = await read()
  t.match(Object.fromEntries(samples), {
    sidecar_injection_requests_total: 7,
    sidecar_injection_success_total: 3,
    sidecar_injection_skip_total: 1,
    sidecar_injection_failure_total: 3,
    'remora_admissions_total{revision="default",result="patched",code="injected"}': 2,
    'remora_admissions_total{revision="default",result="patched",code="reinjected"}': 1,
    'remora_admissions_total{revision="default",result="skipped",code="host-network"}': 1,
    'remora_admissions_total{revision="unknown",result="fault",code="revision-unknown"}': 1,
    'remora_admissions_total{revision="none",result="malformed",code="body-empty"}': 1,
  })
  t.same(
    await read().then((again) => again.get('sidecar_injection_requests_total')),
    7,
    'reading counts nothing',
  )
})

t.test('problems are counted by code, and a series ends with the last problem of its code', async (t) => {
  let problems = [...SOURCES.problems()]
  const { read } = setUp(t, { problems: () => problems })
  const series = async () => [...(await read())].filter(([name]) => name.startsWith('remora_problems'))
  t.same(await series(), [
    ['remora_problems{code="mesh-config-missing",severity="warning"}', 2],
    ['remora_problems{code="tag-without-revision",severity="error"}', 1],
  ])
  problems = []
  t.same(await series(), [])
})

t.test('the histogram distinguishes 50 microseconds from 100', async (t) => {
  const { metrics, read } = setUp(t)
  for (const seconds of [0.00004, 0.00009, 0.00009, 3]) metrics.observeInjection(seconds)
  const samples = await read()
  t.equal(samples.get('sidecar_injection_time_seconds_bucket{le="0.00005"}'), 1)
  t.equal(samples.get('sidecar_injection_time_seconds_bucket{le="0.0001"}'), 3)
  t.equal(samples.get('sidecar_injection_time_seconds_bucket{le="10"}'), 4)
  t.equal(samples.get('sidecar_injection_time_seconds_count'), 4)
  t.same(
    INJECTION_TIME_BUCKETS,
    INJECTION_TIME_BUCKETS.toSorted((a, b) => a - b),
  )
})

t.test('there are metrics for overload, requests in flight, caBundles, age and certificate', async (t) => {
  const { metrics, read, count } = setUp(t)
  count('fault', 'overloaded', 'none')
  metrics.countDisplacedConnection()
  metrics.countCaBundleWrite()
  t.match(Object.fromEntries(await read()), {
    remora_overload_refused_total: 2,
    remora_in_flight_requests: 3,
    remora_ca_bundle_writes_total: 1,
    'remora_state_age_seconds{resource="namespaces"}': 1.5,
    'remora_state_age_seconds{resource="configmaps"}': 0,
    remora_certificate_expiry_timestamp_seconds: 1_800_000_000,
    remora_certificate_renewal_overdue_timestamp_seconds: 1_790_000_000,
    remora_ca_bundle_good: 1,
  })
  const { read: bad } = setUp(t, { caBundlesGood: () => false })
  t.equal((await bad()).get('remora_ca_bundle_good'), 0)
  const { read: early } = setUp(t, {
    certificateNotAfterMs: () => undefined,
    certificateOverdueAtMs: () => undefined,
    caBundlesGood: () => undefined,
  })
  t.notOk((await early()).has('remora_ca_bundle_good'))
  t.notOk((await early()).has('remora_certificate_renewal_overdue_timestamp_seconds'))
  t.notOk((await early()).has('remora_certificate_expiry_timestamp_seconds'), 'no certificate ends in 1970')
})

t.test('caches have metrics, and a disabled cache has no series', async (t) => {
  const { read } = setUp(t, {
    answerCache: () => ({ hits: 7, misses: 3 }),
    caches: () => [
      { cache: 'answers', bytes: 4096, maxBytes: 16384, evictions: 1 },
      { cache: 'injection', bytes: 5, maxBytes: 6, evictions: 7 },
    ],
  })
  t.match(Object.fromEntries(await read()), {
    remora_answer_cache_hits_total: 7,
    remora_answer_cache_misses_total: 3,
    'remora_cache_bytes{cache="answers"}': 4096,
    'remora_cache_limit_bytes{cache="answers"}': 16384,
    'remora_cache_evictions_total{cache="answers"}': 1,
    'remora_cache_bytes{cache="injection"}': 5,
    'remora_cache_limit_bytes{cache="injection"}': 6,
    'remora_cache_evictions_total{cache="injection"}': 7,
  })
  const { read: without } = setUp(t)
  t.match(Object.fromEntries(await without()), { remora_answer_cache_hits_total: 0 })
})

t.test('revisions have metrics while they exist', async (t) => {
  const first = {}
  let revisions: readonly RevisionState[] = [
    { name: 'canary', config: first, current: true, templates: { hits: 5, misses: 2 } },
    { name: 'broken', config: undefined, current: false },
  ]
  const { metrics, read, count } = setUp(t, { revisions: () => revisions })
  const good = 'remora_revision_last_good_timestamp_seconds{revision="canary"}'
  count('patched', 'injected', 'canary')
  const seenFrom = Date.now() / 1000
  metrics.noteRevisions()
  const before = await read()
  t.match(Object.fromEntries(before), {
    'remora_revision_usable{revision="canary"}': 1,
    'remora_revision_usable{revision="broken"}': 0,
    'remora_revision_current{revision="canary"}': 1,
    'remora_revision_current{revision="broken"}': 0,
    'remora_template_cache_hits_total{revision="canary"}': 5,
    'remora_template_cache_misses_total{revision="canary"}': 2,
    'remora_template_cache_misses_total{revision="broken"}': 0,
  })
  t.notOk(before.has('remora_revision_last_good_timestamp_seconds{revision="broken"}'))
  const since = before.get(good) ?? 0
  t.ok(since >= seenFrom && since <= Date.now() / 1000)

  revisions = [{ name: 'canary', config: first, current: false }]
  const later = await read()
  t.equal(later.get('remora_revision_usable{revision="canary"}'), 1, 'its last good one serves')
  t.equal(later.get('remora_revision_current{revision="canary"}'), 0)
  t.equal(later.get(good), before.get(good))
  t.notOk(later.has('remora_revision_usable{revision="broken"}'))

  revisions = []
  t.notMatch([...(await read()).keys()].join('\n'), /canary/, 'a revision that is gone leaves nothing')
})

t.test('names of built-in properties are ordinary label values', async (t) => {
  const names = ['__proto__', 'constructor']
  const { read, count } = setUp(t, {
    revisions: () => names.map((name) => ({ name, config: {}, current: true })),
  })
  for (const name of names) count('patched', 'injected', name)
  const samples = await read()
  for (const name of names) {
    t.equal(samples.get(`remora_admissions_total{revision="${name}",result="patched",code="injected"}`), 1)
    t.equal(samples.get(`remora_revision_usable{revision="${name}"}`), 1)
  }
})

t.test('exactly the listed metrics are exposed, and docs/metrics.md has a row for each', async (t) => {
  const { metrics, read, count } = setUp(t)
  count('patched', 'injected')
  const text = await metrics.render()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => [name, type])
  const rows: readonly [string, MetricRow][] = Object.entries(METRIC_ROWS)
  t.same(
    new Map(types.toSorted() as [string, string][]),
    new Map(rows.map(([name, { type }]): [string, string] => [name, type]).toSorted()),
  )
  for (const sample of (await read()).keys()) {
    const [, name = '', labels = ''] = /^(\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})?$/.exec(sample) ?? []
    const used = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le')
    t.same(used, METRIC_ROWS[name as MetricName].labels, sample) // a name that is none has no labels to read
  }
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  const documented = [...page.matchAll(/^\| `(\w+)` \| (\w+) \|([^|]*)\| (\S[^|]*) \|$/gm)].map(
    ([, name, type, labels = '']) => [name, type, [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)],
  )
  t.same(documented.toSorted(), rows.map(([name, { type, labels }]) => [name, type, labels]).toSorted())
})
