/** Notes about misleading labels and annotations, from the core to the warnings that kubectl prints. */
import t from 'tap'
import { answerOutcome } from '../../src/admission/index.ts'
import { describeCode, type InjectionRequest, inject, type Outcome } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { pod, requestFor, revision, snapshotOf } from './revision-fixture.ts'

type Texts = { readonly [name: string]: string }
const R = 'istio.io/rev'
const I = 'istio-injection'
const OWN = new Set([
  'namespace-revision-ignored',
  'pod-revision-ignored',
  'revision-label-unserved',
  'revision-in-annotation',
])

interface Situation {
  readonly labels?: Texts
  readonly annotations?: Texts
  readonly pod?: JsonObject
  readonly target?: InjectionRequest['target']
}

function ask({ labels = {}, annotations = {}, pod: metadata = {}, target }: Situation): Outcome {
  const [main, canary] = [revision(), revision({ name: '1-6-8' })]
  const facts = { labels: new Map(Object.entries(labels)), annotations: new Map(Object.entries(annotations)) }
  return inject(
    requestFor(pod(metadata), { target: target ?? { by: 'labels' } }),
    snapshotOf(main, {
      revisions: new Map([main, canary].map((config) => [config.name, { ...config, config }])),
      tags: new Map([['prod', '1-6-8']]),
      namespaces: new Map([['shop', facts]]),
    }),
  )
}
const notesOf = (situation: Situation) =>
  ask(situation)
    .notes.map(({ code }) => code)
    .filter((code) => OWN.has(code))

t.test('misleading labels and annotations get notes', async (t) => {
  const rows: readonly (readonly [string, Situation, readonly string[]])[] = [
    ['nothing odd', { labels: { [R]: 'prod' } }, []],
    ['both labels', { labels: { [I]: 'enabled', [R]: '1-6-8' } }, ['namespace-revision-ignored']],
    [
      'both labels, where the path decides',
      { labels: { [I]: 'enabled', [R]: '1-6-8' }, target: { by: 'revision', name: 'default' } },
      ['namespace-revision-ignored'],
    ],
    [
      'a pod beside the legacy label',
      { labels: { [I]: 'enabled' }, pod: { labels: { [R]: 'prod' } } },
      ['pod-revision-ignored'],
    ],
    [
      'a pod beside the legacy label that names the revision chosen anyway',
      { labels: { [I]: 'enabled' }, pod: { labels: { [R]: 'default' } } },
      [],
    ],
    [
      'a pod that names the default revision in a namespace without injection',
      { labels: { [I]: 'disabled' }, pod: { labels: { [R]: 'default' } } },
      ['pod-revision-ignored'],
    ],
    [
      'a pod that disagrees',
      { labels: { [R]: '1-6-8' }, pod: { labels: { [R]: 'prod' } } },
      ['pod-revision-ignored'],
    ],
    ['a pod that agrees', { labels: { [R]: 'prod' }, pod: { labels: { [R]: 'prod' } } }, []],
    ['a namespace with an unknown revision', { labels: { [R]: 'cannary' } }, ['revision-label-unserved']],
    ['a pod with an unknown revision', { pod: { labels: { [R]: '' } } }, ['revision-label-unserved']],
    ['names that objects have', { pod: { labels: { [R]: 'constructor' } } }, ['revision-label-unserved']],
    ['an annotation of the namespace', { annotations: { [R]: 'prod' } }, ['revision-in-annotation']],
    [
      'an annotation of the pod',
      { labels: { [I]: 'enabled' }, pod: { annotations: { [R]: 'prod' } } },
      ['revision-in-annotation'],
    ],
    [
      'an annotation that says what is chosen',
      { labels: { [R]: '1-6-8' }, pod: { annotations: { [R]: '1-6-8' } } },
      [],
    ],
    [
      'an annotation by the name of the tag',
      { labels: { [R]: 'prod' }, pod: { annotations: { [R]: 'prod' } } },
      [],
    ],
    ['an annotation beside a label', { pod: { labels: { [R]: 'prod' }, annotations: { [R]: 'other' } } }, []],
    ['what is no text', { pod: { labels: { [R]: 7 }, annotations: { [R]: {} } } }, []],
    [
      'what an earlier injection wrote',
      {
        labels: { [R]: 'prod' },
        pod: { labels: { [R]: '1-6-8' }, annotations: { [R]: 'default', 'sidecar.istio.io/status': '{}' } },
      },
      [],
    ],
  ]
  for (const [name, situation, codes] of rows) t.same(notesOf(situation), codes, name)
})

t.test('for a name with dots the revision is suggested', async (t) => {
  const [first] = ask({ labels: { [R]: '1.6.8' } }).notes
  t.equal(
    first?.message,
    "the namespace's label istio.io/rev=1.6.8 names no revision or tag (did you mean 1-6-8?); known: 1-6-8, default, prod",
  )
})

t.test('all notes are warnings, few and short, whatever the labels', async (t) => {
  for (const code of OWN) t.equal(describeCode(code)?.warns, true, code)
  const outcome = ask({
    labels: { [I]: 'enabled', [R]: `x${'\u{1f600}'.repeat(400)}` },
    annotations: { [R]: 'a\r\nb' },
    pod: {
      labels: { [R]: 'y'.repeat(5000), 'sidecar.istio.io/inject': 'z'.repeat(5000) },
      annotations: { [R]: 'z' },
    },
  })
  const identity = { apiVersion: 'admission.k8s.io/v1', uid: 'u' } as const
  const warnings = warningsIn(answerOutcome(outcome, identity).body)
  t.ok(warnings.length >= 3 && warnings.length <= 8)
  for (const warning of warnings) {
    t.ok(warning.length <= 256 && warning.isWellFormed())
    t.notMatch(warning, /\p{Cc}/u)
  }
  t.ok(warnings.join('').length <= 4096, 'what the API server passes on of one answer')
  t.same(warningsIn(answerOutcome(outcome, identity, { warnings: false }).body), [])
})

function warningsIn(body: string): readonly string[] {
  // An AdmissionReview that was encoded a moment ago.
  const { response } = JSON.parse(body) as { response: { warnings?: string[] } }
  return response.warnings ?? []
}
