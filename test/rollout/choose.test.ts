import t from 'tap'
import type { JsonObject } from '../../src/json/index.ts'
import {
  assessRollouts,
  chooseRollout,
  formatPercent,
  isInShare,
  parseRollout,
  percentThatIncludes,
  type RevisionRollout,
  type RolloutQuestion,
  readPercent,
  SLOTS,
  slotOf,
  sortRollouts,
} from '../../src/rollout/index.ts'

/** Worked out with Python's hashlib: int.from_bytes(sha256(text).digest()[:6], 'big') % 10000. */
const GOLDEN: readonly (readonly [
  seed: string,
  namespace: string,
  group: string,
  kind: string,
  name: string,
  slot: number,
])[] = [
  ['to-1-30-3', 'shop', 'apps', 'Deployment', 'cart', 7459],
  ['canary', 'prod', 'apps', 'StatefulSet', 'web.v2', 4421],
  ['1.30.3_b', 'team-a', 'apps', 'DaemonSet', 'recommendation-service', 3020],
  ['to-1-30-3', 'default', 'batch', 'CronJob', 'checkout', 6167],
  ['canary', 'shop', 'batch', 'Job', 'nightly-report-', 6215],
  ['1.30.3_b', 'prod', '', 'Pod', 'a', 9826],
  ['to-1-30-3', 'team-a', 'argoproj.io', 'Rollout', 'ledger-0', 9032],
  ['canary', 'default', 'apps.openshift.io', 'DeploymentConfig', 'ünïcode', 5576],
  [
    '1.30.3_b',
    'shop',
    '',
    'ReplicationController',
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    3731,
  ],
  ['to-1-30-3', 'prod', 'serving.knative.dev', 'Revision', 'frontend', 8591],
  ['canary', 'team-a', 'apps', 'Deployment', 'cart', 6618],
  ['1.30.3_b', 'default', 'apps', 'StatefulSet', 'web.v2', 8890],
  ['to-1-30-3', 'shop', 'apps', 'DaemonSet', 'recommendation-service', 8392],
  ['canary', 'prod', 'batch', 'CronJob', 'checkout', 1259],
  ['1.30.3_b', 'team-a', 'batch', 'Job', 'nightly-report-', 3127],
  ['to-1-30-3', 'default', '', 'Pod', 'a', 5944],
  ['canary', 'shop', 'argoproj.io', 'Rollout', 'ledger-0', 6647],
  ['1.30.3_b', 'prod', 'apps.openshift.io', 'DeploymentConfig', 'ünïcode', 675],
  [
    'to-1-30-3',
    'team-a',
    '',
    'ReplicationController',
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    8211,
  ],
  ['canary', 'default', 'serving.knative.dev', 'Revision', 'frontend', 8429],
  ['1.30.3_b', 'shop', 'apps', 'Deployment', 'cart', 6417],
  ['to-1-30-3', 'prod', 'apps', 'StatefulSet', 'web.v2', 159],
  ['canary', 'team-a', 'apps', 'DaemonSet', 'recommendation-service', 3537],
  ['1.30.3_b', 'default', 'batch', 'CronJob', 'checkout', 9452],
  ['to-1-30-3', 'shop', 'batch', 'Job', 'nightly-report-', 1304],
  ['canary', 'prod', '', 'Pod', 'a', 365],
  ['1.30.3_b', 'team-a', 'argoproj.io', 'Rollout', 'ledger-0', 5469],
  ['to-1-30-3', 'default', 'apps.openshift.io', 'DeploymentConfig', 'ünïcode', 3874],
  [
    'canary',
    'shop',
    '',
    'ReplicationController',
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    4632,
  ],
  ['1.30.3_b', 'prod', 'serving.knative.dev', 'Revision', 'frontend', 7474],
]

t.test('slots are the same in every release', async (t) => {
  for (const [seed, namespace, group, kind, name, slot] of GOLDEN)
    t.equal(slotOf(seed, { namespace, group, kind, name }), slot, `${seed} ${namespace}/${kind}/${name}`)
})

t.test('percentages have up to two decimals', async (t) => {
  const slots = [0, 5, 100, '0', '0.5', '0.01', '12.34', '99.99', '100', '100.00', 0.5].map(readPercent)
  t.same(slots, [0, 500, 10_000, 0, 50, 1, 1234, 9999, 10_000, 10_000, 50])
  for (const value of [
    '',
    '-1',
    '101',
    '100.01',
    '0.005',
    '5%',
    ' 5',
    '1e1',
    101,
    -1,
    0.001,
    null,
    undefined,
  ])
    t.equal(readPercent(value), undefined, `${JSON.stringify(value)} is no percentage`)
  t.same([0, 50, 2500, 10_000].map(formatPercent), ['0', '0.5', '25', '100'])
})

