/** Istio's template functions, as templates call them: by release, with the answers that Go gave. */
import t from 'tap'
import { inject } from '../../../src/inject/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { pod, type RevisionSketch, requestFor, revision, snapshotOf } from '../revision-fixture.ts'

/** What `{{ <action> }}` writes. */
function render(action: string, object: JsonObject = pod(), sketch: RevisionSketch = {}): string {
  const sidecar = `metadata:\n  annotations:\n    out: {{ printf "%q" (print (${action})) }}\n`
  const config = revision({ ...sketch, templates: { sidecar } })
  const outcome = inject(requestFor(object), snapshotOf(config))
  if (outcome.kind !== 'patched') throw new Error('message' in outcome ? outcome.message : outcome.code)
  const { annotations } = outcome.pod['metadata'] as { annotations: { out: string } }
  return annotations.out
}

function table(
  name: string,
  rows: readonly (readonly [action: string, expected: string])[],
  object?: JsonObject,
  sketch?: RevisionSketch,
): void {
  t.test(name, async (t) => {
    for (const [action, expected] of rows) t.equal(render(action, object, sketch), expected, action)
  })
}

const rich = pod(
  {
    annotations: { a: '1', empty: '', 'k8s.v1.cni.cncf.io/networks': 'other' },
    labels: { app: 'web', 'app.kubernetes.io/version': 'v9' },
  },
  {
    containers: [
      {
        name: 'web',
        image: 'reg:5000/web:1.2@sha256:abc',
        ports: [
          { containerPort: 80 },
          { containerPort: 53, protocol: 'UDP' },
          { name: 'x', containerPort: 81, protocol: 'TCP' },
        ],
      },
      {
        name: 'istio-proxy',
        image: 'auto',
        ports: [{ containerPort: 15090 }, { containerPort: 9, protocol: 'SCTP' }],
      },
    ],
  },
)

table(
  'isset looks for the key alone',
  [
    ['isset .ObjectMeta.Annotations "a"', 'true'],
    ['isset .ObjectMeta.Annotations "empty"', 'true'],
    ['isset .ObjectMeta.Annotations "none"', 'false'],
    ['isset .ObjectMeta.Annotations "__proto__"', 'false'],
  ],
  rich,
)

table(
  'annotation falls back to the default as text',
  [
    ['annotation .ObjectMeta "a" 5', '1'],
    ['annotation .ObjectMeta "none" 5', '5'],
    ['annotation .ObjectMeta "none" .Values.missing', '<nil>'],
    ['annotation .ObjectMeta "none" .ProxyConfig.InterceptionMode', 'REDIRECT'],
    ['annotation .ObjectMeta "constructor" "x"', 'x'],
  ],
  rich,
)

table(
  'valueOrDefault replaces nil and the empty text only',
  [
    ['valueOrDefault "" "d"', 'd'],
    ['valueOrDefault .Values.missing "d"', 'd'],
    ['valueOrDefault 0 "d"', '0'],
    ['valueOrDefault false "d"', 'false'],
  ],
  rich,
)

table(
  'ports',
  [
    ['includeInboundPorts .Spec.Containers', '80,81,15090'],
    ['applicationPorts .Spec.Containers', '80,81'],
    ['excludeInboundPort 0 "1,2"', '1,2'],
    ['excludeInboundPort "" "1,2"', '1,2'],
    ['excludeInboundPort 2 "1,2"', '1,2'],
    ['excludeInboundPort " 3 " " 1 ,, 2"', '1,2,3'],
    ['excludeInboundPort 15020.0 ""', '15020'],
  ],
  rich,
)

table(
  'maps of texts',
  [
    ['toJSON .ObjectMeta.Annotations', '{"a":"1","empty":"","k8s.v1.cni.cncf.io/networks":"other"}'],
    ['toJSON (strdict "b" "<" "a")', '{"a":"","b":"\\u003c"}'],
    ['toJsonMap', 'null'],
    ['toJsonMap (strdict "a" "1") (strdict "a" "2" "b" "3")', '{"a":"2","b":"3"}'],
    ['omit .ObjectMeta.Labels "app"', 'map[app.kubernetes.io/version:v9]'],
    ['mergeMaps (strdict "a" "1") .ObjectMeta.Labels', 'map[a:1 app:web app.kubernetes.io/version:v9]'],
    ['len (mergeMaps)', '0'],
    ['index (mergeMaps) "x"', ''],
  ],
  rich,
)

table('texts', [
  ['indent 2 "a\\nb\\n\\nc"', 'a\n  b\n  \n  c'],
  ['directory "/a/b/c"', '/a/b/'],
  ['directory "c"', ''],
  ['contains "b" "abc"', 'true'],
  ['toLower "AÉΣ"', 'aéσ'],
  ['toLower "ABC"', 'abc'],
  ['kubevirtInterfaces "net1"', 'net1'],
  ['excludeInterfaces "net2"', 'net2'],
])

