import t from 'tap'
import {
  type BuiltSnapshot,
  buildSnapshot,
  type ClusterObject,
  emptySnapshot,
  type SnapshotOptions,
} from '../../src/inject/index.ts'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'

const noOptions: SnapshotOptions = { istiodEnv: [], istioVersions: [] }

function object(
  apiVersion: string,
  kind: string,
  metadata: JsonObject,
  rest: JsonObject = {},
): ClusterObject {
  return { object: { apiVersion, kind, metadata, ...rest }, source: 'cluster.yaml' }
}

const namespace = (name: string, labels: JsonValue = {}) => object('v1', 'Namespace', { name, labels })
const node = (name: string, kubeletVersion: JsonValue) =>
  object('v1', 'Node', { name }, { status: { nodeInfo: { kubeletVersion } } })

interface RevisionTexts {
  readonly template?: string
  readonly mesh?: string
  readonly values?: string
  readonly version?: string
  readonly namespace?: string
}

/** A revision's two ConfigMaps. */
function revision(name: string, texts: RevisionTexts = {}): readonly ClusterObject[] {
  const suffix = name === 'default' ? '' : `-${name}`
  const metadata = (base: string): JsonObject => ({
    name: `${base}${suffix}`,
    namespace: texts.namespace ?? 'istio-system',
    labels: { 'istio.io/rev': name, 'app.kubernetes.io/version': texts.version ?? '1.30.3' },
  })
  const config = `policy: enabled\ntemplates:\n  sidecar: |\n    ${texts.template ?? 'metadata: {labels: {from: template}}'}\n`
  return [
    object('v1', 'ConfigMap', metadata('istio-sidecar-injector'), {
      data: { config, values: texts.values ?? '{"global": {"proxy": {}}}' },
    }),
    object('v1', 'ConfigMap', metadata('istio'), {
      data: { mesh: texts.mesh ?? 'rootNamespace: istio-system\n' },
    }),
  ]
}

const build = (objects: readonly ClusterObject[], previous?: BuiltSnapshot, options = noOptions) =>
  buildSnapshot(objects, options, previous)
const labelsOf = (built: BuiltSnapshot, name: string) =>
  Object.fromEntries(built.snapshot.namespaces.get(name)?.labels ?? [])
const codesOf = (built: BuiltSnapshot) => built.snapshot.problems.map(({ code }) => code)

t.test('nothing known is an empty, frozen snapshot', async (t) => {
  t.same(build([]).snapshot, emptySnapshot)
  t.ok(Object.isFrozen(build([]).snapshot))
  t.ok(Object.isFrozen(build([]).snapshot.problems))
})

t.test(
  'namespaces, nodes and ProxyConfigs are read from plain objects; other kinds are passed over',
  async (t) => {
    const proxyConfig = (name: string, creationTimestamp: string, concurrency: JsonValue) =>
      object(
        'networking.istio.io/v1beta1',
        'ProxyConfig',
        { name, namespace: 'a', creationTimestamp },
        { spec: { concurrency } },
      )
    const built = build([
      object('v1', 'Namespace', { name: 'a', labels: { x: 'y' }, annotations: { b: 'c' } }),
      object('v1', 'Namespace', { name: 'bare' }),
      object('example.com/v1', 'Namespace', { name: 'of-another-group' }),
      object('v1', 'Pod', { name: 'p', namespace: 'a' }),
      node('n', 'v1.33.1'),
      object('v1', 'Node', { name: 'silent' }),
      proxyConfig('younger', '2026-02-01T00:00:00Z', 3),
      proxyConfig('older', '2026-01-01T00:00:00Z', 2),
    ])
    t.same([...built.snapshot.namespaces.keys()], ['a', 'bare'])
    t.same([...(built.snapshot.namespaces.get('a')?.annotations ?? [])], [['b', 'c']])
    t.same(
      [...built.snapshot.nodes],
      [
        ['n', 'v1.33.1'],
        ['silent', ''],
      ],
    )
    t.same(
      built.snapshot.proxyConfigs.get('a')?.map(({ name }) => name),
      ['older', 'younger'],
    )
    t.same(built.snapshot.problems, [])
  },
)

