import t from 'tap'
import type { Cluster } from '../../src/cluster/index.ts'
import type { InjectionRequest, Outcome, Snapshot } from '../../src/inject/index.ts'
import { type Admission, createLogger } from '../../src/observe/index.ts'
import { emptySnapshot } from '../../src/revisions/index.ts'
import { createReviewHandler, type TransportFault, type WebhookAnswer } from '../../src/server/index.ts'
import { RetryWindow } from '../../src/server/retry-window.ts'

const OUTCOME: Outcome = {
  kind: 'patched',
  code: 'injected',
  decided: { revision: 'canary', tag: 'prod', webhook: 'rev.namespace', istioVersion: '1.30.3' },
  patch: [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }],
  pod: {},
  notes: [{ code: 'dns-policy', message: 'noted' }],
}
const REVIEW = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u-1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace: 'shop',
    operation: 'CREATE',
    object: { metadata: { generateName: 'web-' }, spec: {}, secret: 'p4ssw0rd' },
  },
}

function setUp(
  answer: Outcome | Error = OUTCOME,
  synced = true,
  ensureNamespace: Cluster['ensureNamespace'] = () => emptySnapshot,
) {
  const lines: { [field: string]: unknown }[] = []
  const requests: InjectionRequest[] = []
  const snapshots: Snapshot[] = []
  // Each line is the JSON object that the logger wrote.
  const logger = createLogger({
    level: 'info',
    write: (line) => lines.push(JSON.parse(line) as (typeof lines)[number]),
  })
  const counted: Admission[] = []
  const timed: number[] = []
  const clock = { ms: 0 }
  const handler = createReviewHandler({
    cluster: { synced, snapshot: () => emptySnapshot, ensureNamespace },
    logger,
    metrics: {
      countAdmission: (admission) => counted.push(admission),
      observeInjection: (seconds) => timed.push(seconds),
    },
    warnings: true,
    retries: new RetryWindow({ now: () => clock.ms }),
    *injectInSteps(request, snapshot) {
      yield
      requests.push(request)
      snapshots.push(snapshot)
      if (answer instanceof Error) throw answer
      return answer
    },
  })
  const post = (body: unknown, rawUrl = '/inject', contentType: string | undefined = 'application/json') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const answered = handler.review({ rawUrl, contentType, body: Buffer.from(text) })
    if (answered instanceof Promise) throw new Error('answered late')
    return read(answered)
  }
  return { handler, lines, requests, snapshots, counted, timed, clock, post }
}

function read({ status, body, retryAfterSeconds }: WebhookAnswer) {
  const answer: unknown = JSON.parse(body.toString())
  return { status, retryAfterSeconds, answer }
}

t.test('an unknown namespace is read only if its labels decide, not if the path does', async (t) => {
  const found: Snapshot = { ...emptySnapshot }
  const asked: string[] = []
  const { handler, post, snapshots } = setUp(OUTCOME, true, async (name) => {
    asked.push(name)
    return found
  })
  const request = (rawUrl: string) => ({
    rawUrl,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(REVIEW)),
  })
  t.match(read(await handler.review(request('/inject'))), { status: 200 })
  t.same(asked, ['shop'])
  t.equal(snapshots[0], found, 'decided by what was found')
  post(REVIEW, '/revisions/canary/inject')
  post(REVIEW, '/tags/prod/inject')
  t.same(asked, ['shop'], 'elsewhere the path decides')
})

t.test('a namespace that cannot be read is a fault, which the API server retries', async (t) => {
  const { handler, requests, lines } = setUp(OUTCOME, true, async () => undefined)
  const body = Buffer.from(JSON.stringify(REVIEW))
  const answered = await handler.review({ rawUrl: '/inject', contentType: 'application/json', body })
  t.match(read(answered), {
    status: 503,
    retryAfterSeconds: 1,
    answer: { response: { uid: 'u-1', allowed: false } },
  })
  t.same(requests, [])
  t.match(lines, [{ code: 'namespace-not-read' }])
})

t.test(
  'a review becomes a request with path, clock and seed, and its outcome becomes the response',
  async (t) => {
    const { post, requests, lines } = setUp()
    t.match(post(REVIEW, '/tags/prod/inject/cluster/c1'), {
      status: 200,
      answer: {
        apiVersion: 'admission.k8s.io/v1',
        response: { uid: 'u-1', allowed: true, patchType: 'JSONPatch', patch: String },
      },
    })
    t.match(requests, [
      {
        target: { by: 'tag', name: 'prod' },
        namespace: 'shop',
        operation: 'CREATE',
        kind: { kind: 'Pod' },
        proxyEnv: new Map([['ISTIO_META_CLUSTER_ID', 'c1']]),
        nowMs: Number,
        seed: Number,
      },
    ])
    t.match(lines, [
      {
        kind: 'patched',
        code: 'injected',
        namespace: 'shop',
        pod: 'web-',
        revision: 'canary',
        tag: 'prod',
        webhook: 'rev.namespace',
        istioVersion: '1.30.3',
        patchOps: 1,
        us: Number,
        uid: 'u-1',
        notes: ['dns-policy'],
      },
    ])
    t.notMatch(JSON.stringify(lines), /p4ssw0rd/)
  },
)

