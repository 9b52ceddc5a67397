/** Notes about misspelt names and deprecated annotations, and names without notes. */
import t from 'tap'
import { answerOutcome } from '../../src/admission/index.ts'
import { inject, type Outcome } from '../../src/inject/index.ts'
import { knownAnnotations, knownLabels, sidecarAnnotations } from '../../src/istio/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { pod, type RevisionSketch, requestFor, revision, snapshotOf } from './revision-fixture.ts'

const OWN = new Set(['annotation-misspelt', 'annotation-deprecated', 'label-misspelt'])

interface Situation {
  readonly annotations?: JsonObject
  readonly labels?: JsonObject
  readonly namespaceLabels?: { readonly [name: string]: string }
  readonly revision?: RevisionSketch
}

function ask({ annotations = {}, labels = {}, namespaceLabels = {}, revision: sketch }: Situation): Outcome {
  const facts = { labels: new Map(Object.entries(namespaceLabels)), annotations: new Map<string, string>() }
  const snapshot = snapshotOf(revision(sketch), { namespaces: new Map([['shop', facts]]) })
  return inject(requestFor(pod({ annotations, labels })), snapshot)
}
const notesOf = (situation: Situation) =>
  ask(situation).notes.flatMap(({ code, message }) => (OWN.has(code) ? [`${code}: ${message}`] : []))
const annotated = (...names: string[]) =>
  notesOf({ annotations: Object.fromEntries(names.map((name) => [name, 'x'])) })

t.test('a misspelt name is reported with the nearest known name', async (t) => {
  t.same(annotated('sidecar.istio.io/proxyCpuLimits'), [
    'annotation-misspelt: sidecar.istio.io/proxyCpuLimits is ignored; try sidecar.istio.io/proxyCPULimit',
  ])
  t.same(annotated('sidecar.isto.io/interceptionMode'), [
    'annotation-misspelt: sidecar.isto.io/interceptionMode is ignored; try sidecar.istio.io/interceptionMode',
  ])
  t.same(annotated('inject.isto.io/template'), [
    'annotation-misspelt: inject.isto.io/template is ignored; try inject.istio.io/templates',
  ])
  t.same(notesOf({ labels: { 'sidecar.istio.io/injct': 'false' } }), [
    "label-misspelt: the pod's label sidecar.istio.io/injct is ignored; try sidecar.istio.io/inject",
  ])
  t.same(notesOf({ labels: { 'sidecar.istio.io/injec': 'true' } }), [
    "label-misspelt: the pod's label sidecar.istio.io/injec is ignored; try sidecar.istio.io/inject",
  ])
  t.same(
    annotated('readiness.status.sidecar.istio.io/initialDelaySecond'),
    [
      'annotation-misspelt: readiness.status.sidecar.istio.io/initialDelaySecond is ignored; try initialDelaySeconds',
    ],
    'where the whole name would not fit into a warning, the part to change',
  )
  t.same(notesOf({ namespaceLabels: { 'istio-injecton': 'enabled' } }), [
    "label-misspelt: the namespace's label istio-injecton is ignored; try istio-injection",
  ])
})

t.test('names that Istio knows get no note', async (t) => {
  const current = [...knownAnnotations].flatMap(([name, known]) => (known === 'current' ? [name] : []))
  t.ok(current.length > 60)
  for (const name of current) t.same(annotated(name), [], name)
  for (const name of knownLabels) {
    t.same(notesOf({ labels: { [name]: 'x' } }), [], name)
    t.same(notesOf({ namespaceLabels: { [name]: 'x' } }), [], name)
  }
})

t.test('unrelated names get no note', async (t) => {
  const others = [
    'istio.io/team',
    'example.com/istio',
    'sidecar.istio.io/mine',
    'constructor',
    '__proto__',
    '',
  ]
  for (const name of others) {
    t.same(annotated(name), [], name)
    t.same(notesOf({ labels: { [name]: 'x' }, namespaceLabels: { [name]: 'x' } }), [], name)
  }
  const earlier = {
    'sidecar.istio.io/status': '{}',
    'sidecar.istio.io/proxyCpus': '1',
    'sidecar.istio.io/inject': 'true',
  }
  t.same(
    notesOf({ annotations: earlier, labels: { 'istio.io/re': 'x' } }),
    [],
    'an earlier injection has warned',
  )
})

