/** Remora's own MutatingWebhookConfigurations, as charts/remora labels them, beside or instead of Istio's. */
import t from 'tap'
import { discoverRevisions, type IstioObjects } from '../../src/istio/index.ts'
import type { JsonObject } from '../../src/json/index.ts'

const none: IstioObjects = { configMaps: [], deployments: [], services: [], webhookConfigurations: [] }

const injector = (namespace: string, name: string): JsonObject => ({
  metadata: { namespace, name },
  data: { config: 'policy: enabled', values: '{}' },
})

function webhooks(name: string, labels: JsonObject, namespace: string, prefixes: string[], active = true) {
  return {
    metadata: { name, labels },
    webhooks: prefixes.map((prefix) => ({
      name: `${prefix}sidecar-injector.istio.io`,
      clientConfig: { service: { namespace, name: 'remora' } },
      namespaceSelector: active ? {} : { matchLabels: { 'istio.io/deactivated': 'never-match' } },
    })),
  }
}

t.test('Remora’s webhooks are not taken for a second istiod', async (t) => {
  const found = discoverRevisions({
    ...none,
    configMaps: [
      injector('istio-system', 'istio-sidecar-injector-a'),
      injector('mesh', 'istio-sidecar-injector-a'),
    ],
    webhookConfigurations: [
      webhooks('remora-sidecar-injector-a', { 'remora/revision': 'a' }, 'mesh', ['rev.namespace.']),
      webhooks('remora-sidecar-injector-b', { 'remora/revision': 'b' }, 'mesh', ['rev.namespace.']),
    ],
  })
  t.same([...found.revisions.keys()], ['a'], 'a revision exists by its ConfigMap only')
  t.equal(
    found.revisions.get('a')?.namespace,
    'istio-system',
    "Remora's Service says nothing of istiod's place",
  )
})

t.test('Remora’s webhooks define a tag if Istio has no webhook configuration for it', async (t) => {
  const own = (tag: string) =>
    webhooks(
      `remora-revision-tag-${tag}`,
      { 'remora/revision': 'a', 'remora/tag': tag },
      'istio-system',
      ['rev.namespace.'],
      false,
    )
  const found = discoverRevisions({
    ...none,
    configMaps: [
      injector('istio-system', 'istio-sidecar-injector-a'),
      injector('istio-system', 'istio-sidecar-injector'),
    ],
    services: [
      {
        metadata: {
          name: 's',
          namespace: 'istio-system',
          labels: { 'istio.io/tag': 'by-service', 'istio.io/rev': 'default' },
        },
      },
    ],
    webhookConfigurations: [
      own('by-webhook'),
      own('by-service'),
      own('by-remora'),
      webhooks(
        'istio-revision-tag-by-webhook',
        { 'istio.io/tag': 'by-webhook', 'istio.io/rev': 'default' },
        'zzz',
        ['rev.namespace.'],
      ),
      webhooks('remora-x', { 'remora/revision': '', 'remora/tag': '' }, 'istio-system', ['rev.namespace.']),
    ],
  })
  t.same(
    [...found.tags],
    [
      ['by-remora', 'a'],
      ['by-service', 'a'],
      ['by-webhook', 'default'],
    ],
  )
})

t.test('an active auto webhook of Remora counts, an inactive one is ignored', async (t) => {
  const auto = (...webhookConfigurations: readonly JsonObject[]) =>
    discoverRevisions({ ...none, webhookConfigurations }).enableNamespacesByDefault
  const own = (active: boolean, prefixes = ['auto.']) =>
    webhooks('remora-sidecar-injector', { 'remora/revision': 'default' }, 'remora-system', prefixes, active)
  const istio = (active: boolean) =>
    webhooks('istio-sidecar-injector', { 'istio.io/rev': 'default' }, 'istio-system', ['auto.'], active)
  t.equal(auto(own(false)), undefined)
  t.equal(auto(own(true)), true)
  t.equal(auto(own(true, ['namespace.'])), undefined)
  t.equal(auto(istio(false), own(true)), true, 'Remora has taken over')
  t.equal(auto(istio(true), own(false)), true)
  t.equal(auto(istio(false), own(false)), false)
})

t.test(
  'an active registration whose revision or tag is missing is a problem, an inactive one is not',
  async (t) => {
    const own = (name: string, labels: JsonObject, active = true) =>
      webhooks(`remora-${name}`, labels, 'istio-system', ['rev.namespace.', 'rev.object.'], active)
    const found = discoverRevisions({
      ...none,
      configMaps: [injector('istio-system', 'istio-sidecar-injector-a')],
      webhookConfigurations: [
        own('a', { 'remora/revision': 'a' }),
        own('gone', { 'remora/revision': 'gone' }),
        own('asleep', { 'remora/revision': 'asleep' }, false),
        own('tag-good', { 'remora/revision': 'a', 'remora/tag': 'good' }),
        own('tag-lost', { 'remora/revision': 'lost', 'remora/tag': 'stable' }),
        // Istio's own registrations are reported elsewhere: istiod may serve them.
        webhooks('istio-sidecar-injector-other', { 'istio.io/rev': 'other' }, 'istio-system', [
          'rev.namespace.',
        ]),
      ],
    })
    t.same([...found.calledFor].sort(), ['a', 'gone', 'lost'])
    t.same(
      found.problems.filter(({ code }) => code === 'registration-without-revision'),
      [
        {
          code: 'registration-without-revision',
          message:
            'remora-gone sends reviews for revision gone, but there is no revision gone; its pods cannot be injected',
          where: 'MutatingWebhookConfiguration remora-gone',
          revision: 'gone',
        },
        {
          code: 'registration-without-revision',
          message:
            'remora-tag-lost sends reviews for revision lost, by tag stable, but there is no revision lost; its pods cannot be injected',
          where: 'MutatingWebhookConfiguration remora-tag-lost',
          revision: 'lost',
        },
      ],
    )
  },
)
