import t from 'tap'
import { answerFailure, answerOutcome, encodeReview } from '../../src/admission/index.ts'

const identity = { apiVersion: 'admission.k8s.io/v1beta1', uid: 'u"1' } as const
const patch = [{ op: 'add', path: '/metadata/labels/ä', value: 'ü' }] as const

function parsed(body: string) {
  return JSON.parse(body)
}

t.test('a patched pod is allowed with its patch', async (t) => {
  const answer = answerOutcome(
    { kind: 'patched', code: 'injected', patch, pod: {}, notes: [], decided: { revision: 'canary' } },
    identity,
  )
  t.equal(answer.status, 200)
  const { response, ...rest } = parsed(answer.body)
  t.same(rest, { apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview' })
  t.same(parsed(Buffer.from(response.patch, 'base64').toString('utf8')), patch)
  t.match(response, {
    uid: 'u"1',
    allowed: true,
    patchType: 'JSONPatch',
    auditAnnotations: { code: 'injected', revision: 'canary' },
  })
  t.notOk('status' in response || 'warnings' in response)
})

t.test('a pod that needs no change gets a patch without operations, as from Istio', async (t) => {
  const answer = answerOutcome(
    { kind: 'patched', code: 'reinjected', patch: [], pod: {}, notes: [] },
    identity,
  )
  t.same(parsed(answer.body).response, {
    uid: 'u"1',
    allowed: true,
    auditAnnotations: { code: 'reinjected' },
    patchType: 'JSONPatch',
    patch: Buffer.from('[]').toString('base64'),
  })
})

t.test('a skipped pod is allowed, and the user is warned only about mistakes in the pod', async (t) => {
  const notes = [
    { code: 'dns-policy', message: 'first\nsecond' },
    { code: 'tag-shadows-revision', message: 'for the operator' },
    { code: 'inject-value-invalid', message: 'x'.repeat(1000) },
    { code: 'no-such-code', message: 'unknown' },
  ]
  const answer = answerOutcome({ kind: 'skipped', code: 'host-network', notes }, identity)
  const { response } = parsed(answer.body)
  t.equal(response.allowed, true)
  t.equal(response.warnings.length, 2)
  t.equal(response.warnings[0], 'first second [dns-policy]')
  t.equal(response.warnings[1].length, 256)
})

t.test('a refusal is HTTP 200 and not allowed', async (t) => {
  const message = "invalid value 'x' for annotation 'y'"
  const answer = answerOutcome({ kind: 'refused', code: 'annotation-invalid', message, notes: [] }, identity)
  t.equal(answer.status, 200)
  t.equal(answer.retryAfterSeconds, undefined)
  t.match(parsed(answer.body).response, {
    uid: 'u"1',
    allowed: false,
    status: {
      status: 'Failure',
      code: 400,
      reason: 'BadRequest',
      message: `${message} [annotation-invalid]`,
    },
  })
})

t.test('a temporary fault is a retriable HTTP error with an AdmissionReview', async (t) => {
  const answer = answerOutcome(
    { kind: 'fault', code: 'revision-unknown', message: 'no', notes: [] },
    identity,
  )
  t.equal(answer.status, 503)
  t.equal(answer.retryAfterSeconds, 1)
  t.match(parsed(answer.body).response, {
    uid: 'u"1',
    allowed: false,
    status: { code: 503, reason: 'ServiceUnavailable' },
  })
  t.match(answerFailure({ code: 'overloaded' }, {}), { status: 429, retryAfterSeconds: 1 })
})

t.test('a permanent fault is a v1 Status, whose message kubectl prints', async (t) => {
  const status = (answer: ReturnType<typeof answerFailure>) => {
    t.equal(answer.retryAfterSeconds, undefined)
    return [answer.status, parsed(answer.body)]
  }
  const failure = (code: number, reason: string, message: string) => ({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  })
  const unusable = { kind: 'fault', code: 'revision-unusable', message: 'line 3', notes: [] } as const
  t.same(status(answerOutcome(unusable, identity)), [
    503,
    failure(503, 'ServiceUnavailable', 'line 3 [revision-unusable]'),
  ])
  const unknown = { kind: 'fault', code: 'revision-unknown', message: 'no', notes: [] } as const
  t.same(
    status(answerOutcome(unknown, identity, { mayRetry: false })),
    [503, failure(503, 'ServiceUnavailable', 'no [revision-unknown]')],
    'a temporary one that was retried long enough',
  )
  t.match(status(answerFailure({ code: 'overloaded' }, identity, false)), [
    429,
    { kind: 'Status', reason: 'TooManyRequests', code: 429 },
  ])
  t.match(status(answerFailure({ code: 'internal-error' }, {})), [500, { kind: 'Status', code: 500 }])
  t.match(status(answerFailure({ code: 'not-a-code' }, {})), [500, { kind: 'Status', code: 500 }])
})

t.test('a refusal is always an AdmissionReview, even after the last retry', async (t) => {
  const refused = { kind: 'refused', code: 'annotation-invalid', message: 'x', notes: [] } as const
  t.match(answerOutcome(refused, identity, { mayRetry: false }), { status: 200, body: /"AdmissionReview"/ })
  t.match(answerFailure({ code: 'path-unknown' }, identity, false), {
    status: 404,
    body: /"AdmissionReview"/,
  })
})

t.test('without an identity the answer is a v1 review with an empty UID', async (t) => {
  const answer = answerFailure({ code: 'body-empty' }, {})
  t.equal(answer.status, 400)
  t.match(parsed(answer.body), {
    apiVersion: 'admission.k8s.io/v1',
    response: { uid: '', allowed: false, status: { message: 'The request has no body. [body-empty]' } },
  })
})

t.test('at most eight warnings are sent', async (t) => {
  const warnings = Array.from({ length: 20 }, (_, i) => `w${i}`)
  t.equal(parsed(encodeReview({ identity, allowed: true, warnings })).response.warnings.length, 8)
})

t.test(
  'a denied or errored answer has revision and code for the audit log, and a bounded message',
  async (t) => {
    const message = 'x'.repeat(200_000)
    const refused = {
      kind: 'refused',
      code: 'annotation-invalid',
      message,
      notes: [],
      decided: { revision: 'canary' },
    } as const
    const { response } = parsed(answerOutcome(refused, identity).body)
    t.same(response.auditAnnotations, { code: 'annotation-invalid', revision: 'canary' })
    const decided = { revision: 'canary', configuration: '5be2aaf94e0a51a8' }
    t.same(parsed(answerOutcome({ ...refused, decided }, identity).body).response.auditAnnotations, {
      code: 'annotation-invalid',
      revision: 'canary',
      configuration: '5be2aaf94e0a51a8',
    })
    t.equal(response.status.message, `${'x'.repeat(4_096)}... [annotation-invalid]`)
  },
)
