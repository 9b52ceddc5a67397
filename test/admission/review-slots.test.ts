import t from 'tap'
import { cutReview, refillReview } from '../../src/admission/index.ts'

const time = '2026-11-20T23:14:30Z'

function review({ uid = 'u-1', suffix = 'x7k2p', times = [time], more = '' } = {}): string {
  const managed = times.map(
    (at) => `{"manager":"m","apiVersion":"v1","time":"${at}","fieldsType":"FieldsV1"}`,
  )
  return `{"kind":"AdmissionReview","request":{"uid":"${uid}","object":{"metadata":{"managedFields":[${managed}]},"spec":{"volumes":[{"name":"kube-api-access-${suffix}"}],"containers":[{"volumeMounts":[{"name":"kube-api-access-${suffix}"}]}]${more}}}}}`
}

function cut(text: string) {
  const found = cutReview(text)
  if (found === undefined) throw new Error('not cut')
  return found
}

t.test('what pods of one workload differ in is cut out', async (t) => {
  const one = cut(review())
  t.match(one, { uid: 'u-1', suffix: 'x7k2p' })
  const other = cut(review({ uid: '0b5e9ab9-571b', suffix: 'zz429', times: ['2027-01-31T00:00:00Z'] }))
  t.match(other, { uid: '0b5e9ab9-571b', suffix: 'zz429' })
  t.equal(other.rest, one.rest)
  t.notMatch(one.rest, /u-1|x7k2p|2026/)
})

t.test('what else differs stays in', async (t) => {
  const { rest } = cut(review())
  t.not(cut(review({ more: ',"hostname":"a"' })).rest, rest)
  t.not(cut(review({ suffix: 'X7K2P' })).rest, rest, 'no suffix of Kubernetes')
  t.not(cut(review({ suffix: 'x7k2p9' })).rest, rest, 'too long')
  t.not(cut(review({ suffix: '' })).rest, rest, 'none')
  t.not(cut(review({ times: ['yesterday'] })).rest, rest)
})

t.test('two suffixes, or one that goes on, stay in the text, all of them', async (t) => {
  for (const more of ['-abcde"', '-x7k2p-b"', '-x7k2p\\""', '-"']) {
    const found = cut(review({ more: `,"hostname":"kube-api-access${more}` }))
    t.same(found.suffixesAt, [], more)
    t.equal(found.suffix, '')
    t.match(found.rest, /x7k2p/)
  }
})

t.test('a time that is none keeps all of them in', async (t) => {
  for (const bad of [
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T23:14:30+',
  ]) {
    const found = cut(review({ times: [time, bad] }))
    t.same(found.timesAt, [], bad)
    t.match(found.rest, /2026-11-20T23:14:30Z/)
  }
  t.equal(cut(review({ times: ['2024-02-29T23:59:59Z', time] })).timesAt.length, 2)
})

t.test('a text without what was cut is another one', async (t) => {
  // As if somebody had sent the rest of a review, cut out by hand.
  const { rest } = cut(review())
  const emptied = review({ suffix: '', times: [''] })
  t.not(cut(emptied).rest, rest)
  t.equal(cutReview(review({ uid: '' })), undefined)
})

t.test('a UID elsewhere, with escapes or cut off is left to the plain way', async (t) => {
  for (const text of [
    '',
    '{"request":{"kind":{},"uid":"u"}}',
    '{"request":{"uid":"a\\u0062"}}',
    '{"request":{"uid":"ü"}}',
    '{"request":{"uid":7}}',
    '{"request":{"uid":"u-1',
    '{"x":"\\"request\\":{\\"uid\\":\\"u\\"}"}',
    `{"request":{"uid":"${'u'.repeat(65)}"}}`,
  ]) {
    t.equal(cutReview(text), undefined, text)
  }
  t.match(cutReview('{"request": {"uid": "u-1"}}'), { uid: 'u-1' }, 'spaces as other writers have them')
})

t.test('characters beyond ASCII are cut around, as bytes', async (t) => {
  const text = Buffer.from(review({ more: ',"hostname":"käse 🧀"' })).toString('latin1')
  const other = Buffer.from(review({ uid: 'u-2', more: ',"hostname":"käse 🧀"' })).toString('latin1')
  t.equal(cut(text).rest, cut(other).rest)
  t.not(cut(text).rest, cut(text.replace('\xc3', '\xc4')).rest)
})

t.test('places are filled with something else, and with the same again', async (t) => {
  const text = review({ times: [time, time] })
  const found = cut(text)
  t.equal(refillReview(text, found, { uid: found.uid, suffix: found.suffix, time }), text)
  const other = { uid: 'another', suffix: 'aaaaa', time: '2001-02-03T04:05:06Z' }
  const refilled = refillReview(text, found, other)
  t.equal(refilled, review({ uid: 'another', suffix: 'aaaaa', times: [other.time, other.time] }))
  t.equal(cut(refilled).rest, found.rest)
})
