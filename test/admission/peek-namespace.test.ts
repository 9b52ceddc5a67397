import t from 'tap'
import { peekNamespace } from '../../src/admission/index.ts'

/** As an API server begins it. */
const begin = (name: string, more = ''): string =>
  `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1",` +
  `"kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},` +
  `"requestKind":{"group":"","version":"v1","kind":"Pod"},"requestResource":{"group":"","version":"v1","resource":"pods"},` +
  `${name}${more}`

const peek = (text: string): string | undefined => peekNamespace(Buffer.from(text))

t.test('reads the namespace from the beginning of a review', async (t) => {
  t.equal(peek(begin('', '"namespace":"shop","operation":"CREATE","object":{"metadata":{')), 'shop')
  t.equal(peek(begin('"name":"web-1",', '"namespace":"shop","oper')), 'shop')
})

t.test('names chosen by users are never taken for keys', async (t) => {
  const name = JSON.stringify('x","namespace":"payments","y":"')
  t.equal(peek(begin(`"name":${name},`, '"namespace":"shop",')), 'shop')
})

t.test('incomplete input and input not written by an API server give no namespace', async (t) => {
  for (const text of [
    '',
    '{}',
    begin('', '"namespace":"sho'),
    `{"request":{"object":{"metadata":{"namespace":"payments"}},"namespace":"shop"}}`,
    begin(`"name":"${'x'.repeat(5000)}",`, '"namespace":"shop",'),
    `{"request":{${'"a":"\\'.repeat(1000)}`,
    `{"request":{${'"a":"b",'.repeat(1000)}`,
  ])
    t.equal(peek(text), undefined, text.slice(0, 60))
})
