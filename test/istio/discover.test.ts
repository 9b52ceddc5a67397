import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { controlPlaneEnvironment, discoverRevisions, type IstioObjects } from '../../src/istio/index.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../../src/json/index.ts'
import { findCorpus, skipWithoutCorpus } from '../shared-corpus.ts'

const none: IstioObjects = { configMaps: [], deployments: [], services: [], webhookConfigurations: [] }

function configMap(namespace: string, name: string, data: JsonObject): JsonObject {
  return { metadata: { namespace, name, labels: { 'istio.io/rev': 'x', number: 5 } }, data }
}
const injector = (namespace: string, suffix: string) =>
  configMap(namespace, `istio-sidecar-injector${suffix}`, { config: 'policy: enabled', values: '{}' })
const mesh = (namespace: string, suffix: string, text = '') =>
  configMap(namespace, `istio${suffix}`, { mesh: text })

function webhook(
  name: string,
  labels: JsonObject,
  service: JsonObject,
  names = ['rev.namespace.'],
  selector: JsonObject = {},
): JsonObject {
  return {
    metadata: { name, labels },
    webhooks: names.map((prefix) => ({
      name: `${prefix}sidecar-injector.istio.io`,
      clientConfig: { service },
      namespaceSelector: selector,
    })),
  }
}

t.test('revisions are found by their injector ConfigMap', async (t) => {
  const found = discoverRevisions({
    ...none,
    configMaps: [
      injector('istio-system', '-canary'),
      mesh('istio-system', '-canary', 'a: b'),
      mesh('other', '-canary', 'c: d'),
      injector('istio-system', ''),
      injector('istio-system', '-default'),
      injector('istio-system', '-'),
      configMap('istio-system', 'istio-sidecar-injector-broken', { values: '{}' }),
      configMap('istio-system', 'istio-sidecar-injectors', { config: '' }),
      configMap('istio-system', 'istio-ca-root-cert', { 'root-cert.pem': '' }),
      configMap('istio-system', 'istio-sidecar-injector-__proto__', { config: '' }),
      {},
    ],
  })
  t.same(
    [...found.revisions.keys()],
    ['__proto__', 'broken', 'canary', 'default'],
    'also one that lost its key',
  )
  const canary = found.revisions.get('canary')
  t.equal(canary?.namespace, 'istio-system')
  t.equal(canary?.mesh?.data.get('mesh'), 'a: b')
  t.equal(canary?.injector.name, 'istio-sidecar-injector-canary')
  t.same([...(canary?.injector.labels ?? [])], [['istio.io/rev', 'x']])
  t.equal(found.revisions.get('default')?.mesh, undefined)
  t.same(found.problems, [])
  t.equal(found.enableNamespacesByDefault, undefined)
})

t.test('if two namespaces define one revision, the one that its webhook names serves', async (t) => {
  const configMaps = [injector('zzz', '-a'), injector('aaa', '-a'), injector('istio-system', '-a')]
  const namespace = (objects: Partial<IstioObjects>) => {
    const found = discoverRevisions({ ...none, configMaps, ...objects })
    return { namespace: found.revisions.get('a')?.namespace, problems: found.problems }
  }
  t.match(namespace({}), {
    namespace: 'istio-system',
    problems: [
      { code: 'revision-untrusted', where: 'ConfigMap zzz/istio-sidecar-injector-a' },
      { code: 'revision-untrusted', where: 'ConfigMap aaa/istio-sidecar-injector-a' },
    ],
  })
  const config = webhook(
    'istio-sidecar-injector-a-zzz',
    { 'istio.io/rev': 'a' },
    { namespace: 'zzz', name: 'istiod-a' },
  )
  t.match(namespace({ webhookConfigurations: [config] }), {
    namespace: 'zzz',
    problems: [
      {
        code: 'revision-in-two-namespaces',
        message: /the one in zzz is used, the one in istio-system is not/,
      },
      { code: 'revision-untrusted', where: 'ConfigMap aaa/istio-sidecar-injector-a' },
    ],
  })
  const tag = webhook(
    'istio-revision-tag-t',
    { 'istio.io/rev': 'a', 'istio.io/tag': 't' },
    { namespace: 'zzz' },
  )
  t.equal(namespace({ webhookConfigurations: [tag] }).namespace, 'istio-system', 'a tag says nothing of that')
  t.equal(namespace({ configMaps: configMaps.slice(0, 2) }).namespace, undefined, 'no alphabetical order')
})

t.test('tags are found by webhook configurations, then by Services', async (t) => {
  const service = (name: string, labels: JsonObject): JsonObject => ({
    metadata: { namespace: 'istio-system', name, labels },
  })
  const found = discoverRevisions({
    ...none,
    configMaps: [injector('istio-system', '-canary'), injector('istio-system', '')],
    webhookConfigurations: [
      webhook(
        'istio-revision-tag-prod-mesh',
        { 'istio.io/tag': 'prod', 'istio.io/rev': 'other' },
        { namespace: 'mesh' },
      ),
      webhook(
        'istio-revision-tag-prod',
        { 'istio.io/tag': 'prod', 'istio.io/rev': 'canary' },
        { namespace: 'istio-system' },
      ),
      webhook(
        'tag-by-service',
        { 'istio.io/tag': 'old' },
        { namespace: 'istio-system', name: 'istiod-canary' },
      ),
      webhook('empty', { 'istio.io/tag': '', 'istio.io/rev': 'canary' }, {}),
      {
        metadata: { name: 'unrelated', labels: { 'istio.io/tag': 'no' } },
        webhooks: [{ name: 'validation.istio.io' }],
      },
      { metadata: { name: 'broken' }, webhooks: 'x' },
    ],
    services: [
      service('a', { 'istio.io/tag': 'prod', 'istio.io/rev': 'default' }),
      service('b', { 'istio.io/tag': 'stage', 'istio.io/rev': '' }),
      service('c', { 'istio.io/tag': 'gone', 'istio.io/rev': 'nothing' }),
      service('d', { 'istio.io/rev': 'canary' }),
      service('e', { 'istio.io/tag': 'none' }),
    ],
  })
  t.same(
    [...found.tags],
    [
      ['gone', 'nothing'],
      ['old', 'canary'],
      ['prod', 'canary'],
      ['stage', 'default'],
    ],
  )
  t.match(found.problems, [{ code: 'tag-without-revision', message: /tag gone points to revision nothing/ }])
})

