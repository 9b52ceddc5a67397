import t from 'tap'
import { rewriteProbes } from '../../../src/inject/post/rewrite-probes.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { draftOf, podWith, postContext, type TestContext } from './context.ts'

const PROBERS = 'ISTIO_KUBE_APP_PROBERS'

function rewrite(pod: JsonObject, over: TestContext = {}) {
  const draft = draftOf(pod)
  const context = postContext(over)
  rewriteProbes(draft, context)
  const place = draft.findContainer('istio-proxy')
  const env = place === undefined ? [] : draft.container(place)['env']
  const list: readonly JsonObject[] = Array.isArray(env) ? env : []
  const probers = list.filter((v) => v['name'] === PROBERS).map((v) => v['value'])
  return { draft, probers, notes: context.notes.map((n) => n.code) }
}
const first = { list: 'containers', index: 0 } as const

t.test('an HTTP probe is redirected to the agent, with a named port resolved', async (t) => {
  const app = {
    name: 'app',
    ports: [{ name: 'web', containerPort: 1 }, { name: 'web', containerPort: 8080 }, { containerPort: 9 }],
    readinessProbe: {
      httpGet: {
        scheme: 'HTTPS',
        httpHeaders: [{ value: 'v<', name: 'n' }],
        host: 'h',
        port: 'web',
        path: '/ready',
      },
      periodSeconds: 5,
      timeoutSeconds: 3,
    },
    livenessProbe: { httpGet: { port: 8081, httpHeaders: [], scheme: 'HTTP' } },
    startupProbe: { exec: { command: ['x'] } },
  }
  const { draft, probers } = rewrite(podWith([app]))
  t.same(probers, [
    '{"/app-health/app/livez":{"httpGet":{"port":8081,"scheme":"HTTP"}},' +
      '"/app-health/app/readyz":{"httpGet":{"path":"/ready","port":8080,"host":"h","scheme":"HTTPS","httpHeaders":[{"name":"n","value":"v\\u003c"}]},"timeoutSeconds":3}}',
  ])
  const container = draft.container(first)
  t.same(container['readinessProbe'], {
    httpGet: {
      scheme: 'HTTP',
      httpHeaders: [{ value: 'v<', name: 'n' }],
      host: 'h',
      port: 15020,
      path: '/app-health/app/readyz',
    },
    periodSeconds: 5,
    timeoutSeconds: 3,
  })
  t.equal(container['startupProbe'], app.startupProbe)
  t.equal(container['ports'], app.ports, 'what is not touched stays the same object')
})

t.test('TCP and gRPC probes become HTTP probes', async (t) => {
  const app = {
    name: 'app',
    readinessProbe: { tcpSocket: { port: 9, host: '' }, failureThreshold: 2 },
    livenessProbe: { grpc: { port: 50051 }, httpGet: null },
    startupProbe: { grpc: { service: 'svc', port: 50051 } },
  }
  const { draft, probers } = rewrite(podWith([app]))
  t.same(probers, [
    '{"/app-health/app/livez":{"grpc":{"port":50051,"service":null}},' +
      '"/app-health/app/readyz":{"tcpSocket":{"port":9}},' +
      '"/app-health/app/startupz":{"grpc":{"port":50051,"service":"svc"}}}',
  ])
  const container = draft.container(first)
  t.same(container['readinessProbe'], {
    failureThreshold: 2,
    httpGet: { path: '/app-health/app/readyz', port: 15020 },
  })
  t.same(container['livenessProbe'], { httpGet: { path: '/app-health/app/livez', port: 15020 } })
  const old = rewrite(podWith([app]), { release: '1.11.0' })
  t.same(old.draft.container(first), app)
  const middle = rewrite(podWith([app]), { release: '1.12.0' })
  t.same(middle.probers, ['{"/app-health/app/readyz":{"tcpSocket":{"port":9}}}'])
})

t.test('lifecycle handlers are rewritten from 1.25 on', async (t) => {
  const app = {
    name: 'app',
    lifecycle: {
      preStop: { httpGet: { port: 8080, path: '/bye' }, timeoutSeconds: 9 },
      postStart: { tcpSocket: { port: 'x' } },
      stopSignal: 'TERM',
    },
  }
  const { draft, probers } = rewrite(podWith([app]))
  t.same(probers, ['{"/app-lifecycle/app/prestopz":{"httpGet":{"path":"/bye","port":8080}}}'])
  t.same(draft.container(first)['lifecycle'], {
    preStop: { httpGet: { path: '/app-lifecycle/app/prestopz', port: 15020 }, timeoutSeconds: 9 },
    postStart: { httpGet: { path: '/app-lifecycle/app/poststartz', port: 15020 } },
    stopSignal: 'TERM',
  })
  t.equal(rewrite(podWith([app]), { release: '1.24.2' }).draft.container(first), app)
  const other = { name: 'app', lifecycle: { preStop: { exec: {} }, postStart: { grpc: { port: 1 } } } }
  t.equal(rewrite(podWith([other])).draft.container(first), other)
})

t.test('init containers are rewritten from 1.19 on, the proxy never', async (t) => {
  const httpGet = { port: 1 }
  const initContainers = [
    { name: 'native', restartPolicy: 'Always', startupProbe: { httpGet } },
    { name: 'istio-proxy', readinessProbe: { httpGet: { port: 15021 } } },
  ]
  const pod = { spec: { initContainers, containers: [{ name: 'app', livenessProbe: { httpGet } }] } }
  const { draft, probers } = rewrite(pod)
  t.same(probers, [
    '{"/app-health/app/livez":{"httpGet":{"port":1}},"/app-health/native/startupz":{"httpGet":{"port":1}}}',
  ])
  t.match(draft.containers('initContainers')[1], { readinessProbe: { httpGet: { port: 15021 } } })
  const classic = podWith([{ name: 'app' }], {
    spec: { initContainers: [initContainers[0] ?? {}], containers: [{ name: 'istio-proxy' }] },
  })
  t.same(rewrite(classic, { release: '1.18.7' }).probers, [])
})