const STEPS = [0, 1, 50, 100, 500, 2_500, 5_000, 9_999, 10_000]

t.test(
  'shares are monotone, and their sizes are within the bounds of the binomial distribution',
  async (t) => {
    for (const count of [1_000, 10_000]) {
      for (const seed of ['to-1-30-3', 'to-1-31-0', 'x']) {
        const workloads = Array.from({ length: count }, (_, i) =>
          slotOf(seed, { namespace: `team-${i % 17}`, group: 'apps', kind: 'Deployment', name: `app-${i}` }),
        )
        let before: readonly number[] = []
        for (const slots of STEPS) {
          const chosen = workloads.flatMap((slot, i) => (isInShare(slot, slots) ? [i] : []))
          const now = new Set(chosen)
          t.ok(
            before.every((i) => now.has(i)),
            `raising to ${slots} slots only adds`,
          )
          before = chosen
          const share = slots / SLOTS
          const deviation = Math.sqrt(count * share * (1 - share))
          const distance = Math.abs(chosen.length - count * share)
          t.ok(distance <= 4 * deviation, `${chosen.length} of ${count} at ${formatPercent(slots)}%`)
        }
      }
    }
  },
)

t.test('the percentage that includes a slot is the smallest one', async (t) => {
  for (const slot of [0, 49, 50, 9_998, 9_999]) {
    const slots = readPercent(percentThatIncludes(slot)) ?? 0
    t.same([isInShare(slot, slots), isInShare(slot, slots - 1)], [true, false])
  }
})

const basic = { from: { revision: 'old' }, to: { revision: 'new' }, percent: 100 }

function rollout(spec: JsonObject = {}, metadata: JsonObject = {}): RevisionRollout {
  return parseRollout({ metadata: { name: 'r', ...metadata }, spec: { ...basic, ...spec } })
}

function question(changes: Partial<RolloutQuestion> = {}): RolloutQuestion {
  return {
    decided: { revision: 'old', webhook: 'rev.namespace' },
    namespace: 'shop',
    namespaceLabels: new Map([['team', 'a']]),
    pod: { metadata: { name: 'p' } },
    isGateway: () => false,
    ...changes,
  }
}

const why = (spec: JsonObject, changes: Partial<RolloutQuestion> = {}) => {
  const [assessed] = assessRollouts([rollout(spec)], question(changes))
  return assessed?.verdict.applies === false ? assessed.verdict.why : 'applies'
}

t.test('a rollout applies only to the pods that its spec selects', async (t) => {
  t.equal(why({}), 'applies')
  const tagged = { revision: 'old', tag: 'prod', webhook: 'rev.object' }
  t.equal(why({}, { decided: tagged }), 'applies', 'a tag that points to the revision')
  t.equal(why({ from: { tag: 'prod' } }, { decided: tagged }), 'applies', 'the label names the tag')
  t.equal(why({ from: { tag: 'prod' } }), 'other-revision', 'the same revision without the tag')
  t.equal(why({ from: { revision: 'other' } }), 'other-revision')
  t.equal(why({ from: { tag: 'prod' } }, { decided: { ...tagged, revision: 'new' } }), 'has-target')
  const teamB = { namespaces: { selector: { matchLabels: { team: 'b' } } } }
  t.equal(why(teamB), 'namespace-not-selected')
  t.equal(why(teamB, { namespaceLabels: undefined }), 'namespace-not-selected')
  t.equal(why({ namespaces: { selector: {} } }, { namespaceLabels: undefined }), 'applies')
  t.equal(why({}, { isGateway: () => true }), 'gateway')
  t.equal(why({ gateways: 'include' }, { isGateway: () => true }), 'applies')
})

t.test('a pod is pinned by its own label, if that decides and names a revision', async (t) => {
  const pod = { metadata: { name: 'p', labels: { 'istio.io/rev': 'old' } } }
  t.equal(why({}, { pod, decided: { revision: 'old', webhook: 'rev.object' } }), 'pinned')
  t.equal(why({}, { pod, decided: { revision: 'old' } }), 'pinned', 'the path decided')
  t.equal(why({}, { pod }), 'applies', "the namespace's label decides")
  t.equal(why({}, { decided: { revision: 'old' } }), 'applies', 'no label')
})

