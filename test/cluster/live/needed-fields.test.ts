import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import * as fields from '../../../src/cluster/live/needed-fields.ts'
import { RESOURCES } from '../../../src/cluster/live/resources.ts'
import { parseManifest } from '../../../src/cluster/manifest.ts'
import { defaultTrust, readWebhookConfigurations, TrustedNamespaces } from '../../../src/istio/index.ts'
import { isObject, type JsonObject, own } from '../../../src/json/index.ts'
import { buildSnapshot, type ClusterObject } from '../../../src/revisions/index.ts'
import { findCorpus, skipWithoutCorpus } from '../../shared-corpus.ts'

const OF_KIND = new Map<string, fields.NeededFields>([
  ['Namespace', fields.namespaceFields],
  ['Node', fields.nodeFields],
  ['ConfigMap', fields.configMapFields],
  ['Deployment', fields.deploymentFields],
  ['Service', fields.serviceFields],
  ['MutatingWebhookConfiguration', fields.webhookConfigurationFields],
  ['ProxyConfig', fields.proxyConfigFields],
])
const OPTIONS = { istiodEnv: [], istioVersions: [] }
const examples = new URL('../../../examples/canary-upgrade/cluster/', import.meta.url).pathname
const installs = findCorpus('installs') ?? ''

function slim({ object }: ClusterObject): ClusterObject[] {
  const needed = OF_KIND.get(String(own(object, 'kind')))
  return needed === undefined ? [] : [{ object: needed(object) }]
}

/** A snapshot as plain data, without functions, which cannot be compared. */
function show(objects: readonly ClusterObject[]): unknown {
  const { snapshot } = buildSnapshot(objects, OPTIONS, undefined)
  const plain = (_key: string, value: unknown): unknown =>
    value instanceof Map ? [...value] : typeof value === 'bigint' ? `${value}` : value
  const { revisions, problems, ...rest } = snapshot
  return JSON.parse(
    JSON.stringify(
      {
        ...rest,
        // Messages name files, which only a folder has.
        problems: problems.map(({ code }) => code),
        revisions: [...revisions.values()].map(({ config, ...revision }) => ({ ...revision, config })),
      },
      plain,
    ),
  )
}

function strip(objects: readonly ClusterObject[]): ClusterObject[] {
  return objects.map(({ object }) => ({ object }))
}

t.test('a cluster with only the needed fields gives the same snapshot', async (t) => {
  const objects = globSync('*.yaml', { cwd: examples }).flatMap((file) =>
    parseManifest(file, readFileSync(`${examples}${file}`, 'utf8')),
  )
  t.ok(objects.length > 10)
  t.same(show(objects.flatMap(slim)), show(strip(objects)))
})

t.test("this is also true for Istio's installations", { skip: skipWithoutCorpus('installs') }, async (t) => {
  for (const file of globSync('*/*.json', { cwd: installs })) {
    const objects = parseManifest(file, readFileSync(join(installs, file), 'utf8'))
    t.same(show(objects.flatMap(slim)), show(strip(objects)), file)
  }
})

t.test('fields that are not needed are not kept', async (t) => {
  const noise = { managedFields: [{ manager: 'kubectl' }], uid: 'u', generation: 3 }
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    'openshift.io/sa.scc.uid-range': '1/2',
  }
  const cases: readonly (readonly [string, JsonObject, JsonObject])[] = [
    [
      'Namespace',
      { metadata: { name: 'n', labels: { a: 'b' }, annotations, ...noise }, status: { phase: 'Active' } },
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'n', labels: { a: 'b' }, annotations: { 'openshift.io/sa.scc.uid-range': '1/2' } },
      },
    ],
    [
      'Node',
      {
        metadata: { name: 'n', labels: { a: 'b' }, ...noise },
        status: { nodeInfo: { kubeletVersion: 'v1.33.0', osImage: 'x' }, images: [] },
      },
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'n' },
        status: { nodeInfo: { kubeletVersion: 'v1.33.0' } },
      },
    ],
    ['Node', {}, { apiVersion: 'v1', kind: 'Node', metadata: {}, status: { nodeInfo: {} } }],
    [
      'Service',
      {
        metadata: { name: 's', namespace: 'n', labels: { 'istio.io/tag': 'x' }, ...noise },
        spec: { ports: [] },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 's', namespace: 'n', labels: { 'istio.io/tag': 'x' }, uid: 'u' },
      },
    ],
  ]
  for (const [kind, whole, kept] of cases) t.same(OF_KIND.get(kind)?.(whole), kept, kind)
  const webhook = { name: 'w', clientConfig: { caBundle: 'x', service: { name: 's' } }, rules: [] }
  const kept = fields.webhookConfigurationFields({ metadata: { name: 'm' }, webhooks: [webhook, 7] })
  t.same(own(kept, 'webhooks'), [{ name: 'w', clientConfig: { service: { name: 's' } } }])
  const object = fields.configMapFields({
    metadata: { name: 'c', uid: 'u' },
    binaryData: {},
  })
  t.ok(isObject(object) && !Object.hasOwn(object, 'binaryData'))
})

t.test('only the needed parts of ConfigMaps, Services and Deployments are kept', async (t) => {
  const blue = {
    metadata: { name: 'blue', labels: { 'istio.io/rev': 'blue' } },
    webhooks: [
      {
        name: 'rev.namespace.sidecar-injector.istio.io',
        clientConfig: { service: { namespace: 'mesh', name: 'istiod-blue' } },
      },
    ],
  }
  const trust = new TrustedNamespaces(readWebhookConfigurations([blue]), defaultTrust)
  const kept = (kind: 'configmaps' | 'services' | 'deployments', metadata: JsonObject) =>
    RESOURCES[kind].keep?.(metadata, trust)
  const configMap = (name: string, namespace = 'istio-system') => kept('configmaps', { name, namespace })
  for (const name of ['istio', 'istio-canary', 'istio-sidecar-injector', 'istio-sidecar-injector-1-30-3']) {
    t.equal(configMap(name), 'whole', name)
  }
  for (const name of ['kube-root-ca.crt', 'istio-ca-root-cert', 'istiod', 'my-istio', 'values']) {
    t.equal(configMap(name), 'nothing', name)
  }
  t.equal(configMap('istio-sidecar-injector-blue', 'mesh'), 'whole')
  t.equal(configMap('istio-blue', 'mesh'), 'whole')
  t.equal(configMap('istio-sidecar-injector', 'mesh'), 'named', 'for just that revision')
  t.equal(configMap('istio-sidecar-injector-x', 'tenant'), 'named')
  t.equal(configMap('istio-x', 'tenant'), 'nothing', "a tenant's own")
  const service = (namespace: string) =>
    kept('services', { name: 's', namespace, labels: { 'istio.io/tag': 't' } })
  t.same(['istio-system', 'mesh', 'tenant'].map(service), ['whole', 'named', 'named'])
  const deployment = (namespace: string) => kept('deployments', { name: 'istiod', namespace })
  t.same(['istio-system', 'mesh', 'tenant'].map(deployment), ['whole', 'whole', 'nothing'])
})
