import { readFileSync } from 'node:fs'
import t from 'tap'
import {
  applyLabelChanges,
  describeLabelChange,
  findCounterfactuals,
  findWebhookCalls,
  type LabelState,
} from '../../../src/analysis/index.ts'
import { decideRevision, type RevisionFacts } from '../../../src/inject/index.ts'
import { discoverRevisions } from '../../../src/istio/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { findCorpus, skipWithoutCorpus } from '../../shared-corpus.ts'

interface Labels {
  readonly [key: string]: string
}

function stateOf(namespace: Labels, pod: Labels = {}, annotations: Labels = {}): LabelState {
  return {
    namespaceLabels: new Map(Object.entries(namespace)),
    podLabels: new Map(Object.entries(pod)),
    podAnnotations: new Map(Object.entries(annotations)),
  }
}

const facts: RevisionFacts = {
  revisions: new Map(['default', 'canary', '1-29-2'].map((name) => [name, { config: true }])),
  tags: new Map([['prod', '1-29-2']]),
  enableNamespacesByDefault: false,
}

function decideBy(installed: RevisionFacts) {
  return ({ namespaceLabels, podLabels }: LabelState): string | undefined => {
    const question = { target: { by: 'labels' }, namespaceLabels, podLabels: Object.fromEntries(podLabels) }
    const decision = decideRevision({ ...question, target: { by: 'labels' } }, installed)
    return decision.kind === 'revision' ? decision.decided.revision : undefined
  }
}

function changesOf(state: LabelState): readonly string[] {
  return findCounterfactuals({ state, facts, decide: decideBy(facts) }).map(
    ({ changes, revision }) =>
      `${changes.map((change) => describeLabelChange(change, 'shop')).join(' and ')}: ${revision ?? 'none'}`,
  )
}

t.test(
  'suggests the change that affects the fewest pods, for each revision and for no sidecar',
  async (t) => {
    t.same(changesOf(stateOf({ 'istio-injection': 'enabled', 'istio.io/rev': 'canary' })), [
      'set label sidecar.istio.io/inject=false on the pod: none',
      'remove istio-injection from namespace shop: canary',
      'remove istio-injection from namespace shop and set istio.io/rev=1-29-2 on namespace shop: 1-29-2',
    ])
    t.same(
      changesOf(stateOf({})),
      [
        'set label istio.io/rev=1-29-2 on the pod: 1-29-2',
        'set label istio.io/rev=canary on the pod: canary',
        'set label sidecar.istio.io/inject=true on the pod: default',
      ],
      'the namespace stays as it is',
    )
  },
)

t.test('suggests a tag if the namespace or the pod uses tags', async (t) => {
  const tags = new Map([
    ['prod', '1-29-2'],
    ['next', 'canary'],
  ])
  const tagged = (state: LabelState) =>
    findCounterfactuals({ state, facts: { ...facts, tags }, decide: decideBy({ ...facts, tags }) }).map(
      ({ changes }) => changes.map((change) => describeLabelChange(change, 'shop')).join(' and '),
    )
  t.ok(tagged(stateOf({ 'istio.io/rev': 'prod' })).includes('set istio.io/rev=next on namespace shop'))
  t.ok(tagged(stateOf({ 'istio.io/rev': '1-29-2' })).includes('set istio.io/rev=canary on namespace shop'))
  t.ok(tagged(stateOf({}, { 'istio.io/rev': 'prod' })).includes('set label istio.io/rev=next on the pod'))
})

t.test('no suggested change of a namespace adds or removes the sidecars of other pods', async (t) => {
  t.same(changesOf(stateOf({ 'istio.io/rev': 'no-such' })), [
    'remove istio.io/rev from namespace shop and set label istio.io/rev=1-29-2 on the pod: 1-29-2',
    'remove istio.io/rev from namespace shop and set label istio.io/rev=canary on the pod: canary',
    'remove istio.io/rev from namespace shop and set label sidecar.istio.io/inject=true on the pod: default',
  ])
  const byDefault = { ...facts, enableNamespacesByDefault: true }
  const state = stateOf({ 'istio-injection': 'disabled' })
  t.same(
    findCounterfactuals({ state, facts: byDefault, decide: decideBy(byDefault) }),
    [],
    'without its label, the whole namespace would be injected',
  )
})

