/** The option that labels injected pods with their revision. */
import t from 'tap'
import { type InjectionRequest, type InjectOptions, inject, type Snapshot } from '../../src/inject/index.ts'
import { applyRevisionLabel, revisionLabel } from '../../src/inject/post/revision-label.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { draftOf, postContext } from './post/context.ts'
import { pod, requestFor, revision, snapshotOf } from './revision-fixture.ts'

const R = 'istio.io/rev'
const config = revision({
  name: 'canary',
  templates: { sidecar: 'spec:\n  containers:\n  - name: istio-proxy\n    image: p\n' },
})

interface Setting {
  readonly options?: InjectOptions
  readonly snapshot?: Partial<Snapshot>
}

function injected(object: JsonObject, { snapshot, options }: Setting, over: Partial<InjectionRequest> = {}) {
  const request = requestFor(object, { target: { by: 'revision', name: 'canary' }, ...over })
  const outcome = inject(request, snapshotOf(config, snapshot), options)
  if (outcome.kind !== 'patched') throw new Error(outcome.code)
  return outcome
}
const labelOf = (object: JsonObject, options: InjectOptions) => {
  // The pod that was injected has labels, or none.
  const { metadata } = injected(object, { options }).pod as { metadata: { labels?: { [R]?: string } } }
  return metadata.labels?.[R]
}

t.test('without --label-revision a pod has only the labels that templates add', async (t) => {
  t.equal(labelOf(pod(), {}), undefined)
  t.equal(labelOf(pod(), { labelRevision: false }), undefined)
})

t.test(
  'with --label-revision a pod is labelled with its revision, even if a tag was requested',
  async (t) => {
    t.equal(labelOf(pod(), { labelRevision: true }), 'canary')
    const tags = new Map([['prod', 'canary']])
    const { pod: labelled } = injected(
      pod({ labels: { app: 'a' } }),
      { options: { labelRevision: true }, snapshot: { tags } },
      { target: { by: 'tag', name: 'prod' } },
    )
    t.match(labelled, { metadata: { labels: { app: 'a', [R]: 'canary' } } })
  },
)

t.test('an existing label stays, even an empty one', async (t) => {
  for (const value of ['prod', '', 'gone']) {
    t.equal(labelOf(pod({ labels: { [R]: value } }), { labelRevision: true }), value)
  }
  const draft = draftOf({ metadata: { labels: { __proto__: { [R]: 'x' } } } })
  applyRevisionLabel(draft, postContext({ revisionLabel: 'canary' }))
  t.ok(
    Object.hasOwn((draft.pod as { metadata: { labels: object } }).metadata.labels, R),
    'only its own count',
  )
})

t.test('no label is added that would choose another revision', async (t) => {
  t.equal(
    revisionLabel('canary', { tags: new Map([['canary', 'default']]) }, { labelRevision: true }),
    undefined,
  )
  t.equal(
    revisionLabel('canary', { tags: new Map([['canary', 'canary']]) }, { labelRevision: true }),
    'canary',
  )
})

t.test('a second injection changes nothing and gives no warning', async (t) => {
  const labels = { labels: new Map([[R, 'prod']]), annotations: new Map() }
  const snapshot = { tags: new Map([['prod', 'canary']]), namespaces: new Map([['shop', labels]]) }
  const setting = { options: { labelRevision: true }, snapshot }
  const over = { target: { by: 'labels' } } as const
  const once = injected(pod(), setting, over)
  const twice = injected(once.pod, setting, over)
  t.same(twice.patch, [])
  t.same(twice.notes, [])
})

t.test('in a namespace without labels the label selects the same revision again', async (t) => {
  const tags = new Map([['default', 'canary']])
  const setting = { options: { labelRevision: true }, snapshot: { tags } }
  const over = { target: { by: 'labels' } } as const
  const once = injected(pod({ labels: { 'sidecar.istio.io/inject': 'true' } }), setting, over)
  t.match(once.decided, { revision: 'canary', webhook: 'object', tag: 'default' })
  const twice = injected(once.pod, setting, over)
  t.match(twice.decided, { revision: 'canary', webhook: 'rev.object' })
  t.same(twice.patch, [])
})
