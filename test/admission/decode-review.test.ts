import t from 'tap'
import {
  decodeReview,
  isJsonContentType,
  readIdentity,
  toInjectionRequest,
} from '../../src/admission/index.ts'
import { describeCode } from '../../src/inject/codes.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { labels: { app: 'web' } },
  spec: { containers: [] },
  future: 1,
}

function review(over: object = {}, apiVersion = 'admission.k8s.io/v1') {
  const request = {
    uid: 'u-1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace: 'shop',
    operation: 'CREATE',
    object: pod,
    dryRun: true,
    ...over,
  }
  return { apiVersion, kind: 'AdmissionReview', request }
}

const decode = (value: unknown, contentType: string | undefined = 'application/json') =>
  decodeReview(bytes(typeof value === 'string' ? value : JSON.stringify(value)), contentType)

t.test('a review is read completely, including unknown fields of the object', async (t) => {
  for (const apiVersion of ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1']) {
    const decoded = decode(review({ name: 'web', subResource: 'x' }, apiVersion))
    t.match(decoded, {
      kind: 'review',
      apiVersion,
      uid: 'u-1',
      namespace: 'shop',
      name: 'web',
      operation: 'CREATE',
      objectKind: { group: '', version: 'v1', kind: 'Pod' },
      subResource: 'x',
      dryRun: true,
      object: pod,
    })
  }
})

t.test('a review becomes a request of the core', async (t) => {
  const decoded = decode(review())
  if (decoded.kind !== 'review') return t.fail(decoded.message)
  const from = {
    target: { by: 'tag', name: 'prod' },
    proxyEnv: new Map([['A', 'b']]),
    nowMs: 1,
    seed: 2,
  } as const
  t.same(toInjectionRequest(decoded, from), {
    ...from,
    namespace: 'shop',
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    subResource: '',
    object: pod,
  })
  return undefined
})

t.test('fields missing in a hand-written review are taken from its object', async (t) => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' }
  t.match(decode(review({ kind: undefined, operation: undefined, object: deployment })), {
    operation: 'CREATE',
    objectKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  })
  t.match(decode(review({ kind: undefined, object: {} })), {
    objectKind: { group: '', version: 'v1', kind: 'Pod' },
  })
})

t.test('a review without an object is still a review', async (t) => {
  t.match(decode(review({ operation: 'DELETE', object: null })), {
    kind: 'review',
    operation: 'DELETE',
    object: {},
  })
})

t.test("keys are found in any case, as Go's decoder finds them", async (t) => {
  const { request, ...rest } = review()
  const { object, ...others } = request
  t.match(decode({ ...rest, Request: { ...others, OBJECT: object } }), { kind: 'review', object: pod })
})

t.test('the content type may have parameters and any case', async (t) => {
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON',
    ' application/json ',
  ]) {
    t.ok(isJsonContentType(type), type)
  }
  for (const type of [
    undefined,
    '',
    'text/plain',
    'application/jsonx',
    'application/json+x',
    'x application/json',
  ]) {
    t.notOk(isJsonContentType(type), String(type))
  }
})