t.test('a decision that depends on three labels needs three changes', async (t) => {
  const state = stateOf({ 'istio-injection': 'disabled' }, { 'sidecar.istio.io/inject': 'false' })
  t.match(changesOf(state), [
    'remove istio-injection from namespace shop and set label sidecar.istio.io/inject=true on the pod: default',
    'remove istio-injection from namespace shop and remove label sidecar.istio.io/inject from the pod and set label istio.io/rev=1-29-2 on the pod: 1-29-2',
    /canary$/,
  ])
})

t.test('a result that no label change can produce is not suggested', async (t) => {
  t.same(findCounterfactuals({ state: stateOf({}), facts, decide: () => undefined }), [])
})

t.test('changes of annotations are described as such and applied to a copy', async (t) => {
  const state = stateOf({}, {}, { 'sidecar.istio.io/inject': 'false' })
  const change = {
    on: 'podAnnotations',
    name: 'sidecar.istio.io/inject',
    from: 'false',
    to: undefined,
  } as const
  t.equal(describeLabelChange(change, 'shop'), 'remove annotation sidecar.istio.io/inject from the pod')
  t.equal(applyLabelChanges(state, [change]).podAnnotations.size, 0)
  t.equal(state.podAnnotations.size, 1)
})

interface Install {
  readonly install: string
  readonly mutatingWebhookConfigurations: readonly JsonObject[]
  readonly rows: readonly {
    readonly namespaceLabels: Labels
    readonly podLabels: Labels
    readonly webhooks: readonly string[]
  }[]
}

/**
 * The oracle is Kubernetes' own: the webhooks that it found for the row with the changed labels, where there is such a
 * row, and otherwise the selectors of the real configurations.
 */
t.test(
  'recorded selectors: every change leads to the revision that it promises, and affects no other pod than it says',
  {
    skip: skipWithoutCorpus('selectors'),
  },
  async (t) => {
    const installs: readonly Install[] = JSON.parse(
      readFileSync(findCorpus('selectors/selectors.json') ?? '', 'utf8'),
    )
    let [rows, changed, recorded, withheld] = [0, 0, 0, 0]
    const wrong: string[] = []
    for (const { install, mutatingWebhookConfigurations: configurations, rows: all } of installs) {
      const installed = factsOf(configurations)
      const byLabels = new Map(all.map((row) => [keyOf(stateOf(row.namespaceLabels, row.podLabels)), row]))
      const servedBy = revisionsByConfiguration(configurations)
      const plain = new Map<string, boolean>()
      /** Whether the API server calls a webhook for a pod without labels in that namespace. */
      const isInjected = ({ namespaceLabels }: LabelState): boolean => {
        const neighbour = { namespaceLabels, podLabels: new Map(), podAnnotations: new Map() }
        const key = keyOf(neighbour)
        const known = plain.get(key) ?? callsOf(configurations, neighbour).length > 0
        plain.set(key, known)
        return known
      }
      for (const row of all) {
        rows++
        const state = stateOf(row.namespaceLabels, row.podLabels)
        const found = findCounterfactuals({ state, facts: installed, decide: decideBy(installed) })
        const ends = new Set(found.map(({ revision }) => revision))
        const now =
          row.webhooks[0] === undefined ? undefined : servedBy.get(row.webhooks[0].split('/')[0] ?? '')
        // In a cluster without a revision or tag `default`, no label leads to it.
        for (const name of [...installed.revisions.keys(), undefined]) {
          if (name === now || ends.has(name)) continue
          withheld++
          const harmless = everyState(state, installed).find(
            (next) => decideBy(installed)(next) === name && isInjected(next) === isInjected(state),
          )
          if (harmless !== undefined)
            wrong.push(`${install} ${keyOf(state)}: not found ${keyOf(harmless)} for ${name}`)
        }
        for (const { changes, revision, affects } of found) {
          changed++
          const next = applyLabelChanges(state, changes)
          if (isInjected(next) !== isInjected(state))
            wrong.push(`${install} ${keyOf(state)} -> ${keyOf(next)}: reaches neighbours`)
          if ((affects === 'namespace') !== changes.some(({ on }) => on === 'namespaceLabels'))
            wrong.push(`${install} ${keyOf(state)} -> ${keyOf(next)}: said to affect the ${affects}`)
          const ownLabels =
            affects === 'namespace' &&
            everyPod(state, installed).find((one) => decideBy(installed)(one) === revision)
          if (ownLabels)
            wrong.push(`${install} ${keyOf(state)}: ${keyOf(ownLabels)} is enough for ${revision}`)
          const known = byLabels.get(keyOf(next))
          if (known !== undefined) recorded++
          const called = known?.webhooks ?? callsOf(configurations, next)
          const served = called.map((name) => servedBy.get(name.split('/')[0] ?? ''))
          if (served.length > 1 || served[0] !== revision) {
            wrong.push(
              `${install} ${keyOf(state)} -> ${keyOf(next)}: promised ${revision}, called ${called.join()}`,
            )
          }
        }
      }
    }
    t.equal(rows, 3120)
    t.ok(changed > rows / 2, `${changed} changes`)
    t.ok(recorded > changed / 3, `${recorded} of them recorded`)
    t.comment(
      `${rows} rows, ${changed} changes, ${recorded} of them with a recorded answer, ${withheld} withheld`,
    )
    t.same(wrong.slice(0, 10), [])
  },
)