t.test('names that a template reads get no note', async (t) => {
  const name = 'sidecar.istio.io/proxyCPUs'
  t.equal(annotated(name).length, 1)
  const template = `metadata: {labels: {cpu: '{{ index .ObjectMeta.Annotations "${name}" }}'}}`
  t.same(notesOf({ annotations: { [name]: '1' }, revision: { templates: { sidecar: template } } }), [])
  const shorter = { annotations: { 'sidecar.istio.io/proxyCPUL': '1' } }
  const part = template.replaceAll('proxyCPUs', 'proxyCPULimit')
  t.match(
    notesOf({ ...shorter, revision: { templates: { sidecar: part } } }),
    [/^annotation-misspelt: /],
    'a part of a name that is read is another name',
  )
  const core = 'sidecar.istio.io/enableCoreDump'
  t.equal(annotated(core).length, 1)
  const reads = `metadata: {labels: {core: '{{ index .ObjectMeta.Annotations "${core}" }}'}}`
  t.same(notesOf({ annotations: { [core]: 'true' }, revision: { templates: { sidecar: reads } } }), [])
})

t.test('a deprecated annotation is reported for releases in which it is deprecated', async (t) => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['sidecar.istio.io/inject', '1.14.0', '1.15.0', 'the label of this name'],
    ['sidecar.istio.io/extraStatTags', '1.20.8', '1.21.0', 'proxy.istio.io/config: extraStatTags'],
    [
      'traffic.sidecar.istio.io/kubevirtInterfaces',
      '1.24.6',
      '1.25.0',
      'istio.io/reroute-virtual-interfaces',
    ],
    ['sidecar.istio.io/statsCompression', '1.28.9', '1.29.0', 'proxy.istio.io/config: statsCompression'],
  ]
  for (const [name, before, since, instead] of cases) {
    const at = (version: string) => notesOf({ annotations: { [name]: 'true' }, revision: { version } })
    t.same(at(before), [], `${name} ${before}`)
    t.same(at(since), [`annotation-deprecated: ${name}: since ${since.slice(0, 4)} use ${instead}`])
  }
  const core = { 'sidecar.istio.io/enableCoreDump': 'true' }
  t.same(notesOf({ annotations: core, revision: { version: '1.24.6' } }), [])
  t.same(notesOf({ annotations: core, revision: { version: '1.25.0' } }), [
    'annotation-deprecated: sidecar.istio.io/enableCoreDump: since 1.25 it has no effect',
  ])
  t.match(annotated('sidecar.istio.io/statsInclusionRegexps'), [
    /since 1\.9 use proxy\.istio\.io\/config: proxyStatsMatcher/,
  ])
})

t.test('a deprecated annotation beside its label gets no note', async (t) => {
  const inject = { 'sidecar.istio.io/inject': 'true' }
  t.equal(notesOf({ annotations: inject }).length, 1)
  t.same(notesOf({ annotations: inject, labels: inject }), [])
})

t.test('warnings are few and are not truncated', async (t) => {
  const identity = { apiVersion: 'admission.k8s.io/v1', uid: 'u' } as const
  const warnings = (outcome: Outcome, on = true): readonly string[] => {
    // An AdmissionReview that was encoded a moment ago.
    const review = JSON.parse(answerOutcome(outcome, identity, { warnings: on }).body) as {
      response: { warnings?: string[] }
    }
    return review.response.warnings ?? []
  }
  const misspelt = sidecarAnnotations.map((name) => `${name}s`)
  const deprecated = [...knownAnnotations].flatMap(([name, known]) => (known === 'current' ? [] : [name]))
  for (const name of [...misspelt, ...deprecated]) {
    const all = warnings(ask({ annotations: { [name]: 'true' }, revision: { version: '1.31.0' } }))
    t.ok(all.length > 0, name)
    for (const warning of all) t.ok(warning.length <= 120, `${warning.length}: ${warning}`)
  }
  const hostile = ask({
    annotations: Object.fromEntries(
      Array.from({ length: 3_000 }, (_, i) => [
        `sidecar.istio.io/proxyCP${String.fromCodePoint(0x3000 + i)}`,
        'x',
      ]),
    ),
  })
  t.equal(warnings(hostile).length, 4)
  t.same(warnings(hostile, false), [])
})
