import t from 'tap'
import { describeCode } from '../../src/inject/codes.ts'
import { decideRevision } from '../../src/inject/decide-revision.ts'
import { conditionHolds, webhookRules } from '../../src/inject/decide-revision-rules.ts'
import type { RevisionFacts, RevisionQuestion } from '../../src/inject/revision-question.ts'

type Labels = { readonly [key: string]: string }
const R = 'istio.io/rev'
const I = 'istio-injection'
const S = 'sidecar.istio.io/inject'

const good = { config: {} }
const facts: RevisionFacts = {
  revisions: new Map([
    ['default', good],
    ['canary', good],
  ]),
  tags: new Map([['prod', 'canary']]),
  enableNamespacesByDefault: false,
}

function ask(
  namespace: Labels | undefined,
  pod: Labels,
  target: RevisionQuestion['target'] = { by: 'labels' },
  over: Partial<RevisionFacts> = {},
) {
  const namespaceLabels = namespace === undefined ? undefined : new Map(Object.entries(namespace))
  return decideRevision({ target, namespaceLabels, podLabels: pod }, { ...facts, ...over })
}

/** `revision via webhook [tag]`, or the code. */
function short(decision: ReturnType<typeof decideRevision>): string {
  if (decision.kind !== 'revision') return decision.code
  const { revision, webhook, tag } = decision.decided
  return `${revision} ${webhook}${tag === undefined ? '' : ` ${tag}`}`
}
const noteCodes = (decision: ReturnType<typeof decideRevision>) => decision.notes.map((n) => n.code)

t.test('every combination of labels selects the expected revision', async (t) => {
  const rows: readonly (readonly [Labels, Labels, string])[] = [
    [{}, {}, 'no-labels'],
    [{}, { [S]: 'true' }, 'default object'],
    [{}, { [S]: 'yes' }, 'pod-value-not-true'],
    [{}, { [S]: 'false' }, 'pod-opted-out'],
    [{}, { [R]: 'canary' }, 'canary rev.object'],
    [{}, { [R]: 'canary', [S]: 'true' }, 'canary rev.object'],
    [{}, { [R]: 'canary', [S]: 'false' }, 'pod-opted-out'],
    [{}, { [R]: 'unknown' }, 'revision-not-installed'],
    [{ [I]: 'enabled' }, {}, 'default namespace'],
    [{ [I]: 'enabled', [R]: 'canary' }, {}, 'default namespace'],
    [{ [I]: 'enabled' }, { [S]: 'yes' }, 'default namespace'],
    [{ [I]: 'enabled' }, { [S]: 'false' }, 'pod-opted-out'],
    [{ [I]: 'enabled' }, { [R]: 'canary' }, 'default namespace'],
    [{ [I]: 'disabled', [R]: 'canary' }, { [S]: 'true' }, 'namespace-disabled'],
    [{ [I]: '' }, {}, 'namespace-disabled'],
    [{ [R]: 'canary' }, {}, 'canary rev.namespace'],
    [{ [R]: 'canary' }, { [S]: 'false' }, 'pod-opted-out'],
    [{ [R]: 'prod' }, { [R]: 'default' }, 'canary rev.namespace prod'],
    [{ [R]: 'unknown' }, { [S]: 'true' }, 'revision-not-installed'],
    [{ [R]: '' }, {}, 'revision-not-installed'],
    [{ [R]: '__proto__' }, {}, 'revision-not-installed'],
    [{ [R]: 'default' }, {}, 'default rev.namespace'],
  ]
  for (const [namespace, pod, expected] of rows) {
    t.equal(short(ask(namespace, pod)), expected, `${JSON.stringify(namespace)} ${JSON.stringify(pod)}`)
  }
})

t.test(
  'enableNamespacesByDefault injects with the default revision, but not in system namespaces',
  async (t) => {
    const on = { enableNamespacesByDefault: true }
    const labels = { by: 'labels' } as const
    t.equal(short(ask({}, {}, labels, on)), 'default auto')
    t.equal(short(ask({ 'kubernetes.io/metadata.name': 'kube-system' }, {}, labels, on)), 'system-namespace')
    t.equal(short(ask({}, { [S]: 'yes' }, labels, on)), 'pod-value-not-true')
    t.equal(
      short(ask({}, {}, labels, { ...on, revisions: new Map([['canary', good]]) })),
      'no-default-revision',
    )
  },
)

t.test('without a default revision its webhook rules do not apply', async (t) => {
  const only = { revisions: new Map([['canary', good]]) }
  const labels = { by: 'labels' } as const
  t.equal(short(ask({ [I]: 'enabled' }, {}, labels, only)), 'no-default-revision')
  t.equal(short(ask({}, { [S]: 'true' }, labels, only)), 'no-default-revision')
})

t.test(
  'a tag takes precedence over a revision of the same name, and the tag default over the default revision',
  async (t) => {
    const labels = { by: 'labels' } as const
    const tagged = { tags: new Map([['default', 'canary']]), enableNamespacesByDefault: true }
    for (const [namespace, pod, webhook] of [
      [{ [I]: 'enabled' }, {}, 'namespace'],
      [{}, { [S]: 'true' }, 'object'],
      [{}, {}, 'auto'],
      [{ [R]: 'default' }, {}, 'rev.namespace'],
      [{}, { [R]: 'default' }, 'rev.object'],
    ] as const) {
      const decision = ask(namespace, pod, labels, tagged)
      t.equal(short(decision), `canary ${webhook} default`)
      t.match(noteCodes(decision), ['tag-shadows-revision'])
    }
    const same = ask({ [R]: 'canary' }, {}, labels, { tags: new Map([['canary', 'canary']]) })
    t.equal(short(same), 'canary rev.namespace canary')
    t.same(same.notes, [], 'a tag for the revision of its own name shadows nothing')
  },
)

