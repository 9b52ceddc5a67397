/** Revisions in a snapshot: valid configurations serve, and invalid ones keep their last good state. */
import t from 'tap'
import type { JsonObject } from '../../src/json/index.ts'
import { type BuiltSnapshot, buildSnapshot, type ClusterObject } from '../../src/revisions/index.ts'
import {
  build,
  codesOf,
  labelsOf,
  namespace,
  noOptions,
  object,
  type RevisionTexts,
  revision,
} from './cluster-objects.ts'

t.test('a broken canary keeps its last good configuration while all else changes', async (t) => {
  const objects = (canary: RevisionTexts, stable: RevisionTexts, labels: JsonObject) => [
    ...revision('default', stable),
    ...revision('canary', canary),
    namespace('shop', labels),
  ]
  const first = build(objects({}, {}, { 'istio-injection': 'enabled' }))
  t.same(first.snapshot.problems, [])
  const good = first.snapshot.revisions.get('canary')?.config
  t.ok(good)

  const broken = build(
    objects({ template: '{{ .Values.global' }, {}, { 'istio-injection': 'enabled' }),
    first,
  )
  t.equal(broken.snapshot.revisions.get('canary')?.config, good)
  t.match(
    broken.snapshot.revisions.get('canary')?.problem?.message,
    /^revision canary.*: its last good configuration stays in use: .*\^$/s,
  )
  t.equal(broken.snapshot.problems.length, 1)

  const after = build(
    objects(
      { template: '{{ .Values.global' },
      { mesh: 'rootNamespace: istio-config\n' },
      { 'istio.io/rev': 'canary' },
    ),
    broken,
  )
  t.same(labelsOf(after, 'shop'), { 'istio.io/rev': 'canary' })
  t.equal(after.snapshot.revisions.get('default')?.config?.mesh.rootNamespace, 'istio-config')
  t.equal(after.snapshot.revisions.get('canary')?.config, good)
  t.equal(
    after.snapshot.revisions.get('canary'),
    broken.snapshot.revisions.get('canary'),
    'and it is not compiled over and over',
  )

  const fixed = build(objects({ template: 'metadata: {}' }, {}, {}), after)
  t.same(fixed.snapshot.problems, [])
  t.not(fixed.snapshot.revisions.get('canary')?.config, good)
})

t.test('after a start with a broken canary it is known but unusable, and the others serve', async (t) => {
  const { snapshot } = build([
    ...revision('default'),
    ...revision('canary', { template: '{{ nosuchfunction }}' }),
  ])
  t.ok(snapshot.revisions.get('default')?.config)
  t.equal(snapshot.revisions.get('canary')?.config, undefined)
  const message = /^revision canary.*: it cannot be used: .*template sidecar, line 1: .*nosuchfunction/s
  t.match(snapshot.revisions.get('canary')?.problem, { code: 'template-parse-error', message })
  const refused = build(revision('canary', { template: '{{ getHostByName "a" }}' }))
  t.match(refused.snapshot.problems, [{ code: 'template-function-refused' }])
  for (const [what, texts] of Object.entries<RevisionTexts>({
    'values of the wrong form': { values: '[1' },
    'a mesh configuration of the wrong form': { mesh: 'defaultConfig: [1]' },
    'a version too old': { version: '1.8.0' },
  })) {
    const built = build([...revision('default'), ...revision('canary', texts)])
    t.ok(built.snapshot.revisions.get('default')?.config, what)
    t.equal(built.snapshot.revisions.get('canary')?.config, undefined, what)
    t.equal(built.snapshot.problems.length, 1, what)
  }
})

t.test('a revision whose inputs are the same keeps its compiled configuration', async (t) => {
  const first = build([...revision('default'), ...revision('canary')])
  const second = build(
    [...revision('default'), ...revision('canary', { values: '{"global": {"tag": "x"}}' })],
    first,
  )
  t.equal(second.snapshot.revisions.get('default'), first.snapshot.revisions.get('default'))
  t.not(second.snapshot.revisions.get('canary')?.config, first.snapshot.revisions.get('canary')?.config)
})

