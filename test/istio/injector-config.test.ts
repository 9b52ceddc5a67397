import t from 'tap'
import { parseInjectorConfig, parseInjectorValues, parseIstioVersion } from '../../src/istio/index.ts'

const source = 'ConfigMap istio-system/istio-sidecar-injector, key config'
const parse = (text: string) => parseInjectorConfig(text, { source })

t.test('an injector configuration is decoded as Go decodes it', async (t) => {
  const config = parse(`
policy: enabled
DefaultTemplates: [sidecar, 5, true, null]
template: "{{ Template_Version_And_Istio_Version_Mismatched_Check_Installation }}"
templates:
  sidecar: "spec:"
  number: 7
aliases: {sidecar: [proxy, init], none: null}
neverInjectSelector:
- matchLabels: {a: b, x: 1}
- matchExpressions: [{key: k, operator: In, values: [v]}, {key: e, operator: Exists}]
alwaysInjectSelector: []
injectedAnnotations:
other: 1
`)
  t.equal(config.policy, 'enabled')
  t.same(config.defaultTemplates, ['sidecar', '5', 'true', ''])
  t.same(
    [...config.templates],
    [
      ['sidecar', 'spec:'],
      ['number', '7'],
    ],
  )
  t.same(
    [...config.aliases],
    [
      ['sidecar', ['proxy', 'init']],
      ['none', []],
    ],
  )
  t.same(config.neverInjectSelector, [
    { matchLabels: { a: 'b', x: '1' }, matchExpressions: [] },
    {
      matchLabels: {},
      matchExpressions: [
        { key: 'k', operator: 'In', values: ['v'] },
        { key: 'e', operator: 'Exists', values: [] },
      ],
    },
  ])
  t.same(config.alwaysInjectSelector, [])
  t.equal(config.injectedAnnotations.size, 0)
})

t.test('an empty configuration has the sidecar template as default', async (t) => {
  t.same(parse('').defaultTemplates, ['sidecar'])
  t.same(parse('defaultTemplates: []').defaultTemplates, ['sidecar'])
  t.equal(parse('').policy, '')
})

t.test('numbers become text as in Go', async (t) => {
  const text = 'defaultTemplates: [123456789.123, 1.5, 0.00001, 0.1, 123456.7, 1234567.8, 1e30, -2.5, 12]'
  const expected = [
    '1.2345679e+08',
    '1.5',
    '1e-05',
    '0.1',
    '123456.7',
    '1.2345678e+06',
    '1e+30',
    '-2.5',
    '12',
  ]
  t.same(parse(text).defaultTemplates, expected)
})

t.test('names of the prototype are ordinary keys', async (t) => {
  const config = parse('templates: {__proto__: a, constructor: b}\naliases: {__proto__: [c]}')
  t.same([...config.templates.keys()], ['__proto__', 'constructor'])
  t.same(config.aliases.get('__proto__'), ['c'])
})

t.test('values of the wrong type are refused with path and line', async (t) => {
  for (const [text, path] of [
    ['\ndefaultTemplates: a', 'defaultTemplates'],
    ['\ndefaultTemplates: [[a]]', 'defaultTemplates[0]'],
    ['\ntemplates: [a]', 'templates'],
    ['\ntemplates: {a: {b: c}}', 'templates.a'],
    ['\naliases: {a: b}', 'aliases.a'],
    ['\naliases: {a: [[b]]}', 'aliases.a[0]'],
    ['\nneverInjectSelector: {}', 'neverInjectSelector'],
    ['\nneverInjectSelector: [a]', 'neverInjectSelector[0]'],
    ['\nneverInjectSelector: [{matchExpressions: [a]}]', 'neverInjectSelector[0].matchExpressions[0]'],
    ['\npolicy: [a]', 'policy'],
  ] as const) {
    t.throws(() => parse(text), { code: 'injector-config-invalid', path, line: 2, source }, text)
  }
  t.throws(() => parse('text'), { code: 'injector-config-invalid', message: /expected a map, found "text"/ })
  t.throws(() => parse('a: b\n  c: ]'), { code: 'injector-config-invalid', line: 2 })
})

t.test('a configuration of 1.8 or older is refused with the reason', async (t) => {
  t.throws(() => parse('policy: enabled\ntemplate: |\n  containers: []\n'), {
    code: 'injector-config-too-old',
    line: 2,
    message: /Istio 1.8 and older; upgrade/,
  })
  t.doesNotThrow(() => parse('template: a\ntemplates: {sidecar: b}'))
})

t.test('values are decoded both as a map and as a message', async (t) => {
  const version = parseIstioVersion('1.30.3')
  if (version === undefined) throw new Error('not a release')
  const values = (text: string) => parseInjectorValues(text, { version, source: 'values' })
  const { facts, map } = values(
    JSON.stringify({
      global: {
        hub: 'h',
        tag: 1.2,
        variant: 'distroless',
        network: 'n',
        istioNamespace: 'mesh',
        multiCluster: { clusterName: 'c' },
        proxy: { image: 'i', holdApplicationUntilProxyStarts: true },
        proxy_init: { image: 'j' },
        unknown: [1],
      },
      pilot: { env: { A: 'b', N: 1, T: true, X: null, O: {} } },
      sidecarInjectorWebhook: { rewriteAppHTTPProbe: true, enableNamespacesByDefault: true },
    }),
  )
  t.same(facts, {
    hub: 'h',
    tag: '1.2',
    variant: 'distroless',
    proxyImage: 'i',
    proxyInitImage: 'j',
    clusterName: 'c',
    network: 'n',
    istioNamespace: 'mesh',
    rewriteAppHttpProbe: true,
    holdApplicationUntilProxyStarts: true,
    enableNamespacesByDefault: true,
    pilotEnv: new Map([
      ['A', 'b'],
      ['N', '1'],
      ['T', 'true'],
    ]),
  })
  t.ok(map !== null && 'global' in map)
  t.equal(values('').map, null)
  t.equal(values('').facts.hub, '')
  const tag = (text: string) => values(`global: {tag: ${text}}`).facts.tag
  t.equal(tag('null'), '<nil>')
  t.equal(tag('true'), 'true')
  t.equal(tag('1e22'), '1e+22')
  t.equal(tag('0.00000123'), '1.23e-06')
  t.equal(tag('latest'), 'latest')
  t.throws(() => values('global: {hub: 5}'), { code: 'injector-values-invalid', path: 'global.hub' })
  t.throws(() => values('[]'), { code: 'injector-values-invalid', message: /expected a map/ })
  t.throws(() => values('a: ['), { code: 'injector-values-invalid' })
  t.doesNotThrow(() => values('__proto__: 1\nconstructor: {a: b}'))
})