table(
  'JSON and YAML',
  [
    ['(index (fromJSON "[1,2]") 1)', '2'],
    ['fromJSON "bad"', '{}'],
    ['structToJSON .Values.missing', '{}'],
    [
      'structToJSON (index (index .Spec.Containers 0).Ports 2)',
      '{"name":"x","containerPort":81,"protocol":"TCP"}',
    ],
    ['structToJSON .ObjectMeta.Labels', '{"app":"web","app.kubernetes.io/version":"v9"}'],
    [
      'structToJSON (fromJSON "{\\"b\\":[1,null,true,\\"<\\"],\\"a\\":{}}")',
      '{"a":{},"b":[1,null,true,"\\u003c"]}',
    ],
    ['structToJSON .ProxyConfig.Concurrency', '2'],
    [
      'protoToJSON .ProxyConfig',
      '{"discoveryAddress":"istiod.test:15012","concurrency":2,"proxyMetadata":{"A":"1"}}',
    ],
    ['protoToJSON .ProxyConfig.DrainDuration', '"45s"'],
    ['formatDuration .ProxyConfig.DrainDuration', '45s'],
    ['toYaml .ObjectMeta.Labels', 'app: web\napp.kubernetes.io/version: v9\n'],
    [
      'toYaml (index .Spec.Containers 0).Ports',
      '- containerPort: 80\n- containerPort: 53\n  protocol: UDP\n- containerPort: 81\n  name: x\n  protocol: TCP\n',
    ],
    ['toYaml .Values.missing', 'null\n'],
  ],
  rich,
  { mesh: 'defaultConfig: {discoveryAddress: "istiod.test:15012", concurrency: 2, proxyMetadata: {A: "1"}}' },
)

table('omitNil drops nils and what they leave empty', [
  ['omitNil (fromJSON "{\\"a\\":null,\\"b\\":1}")', 'map[b:1]'],
  ['omitNil (fromJSON "{\\"a\\":{\\"b\\":null}}")', '<nil>'],
  ['omitNil (fromJSON "[1,null,[null]]")', '[1]'],
  ['omitNil (fromJSON "[null]")', '<nil>'],
  ['omitNil (fromJSON "[{}]")', '[map[]]'],
  ['omitNil "x"', 'x'],
  ['omitNil .Values.missing', '<nil>'],
])

t.test(
  'env reads the environment of the control plane, and an empty variable counts as missing',
  async (t) => {
    const sketch = { env: { A: 'x', B: '' } }
    t.equal(render('env "A" "d"', pod(), sketch), 'x')
    t.equal(render('env "B" "d"', pod(), sketch), 'd')
    t.equal(render('env "constructor" "d"', pod(), sketch), 'd')
  },
)

t.test('appendMultusNetwork handles both forms of the annotation as each release does', async (t) => {
  const append = (existing: string, network: string, version = '1.30.3') =>
    render(`appendMultusNetwork ${JSON.stringify(existing)} ${JSON.stringify(network)}`, pod(), { version })
  t.equal(append('', 'default/istio-cni'), 'default/istio-cni')
  t.equal(append('a', 'istio-cni'), 'a, istio-cni')
  t.equal(append('a, istio-cni', 'istio-cni'), 'a, istio-cni')
  t.equal(append('a, istio-cni', 'istio-cni', '1.14.0'), 'a, istio-cni, istio-cni')
  t.equal(append('[{"name":"a"}]', 'istio-cni'), '[{"name":"a"}, {"name": "istio-cni"}]')
  t.equal(
    append('[{"name":"a"}]', 'default/istio-cni'),
    '[{"name":"a"}, {"name": "istio-cni", "namespace": "default"}]',
  )
  t.equal(append('[{"name":"istio-cni"}]', 'istio-cni'), '[{"name":"istio-cni"}]')
  t.equal(
    append('[{"name":"istio-cni","namespace":"x"}]', 'default/istio-cni', '1.24.3'),
    '[{"name":"istio-cni","namespace":"x"}, {"name": "default/istio-cni"}]',
  )
  t.equal(
    append('[{"name":"istio-cni","namespace":"default"}]', 'default/istio-cni'),
    '[{"name":"istio-cni","namespace":"default"}]',
  )
  t.equal(append('[null]', 'istio-cni'), '[null, {"name": "istio-cni"}]')
  t.equal(append('[1]', 'istio-cni'), '[1]', 'no list of objects is left alone')
  t.equal(append('bad]', 'istio-cni'), 'bad]')
  t.equal(append('{"a":[]}', 'istio-cni'), '{"a":[]}')
})