t.test(
  'changes can be compiled later in steps; until then the old configuration serves, if there is one',
  async (t) => {
    const before = build([...revision('default'), ...revision('canary')])
    t.equal(before.pending.size, 0)
    const values = { values: '{"global": {"tag": "x"}}' }
    const objects = [
      ...revision('default', values),
      ...revision('canary', values),
      ...revision('blue', { ...values, template: '{{' }),
    ]
    const later = (previous: BuiltSnapshot) => buildSnapshot(objects, noOptions, previous, 'later')
    const configOf = (built: BuiltSnapshot, name: string) => built.snapshot.revisions.get(name)?.config

    let built = later(before)
    t.same([...built.pending.keys()], ['canary', 'default', 'blue'], 'those that serve come first')
    for (const name of ['default', 'canary']) t.equal(configOf(built, name), configOf(before, name))
    t.equal(built.snapshot.revisions.has('blue'), false)

    const job = built.pending.get('canary')
    let steps = 0
    for (; job?.state === undefined; steps++) job?.advance()
    t.ok(steps > 5, `${steps} steps`)
    job?.advance()
    built = later(built)
    t.same([...built.pending.keys()], ['default', 'blue'])
    t.equal(built.snapshot.revisions.get('canary'), job?.state?.revision)
    t.equal(configOf(built, 'default'), configOf(before, 'default'))

    const [half, broken] = [built.pending.get('default'), built.pending.get('blue')]
    half?.advance()
    broken?.finish()
    built = later(built)
    t.equal(built.pending.get('default'), half, 'what was begun goes on')
    t.equal(built.snapshot.revisions.get('blue')?.problem?.code, 'template-parse-error')

    built = buildSnapshot(objects, noOptions, built)
    t.equal(built.pending.size, 0)
    t.equal(built.snapshot.revisions.get('default'), half?.state?.revision)
    const whole = build(objects, before)
    t.same(built.snapshot.problems, whole.snapshot.problems)
    t.same(configOf(built, 'default')?.inputs, configOf(whole, 'default')?.inputs)
  },
)

t.test('revisions of one release share templates with the same text', async (t) => {
  const both = (template: string) => [
    ...revision('default', { template }),
    ...revision('canary', { template }),
  ]
  const sidecars = ({ snapshot }: BuiltSnapshot) =>
    ['default', 'canary'].map((name) => snapshot.revisions.get(name)?.config?.templates.get('sidecar'))
  const first = build(both('a: 1'))
  const [one, other] = sidecars(first)
  t.ok(one)
  t.equal(one, other)

  const second = buildSnapshot(both('a: 2'), noOptions, first, 'later')
  for (const job of second.pending.values()) job.finish()
  const [next, sameNext] = sidecars(buildSnapshot(both('a: 2'), noOptions, second))
  t.equal(next, sameNext, 'also where they change together')
  t.not(next, one)
})

t.test('an outdated compile job is dropped', async (t) => {
  const before = build(revision('default'))
  const changed = (tag: string) => revision('default', { values: `{"global": {"tag": "${tag}"}}` })
  const first = buildSnapshot(changed('x'), noOptions, before, 'later')
  first.pending.get('default')?.finish()
  const second = buildSnapshot(changed('y'), noOptions, first, 'later')
  t.not(second.pending.get('default'), first.pending.get('default'))
  t.equal(second.snapshot.revisions.get('default'), before.snapshot.revisions.get('default'))
  const back = buildSnapshot(revision('default'), noOptions, second, 'later')
  t.equal(back.pending.size, 0)
  t.equal(back.snapshot.revisions.get('default'), before.snapshot.revisions.get('default'))
})

t.test('a revision of the same name in another namespace is not used instead', async (t) => {
  const options = { ...noOptions, trust: { namespaces: ['istio-system', 'mesh-system'], only: false } }
  const first = build(revision('canary'), undefined, options)
  const second = build(revision('canary', { namespace: 'mesh-system', template: '{{' }), first, options)
  t.equal(second.snapshot.revisions.get('canary')?.config, undefined)
  t.equal(second.snapshot.revisions.get('canary')?.namespace, 'mesh-system')
})

t.test('options win over the cluster, and a revision’s options over the general ones', async (t) => {
  const deployment = object(
    'apps/v1',
    'Deployment',
    { name: 'istiod-canary', namespace: 'istio-system', labels: { app: 'istiod', 'istio.io/rev': 'canary' } },
    {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'discovery',
                env: [
                  { name: 'A', value: '1' },
                  { name: 'B', value: '1' },
                ],
              },
            ],
          },
        },
      },
    },
  )
  const objects = [...revision('default'), ...revision('canary'), deployment]
  const config = (built: BuiltSnapshot, name: string) => built.snapshot.revisions.get(name)?.config
  const plain = build(objects)
  t.equal(config(plain, 'canary')?.environment.get('A'), '1')
  t.equal(config(plain, 'default')?.environment.get('A'), undefined)
  t.equal(config(plain, 'canary')?.version.minor, 30)
  const stated = build(objects, undefined, {
    istiodEnv: [
      { revision: 'canary', name: 'B', value: '3' },
      { revision: undefined, name: 'A', value: '2' },
      { revision: undefined, name: 'B', value: '2' },
    ],
    istioVersions: [
      { revision: undefined, version: '1.24.2' },
      { revision: 'canary', version: '1.25.1' },
    ],
  })
  t.equal(config(stated, 'canary')?.environment.get('A'), '2')
  t.equal(config(stated, 'canary')?.environment.get('B'), '3')
  t.equal(config(stated, 'default')?.environment.get('B'), '2')
  t.equal(config(stated, 'default')?.version.minor, 24)
  t.equal(config(stated, 'canary')?.version.minor, 25)
})

