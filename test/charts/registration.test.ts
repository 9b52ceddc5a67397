/** The webhook configurations that the chart renders for revisions and tags. */
import t from 'tap'
import { parseInjectPath } from '../../src/admission/index.ts'
import { discoverRevisions } from '../../src/istio/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { at, helmMissing, listAt, type RenderOptions, render, textAt, tryRender } from './helm.ts'
import { called, KIND, labelsMap, prefixes } from './webhooks.ts'

const neverMatch = { matchLabels: { 'istio.io/deactivated': 'never-match' } }

const names = (options: RenderOptions) =>
  render(options)
    .all(KIND)
    .map((object) => textAt(object, 'metadata', 'name'))

t.test('revisions and tags are registered', { skip: helmMissing }, async (t) => {
  t.test('each revision and tag has one configuration, and none is active by default', async (t) => {
    const values = {
      revisions: [{ name: 'default' }, { name: 'canary' }],
      tags: [{ name: 'prod', revision: 'canary' }],
    }
    const objects = render({ values }).all(KIND)
    t.same(
      objects.map((object) => [textAt(object, 'metadata', 'name'), prefixes(object)]),
      [
        ['remora-sidecar-injector', ['rev.namespace.', 'rev.object.', 'namespace.', 'object.']],
        ['remora-sidecar-injector-canary', ['rev.namespace.', 'rev.object.']],
        ['remora-revision-tag-prod', ['rev.namespace.', 'rev.object.']],
      ],
    )
    for (const webhook of objects.flatMap((object) => listAt(object, 'webhooks'))) {
      t.same(at(webhook, 'namespaceSelector'), neverMatch)
      t.same(at(webhook, 'objectSelector'), neverMatch)
      t.equal(at(webhook, 'clientConfig', 'caBundle'), undefined, 'the server fills it')
    }
    t.same(names({}), ['remora-sidecar-injector'])
  })

  t.test('settings of an entry take precedence over the general values', async (t) => {
    const [webhook] = listAt(render().one(KIND), 'webhooks')
    t.match(webhook, {
      clientConfig: {
        service: { name: 'remora', namespace: 'remora-system', path: '/revisions/default/inject', port: 443 },
      },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      failurePolicy: 'Fail',
      timeoutSeconds: 10,
      reinvocationPolicy: 'Never',
      rules: [
        { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: '*' },
      ],
    })
    t.equal(at(webhook, 'matchConditions'), undefined)
    const matchConditions = [{ name: 'no-ci', expression: "!('ci' in object.metadata.labels)" }]
    const rendered = render({
      release: 'other',
      values: {
        revisions: [{ name: 'a', failurePolicy: 'Ignore', injectionPath: { net: 'n-2' } }, { name: 'b' }],
        registration: {
          timeoutSeconds: 3,
          reinvocationPolicy: 'IfNeeded',
          matchConditions,
          injectionPath: { cluster: 'a/b', net: 'n1' },
        },
      },
    })
    const first = at(rendered.one(KIND, 'remora-sidecar-injector-a'), 'webhooks', 0)
    const second = at(rendered.one(KIND, 'remora-sidecar-injector-b'), 'webhooks', 1)
    t.match(first, {
      failurePolicy: 'Ignore',
      timeoutSeconds: 3,
      reinvocationPolicy: 'IfNeeded',
      matchConditions,
    })
    t.match(second, { failurePolicy: 'Fail' })
    t.equal(
      textAt(first, 'clientConfig', 'service', 'path'),
      '/revisions/a/inject/cluster/a--slash--b/net/n-2',
    )
    t.same(parseInjectPath(textAt(second, 'clientConfig', 'service', 'path')), {
      target: { by: 'revision', name: 'b' },
      proxyEnv: new Map([
        ['ISTIO_META_CLUSTER_ID', 'a/b'],
        ['ISTIO_META_NETWORK', 'n1'],
      ]),
    })
    t.equal(textAt(first, 'clientConfig', 'service', 'name'), 'other-remora')
  })

  t.test("the chart can use Istio's own names if istiod does not install them", async (t) => {
    const values = {
      registration: { names: 'istio' },
      revisions: [{ name: 'default' }, { name: 'canary' }, { name: 'blue', namespace: 'mesh-system' }],
      tags: [{ name: 'prod', revision: 'canary' }],
    }
    t.same(names({ values }).toSorted(), [
      'istio-revision-tag-prod',
      'istio-sidecar-injector',
      'istio-sidecar-injector-blue-mesh-system',
      'istio-sidecar-injector-canary',
    ])
  })

  t.test('an invalid revision name is refused with the probable name', async (t) => {
    const refused = (values: JsonObject) => {
      const { status, stderr } = tryRender({ values })
      t.not(status, 0)
      return stderr
    }
    t.match(refused({ revisions: [{ name: '1.6.8' }] }), /"1\.6\.8".*perhaps 1-6-8/)
    t.match(refused({ tags: [{ name: 'Prod_1', revision: 'canary' }] }), /tags "Prod_1".*perhaps prod-1/)
    t.match(refused({ tags: [{ name: 'prod', revision: '1.30' }] }), /tags: prod: revision "1\.30".*1-30/)
    t.match(refused({ revisions: [{ name: 'a'.repeat(64) }] }), /at most 63/)
    t.match(refused({ revisions: [{ name: 'a' }, { name: 'a' }] }), /revisions: a is listed twice/)
    t.match(refused({ tags: [{ name: 'prod' }] }), /revision/)
    t.match(refused({ profile: { install: [{ revision: '1.6.8' }] } }), /1-6-8/)
    t.match(refused({ registration: { injectionPath: { cluster: 'West' } } }), /injectionPath/)
    t.match(
      refused({ registration: { labels: { 'istio.io/rev': 'a' } } }),
      /istiod would write its own caBundle/,
    )
    t.match(refused({ commonLabels: { 'istio.io/rev': 'a' } }), /istiod would write its own caBundle/)
    t.match(refused({ revision: [] }), /revision/, 'a value that is not known')
  })

  t.test('a tag with the name of a revision takes over its pods, as with istioctl', async (t) => {
    const objects = render({
      values: {
        revisions: [
          { name: 'default', active: true },
          { name: 'canary', active: true },
        ],
        tags: [{ name: 'default', revision: 'canary', active: true }],
      },
    }).all(KIND)
    const of = (name: string) => objects.find((object) => at(object, 'metadata', 'name') === name) ?? {}
    t.same(prefixes(of('remora-sidecar-injector')), ['rev.namespace.', 'rev.object.'])
    t.same(prefixes(of('remora-revision-tag-default')), [
      'rev.namespace.',
      'rev.object.',
      'namespace.',
      'object.',
    ])
    const asked = (namespace: JsonObject, pod: JsonObject = {}) =>
      called(objects, labelsMap(namespace), labelsMap(pod)).map((name) => name.split('/')[0])
    t.same(asked({ 'istio-injection': 'enabled' }), ['remora-revision-tag-default'])
    t.same(asked({ 'istio.io/rev': 'default' }), ['remora-revision-tag-default'])
    t.same(asked({ 'istio.io/rev': 'canary' }), ['remora-sidecar-injector-canary'])
    t.same(asked({}, { 'sidecar.istio.io/inject': 'true' }), ['remora-revision-tag-default'])
  })

  t.test("excludedNamespaces, and Remora's own namespace unless istiod is in it, are excluded", async (t) => {
    const asked = (options: RenderOptions, namespace: string) => {
      const objects = render({
        ...options,
        values: {
          revisions: [{ name: 'default', active: true }],
          registration: { enableNamespacesByDefault: true, excludedNamespaces: ['legacy'] },
          ...options.values,
        },
      }).all(KIND)
      const metadata = { 'kubernetes.io/metadata.name': namespace }
      return [{}, { 'istio-injection': 'enabled' }, { 'istio.io/rev': 'default' }].map(
        (labels) => called(objects, labelsMap({ ...metadata, ...labels }), new Map()).length,
      )
    }
    t.same(asked({}, 'shop'), [1, 1, 1])
    t.same(asked({}, 'legacy'), [0, 0, 0])
    t.same(asked({}, 'remora-system'), [0, 0, 0])
    t.same(asked({}, 'istio-system'), [1, 1, 1], "as Istio's chart renders it: gateways live there")
    t.same(asked({}, 'kube-system'), [0, 1, 1])
    t.same(asked({ namespace: 'istio-system' }, 'istio-system'), [1, 1, 1])
    t.same(asked({ namespace: 'default' }, 'default'), [1, 1, 1], 'no configuration of its own')
    const mesh = { revisions: [{ name: 'default', active: true, namespace: 'mesh' }] }
    t.same(asked({ namespace: 'mesh', values: mesh }, 'mesh'), [1, 1, 1])
    t.same(
      asked({ namespace: 'istio-system', values: { ...mesh, istioNamespace: 'mesh' } }, 'istio-system'),
      [0, 0, 0],
    )
  })

  t.test(
    "the configurations are recognised as Remora's by kubectl and discovery, and ignored by istiod",
    async (t) => {
      for (const name of ['remora', 'istio']) {
        const objects = render({
          release: 'injector',
          values: {
            registration: { names: name, labels: { team: 'mesh' } },
            revisions: [{ name: 'default', active: true }, { name: 'canary' }],
            tags: [{ name: 'prod', revision: 'canary' }],
          },
        }).all(KIND)
        for (const object of objects) {
          t.match(at(object, 'metadata', 'labels'), { 'app.kubernetes.io/name': 'remora', team: 'mesh' })
          t.equal(at(object, 'metadata', 'labels', 'istio.io/rev'), undefined, 'istiod patches what bears it')
        }
        const injector = (namespace: string): JsonObject => ({
          metadata: { namespace, name: 'istio-sidecar-injector-canary' },
          data: { config: '' },
        })
        const found = discoverRevisions({
          configMaps: [injector('remora-system'), injector('istio-system')],
          deployments: [],
          services: [],
          webhookConfigurations: objects,
        })
        t.same([...found.tags], [['prod', 'canary']], 'a tag that only the chart knows')
        t.equal(found.revisions.get('canary')?.namespace, 'istio-system')
        t.same([...found.revisions.keys()], ['canary'])
      }
    },
  )

  t.test('with cert-manager the chart has a CA, and the server merges the caBundles', async (t) => {
    const files = { certManager: { enabled: true } }
    const rendered = render({ values: { tls: { mode: 'files', files } } })
    const named = (kind: string, name: string) =>
      rendered.all(kind).find((object) => at(object, 'metadata', 'name') === name) ?? {}
    const ca = named('Certificate', 'remora-issuer-ca')
    const leaf = named('Certificate', 'remora-tls')
    t.equal(at(ca, 'spec', 'isCA'), true)
    t.same(at(named('Issuer', textAt(ca, 'spec', 'issuerRef', 'name')), 'spec'), { selfSigned: {} })
    t.same(at(named('Issuer', textAt(leaf, 'spec', 'issuerRef', 'name')), 'spec'), {
      ca: { secretName: textAt(ca, 'spec', 'secretName') },
    })
    const hours = (object: JsonObject, field: string) => Number.parseInt(textAt(object, 'spec', field), 10)
    t.ok(hours(ca, 'renewBefore') > hours(leaf, 'duration'), 'a CA outlives what it signed')
    t.ok(hours(leaf, 'renewBefore') > hours(leaf, 'duration') / 6, 'renewed before it is overdue')
    t.equal(at(rendered.one(KIND), 'metadata', 'annotations'), undefined, 'no CA injector')
    t.ok(JSON.stringify(rendered.one('Deployment')).includes('--tls-ca-file=/etc/remora/tls/ca.crt'))
    const patching = listAt(rendered.one('ClusterRole', 'remora-remora-system'), 'rules').find(
      (rule) => at(rule, 'resourceNames') !== undefined,
    )
    t.match(patching, { resources: ['mutatingwebhookconfigurations'], verbs: ['patch'] })
    const own = { certManager: { enabled: true, issuerRef: { name: 'own', kind: 'ClusterIssuer' } } }
    const foreign = render({ values: { tls: { mode: 'files', files: own } } })
    t.same(foreign.all('Issuer'), [])
    t.ok(JSON.stringify(foreign.one('Deployment')).includes('--tls-ca-file=/etc/remora/tls/ca.crt'))
  })

  t.test('the CA comes from the values, or from cert-manager, where files are mounted', async (t) => {
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    const bundle = (tls: JsonObject) =>
      at(
        render({ values: { tls: { mode: 'files', ...tls } } }).one(KIND),
        'webhooks',
        3,
        'clientConfig',
        'caBundle',
      )
    const base64 = Buffer.from(pem).toString('base64')
    t.equal(bundle({ files: { caBundle: pem } }), base64)
    t.equal(bundle({ files: { caBundle: base64 } }), base64)
    const certManager = { enabled: true, issuerRef: { name: 'own', kind: 'ClusterIssuer' }, caKey: '' }
    t.equal(bundle({ files: { certManager } }), undefined)
    const managed = render({ values: { tls: { mode: 'files', files: { certManager } } } })
    t.equal(
      at(managed.one(KIND), 'metadata', 'annotations', 'cert-manager.io/inject-ca-from'),
      `remora-system/${textAt(managed.one('Certificate'), 'metadata', 'name')}`,
    )
    t.equal(bundle({ files: { certManager: { enabled: true }, caBundle: pem } }), base64)
    t.match(
      tryRender({ values: { tls: { mode: 'files', files: { caBundle: base64, caKey: 'ca.crt' } } } }).stderr,
      /exclude each other/,
    )
    t.match(
      tryRender({ values: { tls: { mode: 'files' } } }).stderr,
      /cannot verify Remora: set tls\.files\.caBundle/,
    )
  })
})