t.test(
  'a probe with an unresolved port, or already rewritten, adds no prober and targets the agent',
  async (t) => {
    for (const port of ['nope', '', 15020]) {
      const { draft, probers } = rewrite(podWith([{ name: 'app', livenessProbe: { httpGet: { port } } }]))
      t.same(probers, [], String(port))
      t.match(draft.container(first)['livenessProbe'], { httpGet: { port: 15020 } })
    }
    const wrong = podWith([{ name: 'app', livenessProbe: { httpGet: { port: true } } }])
    t.same(rewrite(wrong).probers, [])
    const unnumbered = { name: 'app', ports: [{ name: 'p' }], livenessProbe: { httpGet: { port: 'p' } } }
    t.same(rewrite(podWith([unnumbered])).probers, ['{"/app-health/app/livez":{"httpGet":{"port":0}}}'])
  },
)

t.test(
  'the annotation, then the values decide whether probes are rewritten; without a proxy they are not',
  async (t) => {
    const app = { name: 'app', livenessProbe: { httpGet: { port: 8080 } } }
    const annotated = (value: string) =>
      podWith([app], { metadata: { annotations: { 'sidecar.istio.io/rewriteAppHTTPProbers': value } } })
    const off = { values: { rewriteAppHttpProbe: false } }
    t.equal(rewrite(podWith([app]), off).probers.length, 0)
    t.equal(rewrite(annotated('true'), off).probers.length, 1)
    t.equal(rewrite(annotated('false')).probers.length, 0)
    t.equal(rewrite(annotated('x')).probers.length, 1)
    const spec = { containers: [app] }
    t.equal(rewrite({ spec }).draft.pod['spec'], spec)
  },
)

t.test("the agent's port is that of the pod if the pod sets one", async (t) => {
  const app = { name: 'app', livenessProbe: { httpGet: { port: 15020 } } }
  const at = (value: string) =>
    rewrite(podWith([app], { metadata: { annotations: { 'status.sidecar.istio.io/port': value } } }))
  t.match(at('15999').draft.container(first), { livenessProbe: { httpGet: { port: 15999 } } })
  const spaced = at(' 15999')
  t.match(spaced.draft.container(first), { livenessProbe: { httpGet: { port: 0 } } })
  t.same(spaced.notes, ['status-port-unreadable'])
})

t.test('probers of an earlier injection are kept', async (t) => {
  const app = { name: 'app', livenessProbe: { httpGet: { port: 8080 } } }
  const injected = (env: JsonObject[] | undefined): JsonObject => ({
    metadata: { annotations: { 'sidecar.istio.io/status': '{}' } },
    spec: { containers: [app, { name: 'istio-proxy', ...(env === undefined ? {} : { env }) }] },
  })
  const fresh = '{"/app-health/app/livez":{"httpGet":{"port":8080}}}'
  const earlier = (value: string) => injected([{ name: 'A' }, { name: PROBERS, value }])

  t.same(
    rewrite(
      earlier(
        '{"/app-health/z/livez":{"timeoutSeconds":1,"tcpSocket":{"host":"h","port":"p"},"x":1},"/app-health/app/livez":{"httpGet":{"path":"/<","port":1}},"/n":null,"/g":{"grpc":{"port":1,"service":"s"}},"/e":{}}',
      ),
    ).probers,
    [
      '{"/app-health/app/livez":{"httpGet":{"path":"/\\u003c","port":1}},"/app-health/z/livez":{"tcpSocket":{"port":"p","host":"h"},"timeoutSeconds":1},"/e":{},"/g":{"grpc":{"port":1,"service":"s"}},"/n":null}',
    ],
  )
  t.same(rewrite(earlier('null')).probers, [fresh])
  for (const bad of [
    '{',
    '[]',
    '"x"',
    '{"/a":1}',
    '{"/a":{"httpGet":[]}}',
    '{"/a":{"httpGet":{"port":true}}}',
    '{"/a":{"httpGet":{"path":1}}}',
    '{"/a":{"httpGet":{"httpHeaders":{}}}}',
    '{"/a":{"grpc":{"port":"x"}}}',
    '{"/a":{"timeoutSeconds":"1"}}',
    // Go's integers have 32 bits here, and no point or exponent.
    '{"/a":{"timeoutSeconds":2147483648}}',
    '{"/a":{"timeoutSeconds":1.5}}',
    '{"/a":{"tcpSocket":{"port":80.0}}}',
    '{"/a":{"grpc":{"port":8e1}}}',
  ]) {
    const result = rewrite(earlier(bad))
    t.same(result.probers, [bad])
    t.same(result.notes, ['app-probers-unreadable'], bad)
  }
  t.same(
    rewrite(
      earlier(
        '{"/app-health/app/livez":{"HTTPGET":{"Path":"/\\ud800","PORT":80,"unknown":1e3}},"/a":{"initialDelaySeconds":"x","tcpSocket":null,"TimeoutSECONDS":3}}',
      ),
    ).probers,
    ['{"/a":{"timeoutSeconds":3},"/app-health/app/livez":{"httpGet":{"path":"/\ufffd","port":80}}}'],
    'keys in any case, fields of others ignored, and half a surrogate pair replaced',
  )
  t.same(rewrite(injected(undefined)).probers, [fresh])
  t.same(rewrite(injected(undefined), { release: '1.26.2' }).probers, [])
  t.same(rewrite(earlier('{"/a":{}}'), { release: '1.16.0' }).probers, ['{"/a":{}}', fresh])
})