t.test(
  'enableNamespacesByDefault comes from the default revision if no webhook configuration decides',
  async (t) => {
    const values = '{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}'
    t.equal(build(revision('default', { values })).snapshot.enableNamespacesByDefault, true)
    t.equal(build(revision('canary', { values })).snapshot.enableNamespacesByDefault, false)
    const webhook = object(
      'admissionregistration.k8s.io/v1',
      'MutatingWebhookConfiguration',
      { name: 'istio-sidecar-injector', labels: { app: 'sidecar-injector', 'istio.io/rev': 'default' } },
      {
        webhooks: [
          {
            name: 'namespace.sidecar-injector.istio.io',
            clientConfig: { service: { name: 'istiod', namespace: 'istio-system' } },
          },
        ],
      },
    )
    t.equal(build([...revision('default', { values }), webhook]).snapshot.enableNamespacesByDefault, false)
  },
)

t.test('tags come from the cluster, including those of missing revisions', async (t) => {
  const tag = object(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    { name: 'istio-revision-tag-prod', labels: { 'istio.io/tag': 'prod', 'istio.io/rev': 'gone' } },
    { webhooks: [{ name: 'rev.namespace.sidecar-injector.istio.io' }] },
  )
  const { snapshot } = build([tag])
  t.same([...snapshot.tags], [['prod', 'gone']])
  t.match(snapshot.problems, [{ code: 'tag-without-revision' }])
})

t.test('a revision in two namespaces and warnings of a configuration are reported as problems', async (t) => {
  const options = { ...noOptions, trust: { namespaces: ['istio-system', 'mesh-system'], only: false } }
  const built = build(
    [...revision('blue', { namespace: 'mesh-system' }), ...revision('blue')],
    undefined,
    options,
  )
  t.equal(built.snapshot.revisions.get('blue')?.namespace, 'istio-system')
  t.same(codesOf(built), ['revision-in-two-namespaces'])
  const newer = build(revision('default', { version: '1.99.0' }))
  t.ok(newer.snapshot.revisions.get('default')?.config)
  t.match(newer.snapshot.problems, [{ code: 'revision-warning', message: /revision default: .*1\.99\.0/ }])
})

t.test('a ConfigMap of the wrong form keeps its last good state', async (t) => {
  const first = build(revision('default'))
  const [injector, mesh] = revision('default')
  const broken: ClusterObject = {
    object: { ...injector?.object, data: { config: 7 } },
    source: 'cluster.yaml',
  }
  const second = build(mesh === undefined ? [broken] : [broken, mesh], first)
  t.equal(second.snapshot.revisions.get('default')?.config, first.snapshot.revisions.get('default')?.config)
  t.match(second.snapshot.problems, [
    { message: /^ConfigMap istio-system\/istio-sidecar-injector .*data\.config/ },
  ])
})

t.test('a revision without a mesh ConfigMap serves with defaults and is reported as a problem', async (t) => {
  const [injector, mesh] = revision('canary')
  if (injector === undefined || mesh === undefined) throw new Error('a revision is two ConfigMaps')
  const first = build([injector])
  t.ok(first.snapshot.revisions.get('canary')?.config, 'it serves')
  t.equal(first.snapshot.revisions.get('canary')?.problem, undefined, 'and is current')
  t.same(first.snapshot.problems, [
    {
      code: 'mesh-config-missing',
      message: `revision canary: there is no ConfigMap istio-system/istio-canary with the key mesh, so Istio's defaults are used`,
      where: 'ConfigMap istio-system/istio-canary',
      revision: 'canary',
    },
  ])
  const second = build([injector, mesh], first)
  t.same(second.snapshot.problems, [], 'gone as soon as it is there')
  t.match(build([injector], second).snapshot.problems, [{ code: 'mesh-config-missing' }])
})
