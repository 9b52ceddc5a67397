/** Kept configurations in the snapshot. */
import t from 'tap'
import type { KeptConfiguration, RevisionInputs } from '../../../src/inject/index.ts'
import { isObject } from '../../../src/json/index.ts'
import {
  type BuiltSnapshot,
  type ClusterObject,
  readKeptInputs,
  writeKeptInputs,
} from '../../../src/revisions/index.ts'
import { build, codesOf, noOptions, revision } from '../cluster-objects.ts'

/** A revision's ConfigMaps with uids, as an API server gives them. */
function canary(template: string, uid: string): readonly ClusterObject[] {
  return revision('canary', { template }).map(({ object, source }) => {
    const metadata = isObject(object['metadata']) ? object['metadata'] : {}
    return { source, object: { ...object, metadata: { ...metadata, uid } } } as ClusterObject
  })
}
const GOOD = 'metadata: {labels: {from: template}}'
const BROKEN = '{{ nonsense }}'

/** What another process would read back of what this one serves. */
function keptOf(built: BuiltSnapshot, over: Partial<RevisionInputs> = {}) {
  const config = built.snapshot.revisions.get('canary')?.config
  if (config === undefined) throw new Error('it does not serve')
  const { digest } = config
  const inputs = { ...readKeptInputs(writeKeptInputs(config.inputs), { digest }), ...over }
  const kept: KeptConfiguration = {
    inputs,
    digest,
    keptSince: '2026-01-01T00:00:00Z',
    remoraVersion: '0.1.0',
    place: 'Secret ns/kept',
  }
  return { ...noOptions, kept: new Map([['canary', kept]]) }
}
const served = (built: BuiltSnapshot) => built.snapshot.revisions.get('canary')

const good = build(canary(GOOD, 'uid-1'))

t.test('a new process serves the kept configuration, with its provenance and the reason', async (t) => {
  const built = build(canary(BROKEN, 'uid-1'), undefined, keptOf(good))
  t.equal(served(built)?.config?.digest, served(good)?.config?.digest)
  t.match(served(built), { kept: { place: 'Secret ns/kept' }, versionReason: /kept in Secret ns\/kept/ })
  t.match(built.snapshot.problems, [
    { code: /./, message: /^revision canary .*its kept configuration is served: .*nonsense/s },
    {
      code: 'kept-configuration-served',
      message: /configuration [0-9a-f]{16}, kept in Secret ns\/kept since/,
    },
  ])
})

t.test('a kept configuration can be adopted later, and is dropped once the ConfigMap builds', async (t) => {
  const broken = build(canary(BROKEN, 'uid-1'))
  t.equal(served(broken)?.config, undefined)
  const options = keptOf(good)
  const built = build(canary(BROKEN, 'uid-1'), broken, options)
  t.ok(served(built)?.config)
  const same = build(canary(BROKEN, 'uid-1'), built, noOptions)
  t.equal(served(same), served(built), 'it need not be given again')
  const other = build(canary('{{ other nonsense }}', 'uid-1'), same, noOptions)
  t.equal(served(other)?.config, served(built)?.config)
  t.ok(codesOf(other).includes('kept-configuration-served'))
  const corrected = build(canary('metadata: {}', 'uid-1'), other, noOptions)
  t.match(served(corrected), { kept: undefined, problem: undefined })
  const again = build(canary(BROKEN, 'uid-1'), corrected, options)
  t.equal(served(again)?.config, served(corrected)?.config, 'what this process built itself wins')
  t.equal(served(again)?.kept, undefined)
})

t.test(
  'a kept configuration serves only for its ConfigMap, namespace and revision, and only if the newest one is invalid',
  async (t) => {
    for (const [uid, over] of [
      ['uid-2', {}],
      ['', {}],
      ['uid-1', { namespace: 'tenant' }],
      ['uid-1', { name: 'other' }],
      ['uid-1', { configMapUid: undefined }],
    ] as const) {
      const built = build(canary(BROKEN, uid), undefined, keptOf(good, over))
      t.equal(served(built)?.config, undefined, JSON.stringify([uid, over]))
    }
    const built = build(canary('metadata: {}', 'uid-1'), undefined, keptOf(good))
    t.match(served(built), { kept: undefined, problem: undefined })
  },
)

t.test('a kept configuration that does not compile is refused once, and reported', async (t) => {
  const injectorConfigMap = { name: 'istio-sidecar-injector-canary', config: 'templates: [', values: '{}' }
  const options = keptOf(good, { injectorConfigMap })
  const built = build(canary(BROKEN, 'uid-1'), undefined, options)
  t.equal(served(built)?.config, undefined)
  t.equal(served(built)?.keptRefused, options.kept.get('canary'))
  t.match(
    built.snapshot.problems.map(({ code }) => code),
    [/./, 'kept-configuration-invalid'],
  )
  const again = build(canary(BROKEN, 'uid-1'), built, options)
  t.equal(served(again), served(built), 'it is not compiled again')
})

t.test('a defect is reported in words, and not in those of Node', async (t) => {
  const fault = Object.assign(new Error("EMFILE: too many open files, open 'x'"), { code: 'EMFILE' })
  const injectorConfigMap = {
    name: 'istio-sidecar-injector-canary',
    values: '{}',
    get config(): string {
      throw fault
    },
  }
  const built = build(canary(BROKEN, 'uid-1'), undefined, keptOf(good, { injectorConfigMap }))
  t.match(
    built.snapshot.problems.map(({ message }) => message),
    [
      /./,
      /cannot be used either: an internal error of Remora: this process has too many open files \(EMFILE\)$/,
    ],
  )
})

t.test('an injector ConfigMap that lost its key is broken, and not removed', async (t) => {
  const bare = canary(GOOD, 'uid-1').map(({ object, source }, index) => ({
    source,
    object: index === 0 ? { ...object, data: {} } : object,
  })) as readonly ClusterObject[]
  const after = build(bare, good)
  t.equal(served(after)?.config, served(good)?.config)
  t.match(served(after)?.problem?.message, /key config: the key is missing/)
  t.equal(served(build(bare, undefined, keptOf(good)))?.config?.digest, served(good)?.config?.digest)
})
