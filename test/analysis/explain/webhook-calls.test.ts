import t from 'tap'
import { describeFinding, findWebhookCalls } from '../../../src/analysis/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'

const RULES = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }]

function configuration(webhook: JsonObject, labels: JsonObject = {}): JsonObject {
  return {
    metadata: { name: 'c', labels },
    webhooks: [{ name: 'x.sidecar-injector.istio.io', rules: RULES, ...webhook }],
  }
}

function find(
  webhook: JsonObject,
  namespace: { [key: string]: string } = {},
  pod: { [key: string]: string } = {},
) {
  const labels = { namespace: new Map(Object.entries(namespace)), pod: new Map(Object.entries(pod)) }
  const [found] = findWebhookCalls([configuration(webhook)], labels)
  if (found === undefined) throw new Error('it is an injector')
  return {
    matched: found.matched,
    reasons: found.conditions.filter(({ holds }) => !holds).map(describeFinding),
  }
}

t.test('webhooks without selectors match everything, and those of others are ignored', async (t) => {
  t.same(find({}), { matched: true, reasons: [] })
  const other = configuration({ name: 'cert-manager.io' })
  t.same(findWebhookCalls([other, {}], { namespace: new Map(), pod: new Map() }), [])
})

t.test('each operator reports the required and the actual value', async (t) => {
  const selector = {
    matchLabels: { a: '1' },
    matchExpressions: [
      { key: 'b', operator: 'In', values: ['1', '2'] },
      { key: 'c', operator: 'NotIn', values: ['1'] },
      { key: 'd', operator: 'NotIn', values: ['1', '2'] },
      { key: 'e', operator: 'Exists' },
      { key: 'f', operator: 'DoesNotExist' },
    ],
  }
  t.same(find({ namespaceSelector: selector }, { a: '1', b: '2', e: '' }), { matched: true, reasons: [] })
  t.same(find({ objectSelector: selector }, {}, { c: '1', d: '2', f: 'x' }), {
    matched: false,
    reasons: [
      'pod label a is absent (must be "1")',
      'pod label b is absent (must be one of 1, 2)',
      'pod label c is "1" (must not be "1")',
      'pod label d is "2" (must be none of 1, 2)',
      'pod label e is absent (must be present)',
      'pod label f is "x" (must be absent)',
    ],
  })
})

t.test('a selector that Kubernetes refuses matches nothing and says why', async (t) => {
  const found = find({ objectSelector: { matchExpressions: [{ key: 'a', operator: 'Perhaps' }] } })
  t.equal(found.matched, false)
  t.match(found.reasons[0], /Perhaps/)
})

t.test('only webhooks for the creation of pods are considered', async (t) => {
  t.same(find({ rules: [{ operations: ['UPDATE'], apiGroups: [''], resources: ['pods'] }] }), {
    matched: false,
    reasons: ['the rules name no creation of pods'],
  })
  t.equal(find({ rules: [{ operations: ['*'], apiGroups: ['*'], resources: ['*/*'] }] }).matched, true)
})

t.test(
  'the owner of a webhook, its target and the conditions that are not evaluated are reported',
  async (t) => {
    const labels = { namespace: new Map(), pod: new Map() }
    const service = { name: 'remora', namespace: 'mesh', path: '/tags/prod/inject' }
    const [remora] = findWebhookCalls(
      [
        configuration(
          { clientConfig: { service }, failurePolicy: 'Ignore', matchConditions: [{ name: 'mine' }] },
          { 'remora/revision': 'canary', 'remora/tag': 'prod' },
        ),
      ],
      labels,
    )
    t.match(remora, {
      of: 'remora',
      revision: 'canary',
      tag: 'prod',
      calls: 'remora.mesh.svc/tags/prod/inject',
      path: '/tags/prod/inject',
      failurePolicy: 'Ignore',
      matchConditions: ['mine'],
    })
    const url = 'https://istiod.example.com:15017/inject?x=1'
    const [istio] = findWebhookCalls(
      [configuration({ clientConfig: { url } }, { 'istio.io/rev': '' })],
      labels,
    )
    t.match(istio, { of: 'istio', revision: 'default', calls: url, path: '/inject', failurePolicy: 'Fail' })
  },
)