/** The state with every combination of the pod's labels. */
function everyPod(state: LabelState, { revisions, tags }: RevisionFacts): readonly LabelState[] {
  return [undefined, ...revisions.keys(), ...tags.keys()].flatMap((rev) =>
    [undefined, 'true', 'false'].map((inject) => ({
      ...state,
      podLabels: labelsWith(state.podLabels, { 'istio.io/rev': rev, 'sidecar.istio.io/inject': inject }),
    })),
  )
}

function everyState(state: LabelState, installed: RevisionFacts): readonly LabelState[] {
  const { revisions, tags } = installed
  return [undefined, ...revisions.keys(), ...tags.keys()].flatMap((rev) =>
    [undefined, 'enabled', 'disabled'].flatMap((injection) =>
      everyPod(
        {
          ...state,
          namespaceLabels: labelsWith(state.namespaceLabels, {
            'istio.io/rev': rev,
            'istio-injection': injection,
          }),
        },
        installed,
      ),
    ),
  )
}

function labelsWith(
  labels: ReadonlyMap<string, string>,
  changes: { readonly [name: string]: string | undefined },
): ReadonlyMap<string, string> {
  const next = new Map(labels)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) next.delete(name)
    else next.set(name, value)
  }
  return next
}

function keyOf({ namespaceLabels, podLabels }: LabelState): string {
  return JSON.stringify([[...namespaceLabels].sort(), [...podLabels].sort()])
}

function callsOf(configurations: readonly JsonObject[], state: LabelState): readonly string[] {
  const labels = { namespace: state.namespaceLabels, pod: state.podLabels }
  return findWebhookCalls(configurations, labels)
    .filter(({ matched }) => matched)
    .map(({ configuration, webhook }) => `${configuration}/${webhook}`)
}

function revisionsByConfiguration(configurations: readonly JsonObject[]): ReadonlyMap<string, string> {
  const findings = findWebhookCalls(configurations, { namespace: new Map(), pod: new Map() })
  return new Map(findings.map(({ configuration, revision }) => [configuration, revision]))
}

function factsOf(configurations: readonly JsonObject[]): RevisionFacts {
  const labels = { namespace: new Map(), pod: new Map() }
  const owners = findWebhookCalls(configurations, labels).filter(({ tag }) => tag === undefined)
  const discovery = discoverRevisions({
    configMaps: [...new Set(owners.map(({ revision }) => revision))].map((revision) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: `istio-sidecar-injector${revision === 'default' ? '' : `-${revision}`}`,
        namespace: 'istio-system',
      },
      data: { config: 'policy: enabled', values: '{}' },
    })),
    deployments: [],
    services: [],
    webhookConfigurations: configurations,
  })
  return {
    revisions: new Map([...discovery.revisions.keys()].map((name) => [name, { config: true }])),
    tags: discovery.tags,
    enableNamespacesByDefault: discovery.enableNamespacesByDefault ?? false,
  }
}

t.test(
  'recorded selectors: the selectors match as Kubernetes matched them',
  {
    skip: skipWithoutCorpus('selectors'),
  },
  async (t) => {
    const installs: readonly Install[] = JSON.parse(
      readFileSync(findCorpus('selectors/selectors.json') ?? '', 'utf8'),
    )
    const wrong: string[] = []
    for (const { install, mutatingWebhookConfigurations: configurations, rows } of installs) {
      for (const row of rows) {
        const called = callsOf(configurations, stateOf(row.namespaceLabels, row.podLabels))
        if (called.join() !== row.webhooks.join())
          wrong.push(`${install} ${JSON.stringify(row)}: ${called.join()}`)
      }
    }
    t.same(wrong.slice(0, 5), [])
  },
)