t.test('v1beta1 is answered in v1beta1', async (t) => {
  const { post } = setUp()
  t.match(post({ ...REVIEW, apiVersion: 'admission.k8s.io/v1beta1' }).answer, {
    apiVersion: 'admission.k8s.io/v1beta1',
  })
})

t.test('a refusal has HTTP status 200, and a fault is retried', async (t) => {
  const refused = setUp({ kind: 'refused', code: 'annotation-invalid', message: 'bad "x"', notes: [] })
  t.match(refused.post(REVIEW), {
    status: 200,
    retryAfterSeconds: undefined,
    answer: { response: { uid: 'u-1', allowed: false } },
  })
  t.notMatch(JSON.stringify(refused.lines), /bad/)
  const fault = setUp({ kind: 'fault', code: 'revision-unknown', message: 'known: default', notes: [] })
  t.match(fault.post(REVIEW), {
    status: 503,
    retryAfterSeconds: 1,
    answer: { response: { uid: 'u-1', allowed: false } },
  })
  t.match(fault.lines, [{ level: 40, code: 'revision-unknown', message: 'known: default', status: 503 }])
})

t.test('a review is retried for three seconds, and then answered with the message', async (t) => {
  const { post, clock } = setUp({
    kind: 'fault',
    code: 'revision-unknown',
    message: 'known revisions: canary',
    notes: [],
  })
  const again = { status: 503, retryAfterSeconds: 1, answer: { kind: 'AdmissionReview' } }
  const final = {
    status: 503,
    retryAfterSeconds: undefined,
    answer: { kind: 'Status', message: 'known revisions: canary [revision-unknown]' },
  }
  const url = '/revisions/gone/inject?timeout=10s'
  for (const ms of [0, 1_010, 2_020]) {
    clock.ms = ms
    t.match(post(REVIEW, url), again, `${ms} ms after the first`)
  }
  clock.ms = 3_030
  t.match(post(REVIEW, url), final)
  const other = { ...REVIEW, request: { ...REVIEW.request, uid: 'u-2' } }
  t.match(post(other, url), again, 'another review has its own time')
})

t.test('a permanent fault gets its message at once, and its UID is not stored', async (t) => {
  const retries = new RetryWindow()
  const message = 'ConfigMap istio-system/istio-sidecar-injector-canary, line 3'
  const handler = createReviewHandler({
    cluster: { synced: true, snapshot: () => emptySnapshot, ensureNamespace: () => emptySnapshot },
    logger: createLogger({ level: 'silent', write: () => undefined }),
    metrics: { countAdmission: () => undefined, observeInjection: () => undefined },
    warnings: true,
    retries,
    *injectInSteps() {
      yield
      return { kind: 'fault', code: 'revision-unusable', message, notes: [] }
    },
  })
  const body = Buffer.from(JSON.stringify(REVIEW))
  const answered = handler.review({ rawUrl: '/inject?timeout=10s', contentType: 'application/json', body })
  if (answered instanceof Promise) throw new Error('answered late')
  t.match(read(answered), {
    status: 503,
    retryAfterSeconds: undefined,
    answer: { kind: 'Status', apiVersion: 'v1', message: `${message} [revision-unusable]` },
  })
  t.equal(retries.size, 0)
})

t.test('after the retries overload and an unread cluster are answered with their message too', async (t) => {
  const { post, handler, clock } = setUp(OUTCOME, false)
  const overload = () => {
    const body = Buffer.from(JSON.stringify(REVIEW))
    return read(handler.fail({ rawUrl: '/inject?timeout=10s', method: 'POST', fault: 'overloaded', body }))
  }
  t.match(overload(), { status: 429, retryAfterSeconds: 1 })
  clock.ms = 1_000
  t.match(post(REVIEW), { status: 503, retryAfterSeconds: 1 }, 'one clock for all faults of a review')
  clock.ms = 3_000
  t.match(overload(), { status: 429, retryAfterSeconds: undefined, answer: { kind: 'Status', code: 429 } })
  t.match(post(REVIEW), { status: 503, retryAfterSeconds: undefined, answer: { message: /not-synced/ } })
})