t.test('auto injection follows the configuration that decides', async (t) => {
  const auto = (...webhookConfigurations: readonly JsonObject[]) =>
    discoverRevisions({ ...none, webhookConfigurations }).enableNamespacesByDefault
  const service = { namespace: 'istio-system', name: 'istiod' }
  const own = (names: string[], selector: JsonObject = {}) =>
    webhook('istio-sidecar-injector', { 'istio.io/rev': 'default' }, service, names, selector)
  const ofTag = (names: string[]) =>
    webhook(
      'istio-revision-tag-default',
      { 'istio.io/rev': 'canary', 'istio.io/tag': 'default' },
      service,
      names,
    )
  t.equal(auto(), undefined)
  t.equal(
    auto(webhook('c', { 'istio.io/rev': 'canary' }, service, ['auto.'])),
    undefined,
    'of another revision',
  )
  t.equal(auto(own(['namespace.', 'auto.'])), true)
  t.equal(auto(own(['namespace.'])), false)
  t.equal(auto(own(['auto.']), ofTag(['namespace.'])), false, 'the tag default decides')
  t.equal(auto(own(['namespace.']), ofTag(['auto.'])), true)
  t.equal(auto(own(['auto.'], { matchLabels: { 'istio.io/deactivated': 'never-match' } })), false)
  t.equal(
    auto(own(['auto.'], { matchExpressions: [{ key: 'istio.io/deactivated', operator: 'Exists' }, 1] })),
    false,
  )
})

t.test("a control plane's environment is its Deployment's, below the options", async (t) => {
  const deployment = (name: string, env: JsonValue, more: JsonObject = {}): JsonObject => ({
    metadata: { namespace: 'istio-system', name, ...more },
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'other', env: [{ name: 'A', value: 'no' }] },
            { name: 'discovery', env },
          ],
        },
      },
    },
  })
  const env: JsonValue = [
    { name: 'A', value: 'a' },
    { name: 'EMPTY' },
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { value: 'x' },
    'broken',
  ]
  const find = (...deployments: JsonObject[]) =>
    discoverRevisions({
      ...none,
      configMaps: [injector('istio-system', '-canary')],
      deployments,
    }).revisions.get('canary')
  const found = find(deployment('istiod', [{ name: 'A', value: 'wrong' }]), deployment('istiod-canary', env))
  t.same(
    [...(found?.deploymentEnv ?? [])],
    [
      ['A', 'a'],
      ['EMPTY', ''],
    ],
  )
  const labels = { app: 'istiod', 'istio.io/rev': 'canary' }
  t.equal(find(deployment('pilot', env, { labels }))?.deploymentEnv.get('A'), 'a', 'by its labels')
  t.equal(find(deployment('istiod-canary', env, { namespace: 'other' }))?.deploymentEnv.size, 0)
  t.equal(find({ metadata: { namespace: 'istio-system', name: 'istiod-canary' } })?.deploymentEnv.size, 0)
  if (found === undefined) return
  const options = [
    { revision: 'canary', name: 'A', value: 'own' },
    { revision: undefined, name: 'A', value: 'all' },
    { revision: undefined, name: 'B', value: 'b' },
    { revision: 'other', name: 'C', value: 'c' },
  ]
  t.same(
    [...controlPlaneEnvironment(found, options)],
    [
      ['A', 'own'],
      ['EMPTY', ''],
      ['B', 'b'],
    ],
  )
})

const installs = findCorpus('installs') ?? ''

t.test(
  'every revision and tag of real installations is found',
  { skip: skipWithoutCorpus('installs') },
  async (t) => {
    for (const version of ['1.28.3', '1.30.3', '1.31.0-dev']) {
      const read = (name: string): readonly JsonObject[] => {
        const list: JsonValue = JSON.parse(readFileSync(join(installs, version, `${name}.json`), 'utf8'))
        const items = isObject(list) ? own(list, 'items') : undefined
        return Array.isArray(items) ? items.filter(isObject) : []
      }
      const all = [...read('default'), ...read('canary-tag-prod'), ...read('blue')]
      const kind = (name: string) => all.filter((object) => own(object, 'kind') === name)
      const found = discoverRevisions({
        configMaps: kind('ConfigMap'),
        deployments: kind('Deployment'),
        services: kind('Service'),
        webhookConfigurations: kind('MutatingWebhookConfiguration'),
      })
      t.same([...found.revisions.keys()], ['blue', 'canary', 'default'], version)
      t.equal(found.revisions.get('blue')?.namespace, 'mesh-system')
      t.equal(found.revisions.get('blue')?.mesh?.name, 'istio-blue')
      t.equal(found.revisions.get('canary')?.deploymentEnv.get('REVISION'), 'canary')
      t.same([...found.tags], [['prod', 'canary']])
      t.equal(found.enableNamespacesByDefault, false)
      t.same(found.problems, [])
    }
  },
)