t.test('an invalid review has a code, and its UID if it can be read', async (t) => {
  const whole = JSON.stringify(review())
  const rows: readonly (readonly [unknown, string, string | undefined])[] = [
    ['', 'body-empty', undefined],
    ['hello', 'body-not-json', undefined],
    [whole.slice(0, -30), 'body-not-json', 'u-1'],
    [`${whole}x`, 'body-not-json', 'u-1'],
    [`${whole}${whole}`, 'body-not-json', 'u-1'],
    ['\ufeff{}', 'body-not-json', undefined],
    [[], 'review-invalid', undefined],
    ['null', 'review-invalid', undefined],
    ['7', 'review-invalid', undefined],
    [{}, 'review-invalid', undefined],
    [pod, 'review-invalid', undefined],
    [review({}, 'admission.k8s.io/v9'), 'review-version-unsupported', 'u-1'],
    [{ ...review(), apiVersion: undefined }, 'review-version-unsupported', 'u-1'],
    [{ ...review(), request: undefined }, 'request-missing', undefined],
    [{ ...review(), request: [] }, 'request-missing', undefined],
    [review({ uid: '' }), 'request-missing', undefined],
    [review({ uid: 7 }), 'request-missing', undefined],
    [review({ object: null }), 'object-missing', 'u-1'],
    [review({ object: 'pod' }), 'object-missing', 'u-1'],
    [review({ operation: 'UPDATE', object: [] }), 'object-missing', 'u-1'],
  ]
  for (const [value, code, uid] of rows) {
    const decoded = decode(value)
    t.match(
      decoded,
      { kind: 'failure', code, identity: { uid } },
      `${code}: ${JSON.stringify(value)?.slice(0, 60)}`,
    )
    t.ok(describeCode(code)?.httpStatus)
  }
  t.match(decode(review(), 'text/plain'), { code: 'content-type-unsupported', identity: { uid: 'u-1' } })
  t.match(decodeReview(bytes('{}'), undefined), {
    code: 'content-type-unsupported',
    message: /no Content-Type/,
  })
})

t.test('a body with ten thousand levels is refused', async (t) => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const deep = `${open.repeat(10_000)}1${close.repeat(10_000)}`
    t.match(
      decode(
        `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1","object":${deep}}}`,
      ),
      {
        code: 'body-too-deep',
        identity: { uid: 'u-1', apiVersion: 'admission.k8s.io/v1' },
      },
    )
    t.match(decode(open.repeat(200_000)), { code: 'body-too-deep' })
  }
})

t.test('more lists and objects than a stored pod can have are refused before they are parsed', async (t) => {
  const review = (count: number): string =>
    `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1","object":{"spec":{"tolerations":[${'{},'.repeat(count)}"{[{["]}}}}`
  t.match(decode(review(1000)), { kind: 'review', uid: 'u-1' })
  t.match(decode(review(786_432)), {
    code: 'body-too-many-values',
    identity: { uid: 'u-1', apiVersion: 'admission.k8s.io/v1' },
  })
})

t.test('prototype keys are data', async (t) => {
  const decoded = decode(
    '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object":{"__proto__":{"kind":"X"},"constructor":1}}}',
  )
  t.match(decoded, { kind: 'review', objectKind: { kind: 'Pod' } })
  if (decoded.kind === 'review') t.same(Object.keys(decoded.object), ['__proto__', 'constructor'])
  t.match(decode('{"__proto__":{"kind":"AdmissionReview"}}'), { code: 'review-invalid' })
})

t.test('a body that is not UTF-8 is read as Go reads it', async (t) => {
  const text = JSON.stringify(review({ name: 'X' }))
  const body = Buffer.from(text)
  body[body.indexOf('"X"') + 1] = 0xff
  t.match(decodeReview(body, 'application/json'), { kind: 'review', name: '\ufffd' })
})

t.test('the UID is searched only near the start', async (t) => {
  t.same(readIdentity('nothing'), {})
  t.same(readIdentity(`${' '.repeat(5000)}"request":{"uid":"u"`), {})
  t.same(readIdentity('{"request":{"uid":"a\\"b"'), {}, 'an escaped one is not guessed at')
})

t.test('a review with many keys is scanned once, whatever it lacks', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i]))
  const request = { UID: 'u', Object: {}, ...many }
  const body = Buffer.from(
    JSON.stringify({ Kind: 'AdmissionReview', APIVERSION: 'admission.k8s.io/v1', request }),
  )
  const { keys } = Object
  let seen = 0
  Object.keys = (object: object): string[] => {
    const found = keys(object)
    seen += found.length
    return found
  }
  t.teardown(() => {
    Object.keys = keys
  })
  const decoded = decodeReview(body, 'application/json')
  Object.keys = keys
  t.match(decoded, { kind: 'review', uid: 'u', name: '', dryRun: false })
  t.ok(seen < 2 * 5_000, `${seen} keys were looked at`)
})