t.test('the path takes precedence over the labels', async (t) => {
  const canary = { by: 'revision', name: 'canary' } as const
  const agreeing = ask({ [R]: 'canary' }, {}, canary)
  t.equal(short(agreeing), 'canary rev.namespace')
  t.same(agreeing.notes, [])
  t.same(ask({ [R]: 'prod' }, {}, canary).notes, [], 'the same revision through a tag is no disagreement')

  const other = ask({ [I]: 'enabled' }, {}, canary)
  t.equal(short(other), 'canary undefined')
  t.same(noteCodes(other), ['path-disagrees-with-labels'])
  t.match(other.notes[0]?.message, /by the labels the pod would get revision "default"$/)

  const none = ask({}, { [S]: 'false' }, { by: 'tag', name: 'prod' })
  t.equal(short(none), 'canary undefined prod')
  t.match(none.notes[0]?.message, /would get none \(pod-opted-out\)$/)
})

t.test('an unknown namespace is not a fault and never conflicts with the path', async (t) => {
  t.same(noteCodes(ask(undefined, {}, { by: 'revision', name: 'canary' })), ['namespace-unknown'])
  t.equal(short(ask(undefined, { [S]: 'true' })), 'default object')
})

t.test('a name in the path that cannot serve is a fault that names the known ones', async (t) => {
  const rows = [
    ask({}, {}, { by: 'revision', name: 'blue' }),
    ask({}, {}, { by: 'revision', name: 'prod' }),
    ask({}, {}, { by: 'tag', name: 'canary' }),
    ask({}, {}, { by: 'tag', name: 'x' }, { tags: new Map() }),
    ask({}, {}, { by: 'tag', name: 'prod' }, { tags: new Map([['prod', 'gone']]) }),
    ask({ [R]: 'prod' }, {}, { by: 'labels' }, { tags: new Map([['prod', 'gone']]) }),
  ]
  const expected = [
    ['revision-unknown', /known revisions: canary, default/],
    ['revision-unknown', /known revisions: canary, default/],
    ['tag-unknown', /known tags: prod/],
    ['tag-unknown', /no tags are known/],
    ['tag-target-unknown', /"gone", which is not installed; known revisions: canary, default/],
    ['tag-target-unknown', /"gone"/],
  ] as const
  for (const [i, decision] of rows.entries()) {
    const [code, message] = expected[i] ?? ['', /^$/]
    t.match(decision, { kind: 'fault', code, message })
    t.equal(describeCode(code)?.kind, 'fault')
  }
})

t.test('a revision that never had a good configuration is a fault with its problem', async (t) => {
  const broken: RevisionFacts['revisions'] = new Map<
    string,
    { config: unknown; problem?: { message: string } }
  >([
    ['default', good],
    ['canary', { config: undefined, problem: { message: 'line 3 of the template' } }],
    ['bare', { config: undefined }],
  ])
  const byLabel = ask({ [R]: 'canary' }, {}, { by: 'labels' }, { revisions: broken })
  t.match(byLabel, { kind: 'fault', code: 'revision-unusable', message: /line 3 of the template/ })
  t.match(ask({ [R]: 'bare' }, {}, { by: 'labels' }, { revisions: broken }), { code: 'revision-unusable' })
  t.equal(short(ask({ [I]: 'enabled' }, {}, { by: 'labels' }, { revisions: broken })), 'default namespace')
})

t.test('a revision that waits for Nodes is a temporary fault', async (t) => {
  const problem = { code: 'nodes-not-read', message: 'the nodes have not been read yet' }
  const revisions = new Map([['waiting', { config: undefined, problem }]])
  t.match(ask({ [R]: 'waiting' }, {}, { by: 'labels' }, { revisions }), {
    kind: 'fault',
    code: 'revision-waits-for-nodes',
    message: 'the nodes have not been read yet',
  })
})

t.test('a label value that is not a string, or only inherited, counts as absent', async (t) => {
  const decision = decideRevision(
    { target: { by: 'labels' }, namespaceLabels: new Map(), podLabels: { [S]: true } },
    facts,
  )
  t.equal(short(decision), 'no-labels')
  t.equal(
    short(
      decideRevision({ target: { by: 'labels' }, namespaceLabels: new Map(), podLabels: undefined }, facts),
    ),
    'no-labels',
  )
})

t.test('the rules are disjoint for every combination of labels', async (t) => {
  const values = [undefined, '', 'enabled', 'true', 'false', 'canary', 'default']
  for (const nsI of values) {
    for (const nsR of values) {
      for (const podS of values) {
        for (const podR of values) {
          const value = (on: string, label: string) =>
            on === 'namespace' ? { [I]: nsI, [R]: nsR }[label] : { [S]: podS, [R]: podR }[label]
          const matching = webhookRules.filter((rule) =>
            rule.conditions.every((c) => conditionHolds(c, value(c.on, c.label))),
          )
          if (matching.length > 1) t.fail(`${matching.map((r) => r.webhook)}`)
        }
      }
    }
  }
})
