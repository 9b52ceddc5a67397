import t from 'tap'
import { peekNamespace } from '../../src/admission/index.ts'

/** As an API server begins it. */
const begin = (name: string, more = ''): string =>
  `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1",` +
  `"kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},` +
  `"requestKind":{"group":"","version":"v1","kind":"Pod"},"requestResource":{"group":"","version":"v1","resource":"pods"},` +
  `${name}${more}`

const peek = (text: string): string | undefined => peekNamespace(Buffer.from(text))

t.test('the namespace of a review of which the beginning has arrived', async (t) => {
  t.equal(peek(begin('', '"namespace":"shop","operation":"CREATE","object":{"metadata":{')), 'shop')
  t.equal(peek(begin('"name":"web-1",', '"namespace":"shop","oper')), 'shop')
})

t.test('what a user names is never read as a key', async (t) => {
  const name = JSON.stringify('x","namespace":"payments","y":"')
  t.equal(peek(begin(`"name":${name},`, '"namespace":"shop",')), 'shop')
})

t.test('what is not written as API servers do, or is not there yet, is not guessed', async (t) => {
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