t.test('before the first sync the API server is asked to retry every review', async (t) => {
  const { post, requests, lines } = setUp(OUTCOME, false)
  t.match(post(REVIEW), { status: 503, retryAfterSeconds: 1, answer: { response: { uid: 'u-1' } } })
  t.same(requests, [])
  t.match(lines, [{ kind: 'fault', code: 'not-synced' }])
})

t.test('bodies that are not reviews and unknown paths are errors with codes', async (t) => {
  const { post, lines } = setUp()
  t.match(post('{"half'), { status: 400, answer: { kind: 'AdmissionReview', response: { allowed: false } } })
  t.match(post(REVIEW, '/inject', 'text/plain'), { status: 415, answer: { response: { uid: 'u-1' } } })
  t.match(post(REVIEW, '/injects'), {
    status: 404,
    answer: { response: { uid: 'u-1', status: { message: /"\/injects"/ } } },
  })
  t.match(post({ ...REVIEW, request: { ...REVIEW.request, object: null } }), {
    status: 200,
    answer: { response: { allowed: false } },
  })
  t.match(lines, [
    { kind: 'malformed', code: 'body-not-json' },
    { kind: 'malformed', code: 'content-type-unsupported', uid: 'u-1' },
    { kind: 'malformed', code: 'path-unknown' },
    { kind: 'refused', code: 'object-missing' },
  ])
})

t.test('transport errors are rows of the same table', async (t) => {
  const { handler } = setUp()
  const body = Buffer.from(JSON.stringify(REVIEW))
  const fail = (fault: TransportFault, rawUrl = '/inject') => {
    const answer = handler.fail({ rawUrl, method: 'PUT', fault, body })
    const parsed: unknown = JSON.parse(answer.body.toString())
    if (fault === 'internal-error') t.match(parsed, { kind: 'Status', code: 500 })
    else t.match(parsed, { kind: 'AdmissionReview', response: { uid: 'u-1', allowed: false } })
    return [answer.status, answer.retryAfterSeconds]
  }
  t.same(fail('method-not-allowed'), [405, undefined])
  t.same(fail('method-not-allowed', '/nowhere'), [404, undefined])
  t.same(fail('body-too-large'), [413, undefined])
  t.same(fail('overloaded'), [429, 1])
  t.same(fail('internal-error'), [500, undefined])
})

t.test('an exception of inject reaches the listener, which answers it as an internal error', async (t) => {
  t.throws(() => setUp(new Error('broken')).post(REVIEW), { message: 'broken' })
})

t.test('each request is counted once, and a path never becomes a label', async (t) => {
  const installed = { name: 'canary', namespace: 'istio-system', config: undefined }
  const known: Snapshot = { ...emptySnapshot, revisions: new Map([['canary', installed]]) }
  const count = (outcome: Outcome, ask: (set: ReturnType<typeof setUp>) => unknown) => {
    const set = setUp(outcome, true, () => known)
    ask(set)
    return [...set.counted, set.timed.length]
  }
  const body = Buffer.from(JSON.stringify(REVIEW))
  const fault = { kind: 'fault', code: 'revision-unknown', message: '', notes: [] } as const
  const skipped = { kind: 'skipped', code: 'no-labels', notes: [] } as const
  t.same(
    count(OUTCOME, ({ post }) => post(REVIEW)),
    [{ kind: 'patched', code: 'injected', revision: 'canary' }, 1],
  )
  t.same(
    count({ ...fault, decided: { revision: 'x'.repeat(99) } }, ({ post }) => post(REVIEW)),
    [{ kind: 'fault', code: 'revision-unknown', revision: 'unknown' }, 1],
  )
  t.same(
    count({ ...fault, code: 'tag-unknown' }, ({ post }) => post(REVIEW)),
    [{ kind: 'fault', code: 'tag-unknown', revision: 'unknown' }, 1],
  )
  t.same(
    count(skipped, ({ post }) => post(REVIEW)),
    [{ kind: 'skipped', code: 'no-labels', revision: 'none' }, 1],
  )
  t.same(
    count(OUTCOME, ({ handler }) =>
      handler.fail({ rawUrl: '/inject', method: 'POST', fault: 'overloaded', body }),
    ),
    [{ kind: 'fault', code: 'overloaded', revision: 'none' }, 0],
    'rejected requests do not count in the injection time',
  )
  t.same(
    count(OUTCOME, ({ post }) => post('{')),
    [{ kind: 'malformed', code: 'body-not-json', revision: 'none' }, 0],
  )
})
