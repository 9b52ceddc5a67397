/** Which revisions and tags are loaded if a cluster has more than the limits allow. */
import t from 'tap'
import type { JsonObject } from '../../src/json/index.ts'
import {
  type ClusterObject,
  DEFAULT_SNAPSHOT_LIMITS,
  memoryOf,
  type SnapshotLimits,
  type SnapshotOptions,
} from '../../src/revisions/index.ts'
import { build, codesOf, noOptions, object, revision } from './cluster-objects.ts'

const withLimits = (limits: Partial<SnapshotLimits>): SnapshotOptions => ({
  ...noOptions,
  limits: { ...DEFAULT_SNAPSHOT_LIMITS, ...limits },
})

/** A revision whose ConfigMaps were made at that time. */
const made = (name: string, creationTimestamp: string, template?: string): readonly ClusterObject[] =>
  revision(name, template === undefined ? {} : { template }).map(({ object: found, ...rest }) => ({
    ...rest,
    object: { ...found, metadata: { ...(found['metadata'] as JsonObject), creationTimestamp } },
  }))

const registration = (name: string, selector: JsonObject = {}): ClusterObject =>
  object(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    { name: `istio-sidecar-injector-${name}`, labels: { 'istio.io/rev': name } },
    {
      webhooks: [
        {
          name: 'rev.namespace.sidecar-injector.istio.io',
          namespaceSelector: selector,
          clientConfig: { service: { name: `istiod-${name}`, namespace: 'istio-system' } },
        },
      ],
    },
  )

const served = (built: ReturnType<typeof build>): readonly string[] =>
  [...built.snapshot.revisions.values()].filter(({ config }) => config !== undefined).map(({ name }) => name)

/** So many tokens cost far more memory than their bytes say. */
const manyTokens = (count: number): string => `a: "${'{{.}}'.repeat(count)}"`

t.test(
  'of too many revisions at the start, those of active registrations are loaded first, then the oldest',
  async (t) => {
    const built = build(
      [
        ...made('aa-new', '2026-03-01T00:00:00Z'),
        ...made('bb-old', '2026-01-01T00:00:00Z'),
        ...made('zz-registered', '2026-04-01T00:00:00Z'),
        ...made('yy-deactivated', '2026-05-01T00:00:00Z'),
        registration('zz-registered'),
        registration('yy-deactivated', { matchLabels: { 'istio.io/deactivated': 'never-match' } }),
      ],
      undefined,
      withLimits({ maxRevisions: 2 }),
    )
    t.strictSame(served(built), ['bb-old', 'zz-registered'])
    t.equal(built.snapshot.revisions.get('aa-new')?.problem?.code, 'revision-limit-reached')
    t.match(built.snapshot.problems, [{ revision: 'aa-new' }, { revision: 'yy-deactivated' }])
  },
)

t.test('later objects never displace serving revisions', async (t) => {
  const options = withLimits({ maxRevisions: 1 })
  const first = build(made('zz', '2026-05-01T00:00:00Z'), undefined, options)
  const later = [
    ...made('zz', '2026-05-01T00:00:00Z'),
    ...made('aa', '2026-01-01T00:00:00Z'),
    registration('aa'),
  ]
  const second = build(later, first, options)
  t.strictSame(served(second), ['zz'])
  t.equal(second.snapshot.revisions.get('zz'), first.snapshot.revisions.get('zz'))
  t.strictSame(
    served(build(made('aa', '2026-01-01T00:00:00Z'), second, options)),
    ['aa'],
    'once there is space',
  )
})

t.test('a configuration with too much text keeps its last good one, or is unusable', async (t) => {
  const options = withLimits({ maxConfigurationBytes: 1_000 })
  const large = `a: ${'x'.repeat(1_000)}`
  const first = build(revision('default'), undefined, options)
  const second = build(revision('default', { template: large }), first, options)
  t.equal(second.snapshot.revisions.get('default')?.config, first.snapshot.revisions.get('default')?.config)
  t.strictSame(codesOf(second), ['configuration-too-large'])
  t.match(
    second.snapshot.problems[0]?.message,
    /last good .* 1\d{3} bytes of text; the limit is 1000 .*--max-configuration-bytes/,
  )
  t.strictSame(served(build(revision('default', { template: large }), undefined, options)), [])
})

t.test('templates are limited by their memory, not by their bytes', async (t) => {
  const options = withLimits({ configurationMemoryBytes: 8 * 2 ** 20 })
  const hostile = revision('default', { template: manyTokens(2_000) })
  const built = build(hostile, undefined, options)
  t.strictSame(served(built), [])
  t.strictSame(codesOf(built), ['template-too-large'])
  t.match(
    built.snapshot.problems[0]?.message,
    /template sidecar, line 1: .*more than \d+ tokens.*--configuration-memory/,
  )
  t.equal(built.snapshot.revisions.get('default')?.newest, undefined, 'its texts are not kept')
  t.strictSame(
    served(build(revision('default', { template: `a: ${'x'.repeat(10_000)}` }), undefined, options)),
    ['default'],
  )
})

t.test(
  'all configurations together are bounded; those that serve stay, and freed space is used',
  async (t) => {
    const options = withLimits({ configurationMemoryBytes: 8 * 2 ** 20 })
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    // Each takes about 1.9 MB of the 2 MB that one may take; each text is another, so nothing is shared.
    const texts = (name: string) => revision(name, { template: `${name}: "${'{{.}}'.repeat(780)}"` })
    const built = build(names.flatMap(texts), undefined, options)
    t.strictSame(served(built), ['a', 'b', 'c', 'd'])
    const configs = [...built.snapshot.revisions.values()].flatMap(({ config }) => config ?? [])
    t.ok(memoryOf(configs) <= 8 * 2 ** 20)
    const fewer = build(['b', 'c', 'd', 'e', 'f'].flatMap(texts), built, options)
    t.strictSame(served(fewer), ['b', 'c', 'd', 'e'])
  },
)

t.test('templates that revisions share are counted once', async (t) => {
  const options = withLimits({ configurationMemoryBytes: 8 * 2 ** 20 })
  const names = Array.from({ length: 20 }, (_, index) => `r${index}`)
  const built = build(
    names.flatMap((name) => revision(name, { template: manyTokens(780) })),
    undefined,
    options,
  )
  t.equal(served(built).length, names.length)
})

t.test('of too many tags, known tags stay', async (t) => {
  const options = withLimits({ maxTags: 1 })
  const tag = (name: string): ClusterObject =>
    object(
      'admissionregistration.k8s.io/v1',
      'MutatingWebhookConfiguration',
      { name: `istio-revision-tag-${name}`, labels: { 'istio.io/rev': 'default', 'istio.io/tag': name } },
      { webhooks: [{ name: 'rev.namespace.sidecar-injector.istio.io', clientConfig: {} }] },
    )
  const first = build([...revision('default'), tag('prod')], undefined, options)
  const second = build([...revision('default'), tag('a'), tag('prod')], first, options)
  t.strictSame([...second.snapshot.tags.keys()], ['prod'])
  t.match(second.snapshot.problems, [
    { code: 'tag-limit-reached', message: /more than 1 .*--max-tags.*: a$/ },
  ])
})