t.test('otelResourceAttributes is empty unless a provider requires the conventions', async (t) => {
  const mesh =
    'extensionProviders: [{name: o, opentelemetry: {service: s, port: 1, serviceAttributeEnrichment: OTEL_SEMANTIC_CONVENTIONS}}]'
  const call =
    'otelResourceAttributes .MeshConfig .ObjectMeta.Annotations .ObjectMeta.Labels .DeploymentMeta.Namespace .Spec.Containers'
  t.equal(render(call, rich), '')
  t.equal(
    render(call, rich, { mesh }),
    'service.namespace=shop,service.version=v9,service.instance.id=shop.$(POD_NAME).web',
  )
  const images: readonly (readonly [string, string])[] = [
    ['reg:5000/web:1.2@sha256:abc', '1.2@sha256:abc'],
    ['web@sha256:abc', 'sha256:abc'],
    ['web:1', '1'],
  ]
  for (const [image, version] of images) {
    const found = render(call, pod({}, { containers: [{ name: 'c', image }] }), { mesh })
    t.equal(found, `service.namespace=shop,service.version=${version},service.instance.id=shop.$(POD_NAME).c`)
  }
  t.equal(
    render(call, pod({}, { containers: [{ name: 'c', image: 'web' }] }), { mesh }),
    'service.namespace=shop,service.instance.id=shop.$(POD_NAME).c',
  )
  const annotations = Object.fromEntries(
    ['namespace', 'version', 'instance.id'].map((name) => [
      `resource.opentelemetry.io/service.${name}`,
      name,
    ]),
  )
  t.equal(
    render(call, pod({ annotations }), { mesh }),
    'service.namespace=namespace,service.version=version,service.instance.id=instance.id',
  )
})

t.test('functions depend on the release, and an unknown one makes the configuration invalid', async (t) => {
  const since: readonly (readonly [call: string, before: string, from: string])[] = [
    ['excludeInterfaces ""', '1.14.6', '1.15.0'],
    ['toJsonMap', '1.17.8', '1.18.0'],
    ['strdict', '1.17.8', '1.18.0'],
    ['mergeMaps', '1.20.3', '1.21.0'],
    ['omitNil 1', '1.28.5', '1.28.6'],
    ['omitNil 1', '1.29.0', '1.29.1'],
    ['otelResourceAttributes .MeshConfig nil nil "" nil', '1.29.6', '1.30.0'],
  ]
  for (const [call, before, from] of since) {
    const compile = (version: string) => revision({ version, templates: { sidecar: `{{ ${call} }}` } })
    t.throws(
      () => compile(before),
      { code: 'config-invalid', message: /function ".*" not defined/ },
      `${call} in ${before}`,
    )
    if (!call.includes('nil')) t.doesNotThrow(() => compile(from), `${call} in ${from}`)
  }
})

t.test('before 1.19 toJson is an alias of toJSON', async (t) => {
  t.equal(
    render('toJson .ObjectMeta.Labels', rich, { version: '1.18.0' }),
    '{"app":"web","app.kubernetes.io/version":"v9"}',
  )
  t.throws(
    () => render('toJson 1', rich, { version: '1.18.0' }),
    /can't handle 1 for arg of type map\[string\]string/,
  )
})

table(
  'typed values as JSON',
  [
    ['structToJSON (list 1 2.5 "x" true nil)', '[1,2.5,"x",true,null]'],
    ['structToJSON .Spec.Volumes', '[{"name":"v","emptyDir":{"sizeLimit":"1Gi"}}]'],
    ['structToJSON .Spec.Tolerations', 'null'],
    ['structToJSON (index .Spec.Containers 0).ReadinessProbe', '{"httpGet":{"path":"/r","port":"http"}}'],
    ['structToJSON .ProxyConfig.InterceptionMode', '0'],
    [
      'structToJSON .Spec.Containers',
      '[{"name":"c","resources":{"limits":{"cpu":"1"}},"readinessProbe":{"httpGet":{"path":"/r","port":"http"}}}]',
    ],
    ['(index .Spec.Containers 0).ReadinessProbe.HTTPGet.Port.String', 'http'],
    ['(index .Spec.Containers 0).ReadinessProbe.HTTPGet.Port.IntValue', '0'],
    ['.ObjectMeta.GetLabels', 'map[]'],
    ['.ObjectMeta.GetUID', ''],
  ],
  pod(
    {},
    {
      volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Gi' } }],
      containers: [
        {
          name: 'c',
          resources: { limits: { cpu: '1' } },
          readinessProbe: { httpGet: { path: '/r', port: 'http' } },
        },
      ],
    },
  ),
)

t.test('hostile arguments exceed the budget', async (t) => {
  const rows: readonly (readonly [action: string, problem: RegExp])[] = [
    ['indent 1000000000 "a\\nb"', /too much text/],
    // toYaml reads the JSON that it converts, and is charged for that before it does.
    ['toYaml (dict "a" (repeat 1100000 "x"))', /too many steps/],
    ['omitNil (set (set .Values.m "a" .Values.m) "b" .Values.m)', /too many steps|too deep/],
  ]
  for (const [action, problem] of rows) {
    t.throws(() => render(action, pod(), { values: { m: {} } }), problem, action)
  }
  const twice = '(set (set .Values.m "a" .Values.m) "b" .Values.m)'
  t.equal(
    render(`toYaml ${twice}`, pod(), { values: { m: {} } }),
    '',
    'the first path down is too deep already',
  )
  t.equal(render(`structToJSON ${twice}`, pod(), { values: { m: {} } }), '{}', 'and so for JSON')
  t.equal(
    render('structToJSON (set .Values.m "a" .Values.m)', pod(), { values: { m: {} } }),
    '{}',
    'no JSON form, no answer',
  )
})