t.test('exclusions name a workload, with its group or without', async (t) => {
  const ledger = { namespace: 'shop', kind: 'Pod', name: 'p' }
  t.equal(why({ exclude: [ledger] }), 'excluded')
  t.equal(why({ exclude: [{ ...ledger, group: '' }] }), 'excluded')
  t.equal(why({ exclude: [{ ...ledger, group: 'apps' }] }), 'applies')
  t.equal(why({ exclude: [{ ...ledger, namespace: 'other' }] }), 'applies')
  t.equal(why({ exclude: [{ ...ledger, name: '__proto__' }, ledger] }), 'excluded')
})

t.test('at most one rollout applies to a pod: the oldest, then the first by name', async (t) => {
  const at = (name: string, creationTimestamp?: string, spec: JsonObject = {}) =>
    rollout({ to: { revision: name }, ...spec }, { name, ...(creationTimestamp && { creationTimestamp }) })
  const rollouts = sortRollouts([
    at('no-time'),
    at('b', '2026-02-01T00:00:00Z'),
    at('a', '2026-02-01T00:00:00Z'),
    at('oldest', '2026-01-01T00:00:00Z', { percent: 0 }),
    at('older-of-others', '2025-01-01T00:00:00Z', { from: { revision: 'else' } }),
  ])
  t.same(
    rollouts.map(({ name }) => name),
    ['older-of-others', 'oldest', 'a', 'b', 'no-time'],
  )
  const chosen = chooseRollout(rollouts, question())
  t.same([chosen?.rollout.name, chosen?.moves], ['oldest', false], 'at 0% it still is the one that applies')
  t.same(
    assessRollouts(rollouts, question()).map(({ verdict }) => (verdict.applies ? '' : verdict.why)),
    ['other-revision', '', 'overlap', 'overlap', 'overlap'],
  )
  t.equal(chooseRollout([], question()), undefined)
})

t.test('of a rollout with steps only status.percent applies', async (t) => {
  const { percent: _, ...spec } = { ...basic, steps: [{ percent: 5 }, { pause: {} }, { percent: '100' }] }
  const object = { metadata: { name: 'r' }, spec }
  t.same([parseRollout(object).slots, parseRollout(object).steps], [0, [500, 10_000]])
  t.equal(parseRollout({ ...object, status: { percent: '5' } }).slots, 500)
  t.equal(rollout({ percent: 1 }).slots, 100)
})

t.test('an invalid RevisionRollout is refused with the path of the field', async (t) => {
  const wrong: readonly (readonly [JsonObject, string])[] = [
    [{ from: {} }, 'spec.from'],
    [{ from: { revision: 'a', tag: 'b' } }, 'spec.from'],
    [{ from: { revision: '' } }, 'spec.from.revision'],
    [{ from: 'old' }, 'spec.from'],
    [{ to: {} }, 'spec.to.revision'],
    [{ to: { revision: 'old' } }, 'spec.to.revision'],
    [{ percent: 101 }, 'spec.percent'],
    [{ percent: 5, steps: [{ percent: 5 }] }, 'spec'],
    [{ seed: 'a/b' }, 'spec.seed'],
    [{ gateways: 'maybe' }, 'spec.gateways'],
    [{ exclude: {} }, 'spec.exclude'],
    [{ exclude: [{ namespace: 'a', kind: 'B' }] }, 'spec.exclude[0].name'],
    [{ namespaces: {} }, 'spec.namespaces.selector'],
    [{ namespaces: { selector: { matchLabels: { a: 1 } } } }, 'spec.namespaces.selector.matchLabels.a'],
    [
      { namespaces: { selector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } } },
      'spec.namespaces.selector.matchExpressions[0].operator',
    ],
  ]
  for (const [spec, path] of wrong)
    t.throws(() => rollout(spec), { code: 'rollout-invalid', path }, JSON.stringify(spec))
  const steps: readonly (readonly [JsonObject['a'], string])[] = [
    [[], 'spec.steps'],
    [[{ pause: {} }], 'spec.steps'],
    [[{ percent: 0 }], 'spec.steps[0].percent'],
    [[{ percent: 25 }, { percent: 5 }], 'spec.steps[1].percent'],
    [[{ percent: 25, pause: {} }], 'spec.steps[0]'],
    [[{ wait: {} }], 'spec.steps[0]'],
  ]
  const { percent: _, ...rest } = basic
  for (const [list, path] of steps)
    t.throws(
      () => parseRollout({ metadata: { name: 'r' }, spec: { ...rest, steps: list ?? null } }),
      { code: 'rollout-invalid', path },
      JSON.stringify(list),
    )
  t.throws(
    () => parseRollout({ metadata: { name: 'r' }, spec: rest }),
    { code: 'rollout-invalid', path: 'spec' },
    'neither',
  )
})
