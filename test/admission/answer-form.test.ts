import t from 'tap'
import { answerOutcome, fillForm, formOf } from '../../src/admission/index.ts'
import type { Outcome, PatchOperation } from '../../src/inject/index.ts'

const SLOTS = { uid: 'u-1', suffix: 'x7k2p' }
const OTHER = { uid: '0b5e9ab9-571b-b645-5586-fd21adac2c16', suffix: 'zz429' }

function patched(value: string): Outcome {
  const patch: PatchOperation[] = [{ op: 'add', path: '/spec/x', value }]
  return { kind: 'patched', code: 'injected', patch, pod: {}, notes: [] }
}

function answerTo(outcome: Outcome, uid: string) {
  return answerOutcome(outcome, { apiVersion: 'admission.k8s.io/v1', uid })
}

function refilled(outcome: Outcome) {
  const form = formOf(answerTo(outcome, SLOTS.uid), outcome, SLOTS)
  return form && fillForm(form, OTHER)
}

t.test('an answer for another UID is what that one would have got', async (t) => {
  const outcomes: Outcome[] = [
    patched('käse'),
    { kind: 'skipped', code: 'pod-opted-out', notes: [] },
    { kind: 'refused', code: 'pod-invalid', message: 'u-1 "response":{"uid":"u-1"', notes: [] },
  ]
  for (const outcome of outcomes) t.same(refilled(outcome), answerTo(outcome, OTHER.uid))
})

t.test('a patch that repeats the name of the token volume gets the new one', async (t) => {
  const outcome = patched('kube-api-access-x7k2p')
  t.same(refilled(outcome), answerTo(patched('kube-api-access-zz429'), OTHER.uid))
})

t.test('a name that only looks like it is not touched: there is no form', async (t) => {
  for (const value of ['kube-api-access-aaaaa', 'kube-api-access-x7k2p-b', 'kube-api-access-']) {
    t.equal(refilled(patched(value)), undefined, value)
  }
  const outcome = patched('kube-api-access-x7k2p')
  t.equal(formOf(answerTo(outcome, 'u-1'), outcome, { uid: 'u-1', suffix: '' }), undefined, 'nothing was cut')
})

t.test('an answer to another review has no form', async (t) => {
  const outcome = patched('a')
  t.equal(formOf(answerTo(outcome, 'u-2'), outcome, SLOTS), undefined)
  t.equal(formOf({ status: 200, body: '{}' }, outcome, SLOTS), undefined)
})
