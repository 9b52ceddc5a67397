/** Errors and unusual settings in configurations, with ConfigMap, key, template and line. */
import t from 'tap'
import { noOptions, object } from '../../revisions/cluster-objects.ts'
import { checkObjects, healthy, install, linesOf } from './check-fixture.ts'

const others = healthy.filter(({ object: one }) => one['kind'] !== 'Namespace')

t.test('each broken part is reported with its ConfigMap, key, template and line', async (t) => {
  const objects = [
    ...install('broken', {
      templates: { one: 'a: 1\nb: {{ nosuch 1 }}\n', two: '{{ if }}' },
      values: { global: { hub: 5 } },
      mesh: 'connectTimeout: 1ms\ndefaultConfig: 5\n',
    }),
  ]
  const { findings, revisions } = checkObjects(objects)
  t.equal(revisions[0]?.serves, false)
  t.equal(revisions[0]?.istioVersion, '1.30.3', 'its version is detected all the same')
  const configMap = 'ConfigMap istio-system/istio-sidecar-injector-broken'
  t.match(findings, [
    {
      code: 'injector-values-invalid',
      severity: 'error',
      revision: 'broken',
      where: { object: configMap, key: 'values', path: 'global.hub' },
      message: /^global\.hub: expected a string, found 5$/,
    },
    {
      code: 'mesh-config-invalid',
      where: { object: 'ConfigMap istio-system/istio-broken', key: 'mesh', path: 'defaultConfig', line: 2 },
      message: /^defaultConfig: expected a map/,
    },
    {
      code: 'template-parse-error',
      where: { object: configMap, key: 'config', template: 'one', line: 2 },
      message: /^template: one:2: function "nosuch" not defined\n2 \| b: \{\{ nosuch 1 \}\}\n/,
    },
    { code: 'template-parse-error', where: { template: 'two', line: 1 } },
  ])
  t.equal(findings.length, 4)
})

t.test('invalid YAML, a missing key and an outdated form are found', async (t) => {
  const configMap = (data: { config?: string; values?: string }) => [
    object(
      'v1',
      'ConfigMap',
      {
        name: 'istio-sidecar-injector',
        namespace: 'istio-system',
        labels: { 'app.kubernetes.io/version': '1.30.3' },
      },
      { data },
    ),
  ]
  const first = (data: { config?: string; values?: string }) => checkObjects(configMap(data)).findings[0]
  t.match(first({ config: 'policy: on\ntemplates: [\n', values: '{}' }), {
    code: 'injector-config-invalid',
    where: { key: 'config', line: 3 },
  })
  t.match(first({ config: 'policy: enabled' }), {
    code: 'config-invalid',
    where: { key: 'values' },
    message: 'the key is missing',
  })
  t.match(first({ config: 'template: "{{ x }}"', values: '{}' }), { code: 'injector-config-too-old' })
})

t.test('unusual settings in a valid configuration are found', async (t) => {
  const impure = 'metadata: {annotations: {at: "{{ now }}"}}\n'
  const config = {
    policy: 'on',
    neverInjectSelector: [{ matchExpressions: [{ key: 'a', operator: 'Like' }] }],
  }
  const found = checkObjects([
    ...others,
    ...install('odd', { templates: { extra: impure }, config }),
  ]).findings
  t.match(found, [
    { severity: 'error', code: 'policy-unknown', where: { key: 'config' }, expected: 'enabled or disabled' },
    { severity: 'warning', code: 'template-impure', where: { template: 'extra' } },
    { severity: 'warning', code: 'selector-invalid', where: { path: 'neverInjectSelector[0]' } },
  ])
  t.equal(found.length, 3)
})

t.test('an unsupported version is reported, and its texts are not checked', async (t) => {
  const objects = [...others, ...install('old', { labels: { 'app.kubernetes.io/version': '1.8.2' } })]
  t.same(linesOf(objects), ['error istio-version-too-old old: revision old'])
})

t.test('mistakes in the cluster as a whole are found', async (t) => {
  const twoPlaces = [...healthy, ...install('canary', { namespace: 'mesh-system' })]
  t.ok(
    linesOf(twoPlaces).includes(
      'warning revision-untrusted canary: ConfigMap mesh-system/istio-sidecar-injector-canary',
    ),
  )
  const trust = { namespaces: ['istio-system', 'mesh-system'], only: false }
  t.match(linesOf(twoPlaces, { options: { ...noOptions, trust } }), [
    'error revision-in-two-namespaces canary: ConfigMap mesh-system/istio-sidecar-injector-canary',
  ])
  const twice = [...healthy, object('v1', 'Namespace', { name: 'plain' })]
  t.same(linesOf(twice), ['warning object-defined-twice -: Namespace plain (cluster.yaml)'])
  const malformed = [...healthy, object('v1', 'Namespace', { name: 'odd', labels: { a: true } })]
  t.same(linesOf(malformed), ['error object-malformed -: Namespace odd (cluster.yaml)'])
})