t.test('an object that is not as its kind demands keeps its own last good state', async (t) => {
  const first = build([namespace('a', { v: '1' }), namespace('b', { v: '1' }), node('n', 'v1.32.0')])
  const second = build(
    [
      namespace('a', { v: true }),
      namespace('b', { v: '2' }),
      namespace('c', 'x'),
      node('n', 7),
      node('m', []),
    ],
    first,
  )
  t.same(labelsOf(second, 'a'), { v: '1' })
  t.same(labelsOf(second, 'b'), { v: '2' })
  t.equal(second.snapshot.namespaces.has('c'), false, 'there never was a good one')
  t.same([...second.snapshot.nodes], [['n', 'v1.32.0']])
  t.match(second.snapshot.problems, [
    {
      code: 'object-malformed',
      message:
        /^Namespace a \(cluster\.yaml\): metadata\.labels\.v: expected a text .*found true; its last good state/,
    },
    { message: /^Namespace c .*metadata\.labels: expected an object, found "x"; it is not used$/ },
    { message: /^Node n / },
    { message: /^Node m / },
  ])
  const third = build([namespace('a', { v: '3' })], second)
  t.same(labelsOf(third, 'a'), { v: '3' })
  t.same(third.snapshot.problems, [])
  t.equal(third.snapshot.namespaces.has('b'), false, 'what is gone is gone')
})

t.test('what did not change, by identity, is not read again', async (t) => {
  const a = namespace('a', { v: '1' })
  const first = build([a])
  const second = build([a, namespace('b')], first)
  t.equal(second.snapshot.namespaces.get('a'), first.snapshot.namespaces.get('a'))
})

t.test('an object without a name, and one that is there twice', async (t) => {
  const built = build([
    namespace('a', { v: '1' }),
    namespace('a', { v: '2' }),
    object('v1', 'Namespace', {}),
    { object: { apiVersion: 'v1', kind: 'Node' } },
  ])
  t.same(labelsOf(built, 'a'), { v: '2' })
  t.same(codesOf(built), ['object-defined-twice', 'object-malformed', 'object-malformed'])
})

t.test('names of the prototype are names like any other', async (t) => {
  const labels = JSON.parse('{"__proto__": "x", "constructor": "y"}')
  const built = build([namespace('__proto__', labels), namespace('constructor')])
  t.same([...built.snapshot.namespaces.keys()], ['__proto__', 'constructor'])
  t.same(
    [...(built.snapshot.namespaces.get('__proto__')?.labels ?? [])],
    [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ],
  )
})

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

  const mended = build(objects({ template: 'metadata: {}' }, {}, {}), after)
  t.same(mended.snapshot.problems, [])
  t.not(mended.snapshot.revisions.get('canary')?.config, good)
})

t.test('a fresh start with a broken canary: known, unusable, and the others serve', async (t) => {
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

t.test('a revision of the same name in another namespace is no stand-in', async (t) => {
  const first = build(revision('canary'))
  const second = build(revision('canary', { namespace: 'mesh-system', template: '{{' }), first)
  t.equal(second.snapshot.revisions.get('canary')?.config, undefined)
  t.equal(second.snapshot.revisions.get('canary')?.namespace, 'mesh-system')
})

t.test('options win over the cluster, those of a revision over those of all', async (t) => {
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
  'enableNamespacesByDefault: from the default revision where no webhook configuration says it',
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

t.test('tags come from the cluster, also those that point at nothing', async (t) => {
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

t.test(
  'a revision that stands in two namespaces, and what is odd in a configuration, are problems',
  async (t) => {
    const built = build([...revision('blue'), ...revision('blue', { namespace: 'mesh-system' })])
    t.equal(built.snapshot.revisions.get('blue')?.namespace, 'istio-system')
    t.same(codesOf(built), ['revision-in-two-namespaces'])
    const newer = build(revision('default', { version: '1.99.0' }))
    t.ok(newer.snapshot.revisions.get('default')?.config)
    t.match(newer.snapshot.problems, [{ code: 'revision-warning', message: /revision default: .*1\.99\.0/ }])
  },
)

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
