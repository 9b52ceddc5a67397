/** A recorded review gives the same outcome again, from the written lines alone. */
import t from 'tap'
import {
  ClusterDescriber,
  type Line,
  Redactor,
  readLine,
  recordReview,
  SnapshotRebuilder,
} from '../../src/capture/index.ts'
import { describeOutcome, runWritten } from '../../src/capture/record-review.ts'
import type { Snapshot } from '../../src/inject/index.ts'
import { parseJson } from '../../src/json/index.ts'
import { answer, exampleReviews, exampleSnapshot, reviewOf } from './capture-fixture.ts'

function roundTrip(snapshot: Snapshot, body: Buffer, options: { raw: boolean; rawUrl?: string }) {
  const redactor = new Redactor()
  const describer = new ClusterDescriber({ redactor, raw: options.raw, configurations: 'kept', inject: {} })
  const cluster = describer.describe(snapshot)
  const answered = answer(body, snapshot, options.rawUrl)
  const line = recordReview(answered, { id: 'r-1', cluster, redactor, raw: options.raw, options: {} })
  if (line === undefined) throw new Error('not recorded')
  const rebuilder = new SnapshotRebuilder()
  rebuilder.beginFile()
  const texts = [...cluster.configurations.map(({ text }) => text), cluster.text, JSON.stringify(line)]
  const lines = texts.map((text, i) => readLine(parseJson(text), 'test', i + 1))
  const review = lines.at(-1)
  for (const one of lines as Line[]) {
    if (one.type === 'configuration') rebuilder.addConfiguration(one)
    if (one.type === 'cluster') rebuilder.addCluster(one)
  }
  if (review?.type !== 'review') throw new Error('no review line')
  const rebuilt = rebuilder.rebuild(review)
  if (rebuilt === undefined) throw new Error('left out')
  const outcome = runWritten(review, rebuilt)
  if (outcome === undefined) throw new Error('no outcome')
  return { answered, line: review, outcome }
}

t.test('every review of the embedded cluster is rebuilt, redacted and raw', async (t) => {
  const snapshot = await exampleSnapshot()
  const reviews = exampleReviews()
  t.ok(reviews.length > 5)
  for (const raw of [false, true]) {
    for (const body of reviews) {
      const { answered, line, outcome } = roundTrip(snapshot, body, { raw })
      t.same(describeOutcome(outcome), line.outcome)
      t.equal(outcome.code, answered.outcome.code)
      t.equal(line.answered, undefined, 'redaction changes neither code nor structure')
    }
  }
})

t.test('secret texts become digests, and everything that affects injection is kept', async (t) => {
  const snapshot = await exampleSnapshot()
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      labels: { app: 'web' },
      annotations: {
        'sidecar.istio.io/proxyCPU': '250m',
        'example.com/token': 'hunter2',
        'proxy.istio.io/config': 'proxyMetadata: {SECRET: hunter2, ISTIO_META_DNS_CAPTURE: "true"}',
        'proxy.istio.io/overrides':
          '{"containers":[{"name":"istio-proxy","env":[{"name":"A","value":"hunter2"}]}]}',
        'sidecar.istio.io/status': '{"containers":["istio-proxy"],"volumes":null,"secret":"hunter2"}',
        'sidecar.istio.io/userVolume': '{"v":{"hostPath":{"path":"hunter2"}}}',
        'sidecar.istio.io/userVolumeMount': '{"v":{"mountPath":"/mnt","subPath":"s"}}',
      },
    },
    spec: {
      containers: [
        {
          name: 'app',
          image: 'web:1',
          args: ['hunter2'],
          env: [{ name: 'PASSWORD', value: 'hunter2' }],
          readinessProbe: {
            httpGet: { path: '/ready', port: 'http', httpHeaders: [{ name: 'A', value: 'hunter2' }] },
          },
        },
      ],
    },
  }
  const { line, answered } = roundTrip(
    snapshot,
    reviewOf(pod, 'test-ns', { userInfo: { username: 'hunter2', extra: { hunter2: ['hunter2'] } } }),
    { raw: false, rawUrl: '/inject/cluster/east/net/n1/foo/hunter2?timeout=10s' },
  )
  const text = JSON.stringify(line)
  t.notMatch(text, /hunter2/)
  for (const kept of ['250m', 'web:1', '/ready', 'PASSWORD', '/mnt', 'ISTIO_META_DNS_CAPTURE', 'east', 'n1'])
    t.ok(text.includes(kept), kept)
  const digests = new Set(text.match(/redacted-[0-9a-f]{16}/g))
  t.ok(digests.size >= 3)
  t.equal(answered.outcome.kind, 'patched')
  t.equal(line.answered, undefined)
})

t.test('without configuration texts a review says that another configuration is needed', async (t) => {
  const snapshot = await exampleSnapshot()
  const redactor = new Redactor()
  const describer = new ClusterDescriber({ redactor, raw: false, configurations: 'left-out', inject: {} })
  const { text, configurations } = describer.describe(snapshot)
  t.notMatch([text, ...configurations.map((one) => one.text)].join(), /templates:/)
  t.equal(describer.describe(snapshot).text, text, 'made once')
})

t.test('invalid lines are reported by number', async (t) => {
  t.throws(() => readLine([], 'f.jsonl', 3), { code: 'capture-malformed', message: /f\.jsonl, line 3/ })
  t.throws(() => readLine({ a: 1 }, 'f', 1), { code: 'capture-malformed' })
  t.throws(() => readLine({ type: 'capture', version: 2 }, 'f', 1), { code: 'capture-version-unknown' })
  t.throws(() => readLine({ type: 'review' }, 'f', 1), { message: /needs id/ })
  t.throws(() => readLine({ type: 'configuration', id: 'a' }, 'f', 1), { message: /needs name/ })
  t.throws(() => readLine({ type: 'cluster', id: 'a', revisions: {}, tags: {}, options: {} }, 'f', 1), {
    message: /kubelets/,
  })
  t.equal(readLine({ type: 'later' }, 'f', 1), undefined)
})
