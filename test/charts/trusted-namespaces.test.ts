/**
 * Which namespaces may define revisions and tags according to the chart: options, permissions, and NOTES before an
 * upgrade.
 */
import t from 'tap'
import { readOptions, SERVE_OPTIONS } from '../../src/config/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { at, helmMissing, listAt, type Rendered, render, textAt, tryRender } from './helm.ts'
import { notesOf } from './notes.ts'

const everywhere = {
  istioNamespace: 'istio-a',
  revisions: [{ name: 'default' }, { name: 'blue', namespace: 'mesh-b' }],
  tags: [{ name: 'prod', revision: 'blue', namespace: 'mesh-c' }],
  profile: {
    install: [
      { revision: 'own', namespace: 'mesh-d' },
      { revision: 'two', namespace: 'mesh-b' },
    ],
  },
}
const LISTED = ['istio-a', 'mesh-b', 'mesh-c', 'mesh-d']

function optionsOf(rendered: Rendered) {
  const args = listAt(rendered.one('Deployment'), 'spec', 'template', 'spec', 'containers', 0, 'args').map(
    String,
  )
  return readOptions(SERVE_OPTIONS, { args: args.slice(1), env: {} })
}
const resourcesOf = (role: JsonObject | undefined) =>
  listAt(role, 'rules').flatMap((rule) => listAt(rule, 'resources').map(String))

t.test(
  'the values decide which namespaces may define revisions and tags',
  { skip: helmMissing },
  async (t) => {
    t.test('every namespace of the values is passed to the server', async (t) => {
      t.match(optionsOf(render()), { 'istio-namespaces': ['istio-system'], 'istio-namespaces-only': false })
      t.match(optionsOf(render({ values: everywhere })), {
        'istio-namespaces': LISTED,
        'istio-namespaces-only': false,
      })
      t.match(optionsOf(render({ values: { ...everywhere, istioNamespaces: ['mesh-e'] } })), {
        'istio-namespaces': ['istio-a', 'mesh-e', 'mesh-b', 'mesh-c', 'mesh-d'],
        'istio-namespaces-only': true,
      })
      t.not(tryRender({ values: { istioNamespaces: ['Not A Name'] } }).status, 0)
      t.not(tryRender({ values: { istioNamespaces: 'istio-system' } }).status, 0)
    })

    t.test('if namespaces are listed, the permissions are namespaced', async (t) => {
      const byNamespace = ['configmaps', 'services', 'endpointslices', 'deployments', 'events']
      const wide = render()
      const wideResources = resourcesOf(wide.one('ClusterRole', 'remora-remora-system'))
      t.same(
        byNamespace.filter((resource) => !wideResources.includes(resource)),
        [],
      )
      t.same(
        wide.all('Role').filter((role) => textAt(role, 'metadata', 'namespace') !== 'remora-system'),
        [],
      )
      const rendered = render({ values: { ...everywhere, istioNamespaces: ['istio-a'] } })
      const clusterWide = resourcesOf(rendered.one('ClusterRole', 'remora-remora-system'))
      t.same(
        clusterWide.filter((resource) => byNamespace.includes(resource)),
        [],
      )
      t.same(clusterWide.slice(0, 5), [
        'namespaces',
        'nodes',
        'mutatingwebhookconfigurations',
        'proxyconfigs',
        'revisionrollouts',
      ])
      for (const kind of ['Role', 'RoleBinding']) {
        const found = rendered
          .all(kind)
          .filter((role) => textAt(role, 'metadata', 'name') === 'remora-remora-system')
        t.same(
          found.map((role) => textAt(role, 'metadata', 'namespace')),
          LISTED,
          kind,
        )
        for (const role of found) if (kind === 'Role') t.same(resourcesOf(role), byNamespace)
      }
      const [binding] = rendered
        .all('RoleBinding')
        .filter((one) => textAt(one, 'metadata', 'name') === 'remora-remora-system')
      t.match(at(binding, 'subjects', 0), {
        kind: 'ServiceAccount',
        name: 'remora',
        namespace: 'remora-system',
      })
      t.match(at(binding, 'roleRef'), { kind: 'Role', name: 'remora-remora-system' })
    })

    t.test('NOTES name every revision that would be ignored after an upgrade', async (t) => {
      const configMap = (namespace: string, name: string, key = 'config'): JsonObject => ({
        kind: 'ConfigMap',
        metadata: { namespace, name },
        data: { [key]: 'x' },
      })
      const webhook = (name: string, labels: JsonObject, service: JsonObject): JsonObject => ({
        kind: 'MutatingWebhookConfiguration',
        metadata: { name, labels },
        webhooks: [{ name: 'rev.namespace.sidecar-injector.istio.io', clientConfig: { service } }],
      })
      const objects = [
        configMap('istio-system', 'istio-sidecar-injector'),
        configMap('mesh', 'istio-sidecar-injector'),
        configMap('mesh', 'istio-sidecar-injector-blue'),
        configMap('mesh', 'istio-sidecar-injector-green'),
        configMap('tenant', 'istio-sidecar-injector-x'),
        configMap('tenant', 'istio-sidecar-injector-data', 'other'),
        configMap('tenant', 'istio-sidecar-injector-default'),
        configMap('tenant', 'unrelated'),
        webhook(
          'istio-sidecar-injector-blue',
          { 'istio.io/rev': 'blue' },
          { name: 'istiod-blue', namespace: 'mesh' },
        ),
        webhook('by-service', {}, { name: 'istiod-green', namespace: 'mesh' }),
        webhook('remora-x', { 'remora/revision': 'x' }, { name: 'remora', namespace: 'tenant' }),
        {
          kind: 'MutatingWebhookConfiguration',
          metadata: { name: 'others' },
          webhooks: [{ name: 'a.b.c', clientConfig: { url: 'https://x' } }],
        },
      ]
      const linesOf = (notes: string) => notes.split('\n').filter((line) => line.startsWith('  revision '))
      const named = (notes: string) => linesOf(notes).filter((line) => /ConfigMap |not read/.test(line))
      const notes = await notesOf({}, objects)
      t.same(named(notes), [
        '  revision default: ConfigMap mesh/istio-sidecar-injector',
        '  revision x: ConfigMap tenant/istio-sidecar-injector-x',
      ])
      t.match(notes, /WARNING: these revisions are ignored/)
      t.notMatch(await notesOf({}), /revisions are ignored/, 'nothing to say where there is none')
      const all = {
        revisions: [
          { name: 'x', namespace: 'tenant' },
          { name: 'default', namespace: 'mesh' },
        ],
      }
      t.notMatch(await notesOf(all, objects), /revisions are ignored/)
      t.same(named(await notesOf({ istioNamespaces: ['istio-system'] }, objects)), [
        '  revision blue: MutatingWebhookConfiguration istio-sidecar-injector-blue calls a Service in the namespace mesh, which is not read',
        '  revision green: MutatingWebhookConfiguration by-service calls a Service in the namespace mesh, which is not read',
      ])
      t.notMatch(
        await notesOf({ rbac: { create: false } }, objects),
        /revisions are ignored/,
        'who installs may not list them',
      )
    })
  },
)
