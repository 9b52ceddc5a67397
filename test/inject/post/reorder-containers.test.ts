import t from 'tap'
import { runPostPasses } from '../../../src/inject/post/index.ts'
import { reorderContainers } from '../../../src/inject/post/reorder-containers.ts'
import type { MutableJsonObject } from '../../../src/json/index.ts'
import { draftOf, podWith, postContext, type TestContext } from './context.ts'

const named = (names: string) => names.split(' ').map((name) => ({ name }))

function order(containers: string, initContainers: string, over: TestContext = {}): string {
  const draft = draftOf({ spec: { containers: named(containers), initContainers: named(initContainers) } })
  reorderContainers(draft, postContext(over))
  const names = (list: 'containers' | 'initContainers') =>
    draft.containers(list).map((c) => (typeof c === 'object' && c !== null && 'name' in c ? c['name'] : '?'))
  return `${names('containers').join(' ')} | ${names('initContainers').join(' ')}`
}

t.test('the proxy is the last container, or the first if the application waits for it', async (t) => {
  t.equal(order('istio-proxy a b', 'x'), 'a b istio-proxy | x')
  const hold = { annotatedProxyConfig: { holdApplicationUntilProxyStarts: { value: true } } }
  t.equal(order('a istio-proxy b', 'x', hold), 'istio-proxy a b | x')
  t.equal(
    order('a istio-proxy b', 'x', { values: { holdApplicationUntilProxyStarts: true } }),
    'istio-proxy a b | x',
  )
  const explicit = { annotatedProxyConfig: { holdApplicationUntilProxyStarts: {} } }
  t.equal(order('a istio-proxy b', 'x', explicit), 'a b istio-proxy | x')
  t.equal(order('a b', 'x'), 'a b | x')
})

t.test('init containers are ordered around a classic proxy', async (t) => {
  t.equal(
    order('istio-proxy', 'istio-init a istio-validation'),
    'istio-proxy | istio-validation a istio-init',
  )
  t.equal(
    order('istio-proxy', 'enable-core-dump istio-init a'),
    'istio-proxy | a istio-init enable-core-dump',
  )
})

t.test('init containers are ordered around a native proxy', async (t) => {
  const from = 'a enable-core-dump istio-proxy b istio-init'
  t.equal(order('app', from), 'app | istio-init istio-proxy enable-core-dump a b')
  t.equal(order('app', 'a istio-proxy istio-validation'), 'app | istio-validation istio-proxy a')
  t.equal(order('app', from, { release: '1.18.0' }), 'app | a istio-proxy b istio-init enable-core-dump')
})

t.test('lists that are in order already stay the same objects', async (t) => {
  const spec = { containers: named('a istio-proxy'), initContainers: named('a istio-init') }
  const draft = draftOf({ spec })
  reorderContainers(draft, postContext())
  t.equal(draft.pod['spec'], spec)
})

t.test('the last of two containers with one name is kept', async (t) => {
  t.equal(order('istio-proxy a istio-proxy', 'x'), 'a istio-proxy | x')
})

t.test('all passes run in order without changing the request’s pod', async (t) => {
  const app = { name: 'app', livenessProbe: { httpGet: { port: 8080 } } }
  const sidecar = { name: 'sidecar', image: 'x' }
  const volumes = [{ name: 'v' }]
  const request = podWith([app, sidecar])
  const metadata: MutableJsonObject = {}
  const pod = { ...request, metadata, spec: { containers: [{ name: 'istio-proxy' }, app, sidecar], volumes } }
  const notes: { code: string; message: string }[] = []
  const proxyEnv = new Map([['ISTIO_META_CLUSTER_ID', 'c']])
  t.equal(runPostPasses(pod, postContext({ proxyEnv, notes })), undefined)
  const containers: readonly unknown[] = pod.spec.containers
  t.match(containers, [
    { name: 'app', livenessProbe: { httpGet: { port: 15020 } } },
    { name: 'sidecar' },
    { name: 'istio-proxy', env: [{ name: 'ISTIO_META_CLUSTER_ID' }, { name: 'ISTIO_KUBE_APP_PROBERS' }] },
  ])
  t.equal(containers[1], sidecar)
  t.equal(pod.spec.volumes, volumes)
  t.same(app, { name: 'app', livenessProbe: { httpGet: { port: 8080 } } })
  t.same(Object.keys(pod.metadata), ['annotations'])
})

t.test('a pass that refuses the pod ends the run', async (t) => {
  const pod = { ...podWith([]), metadata: { annotations: { 'prometheus.io/port': 'http' } } }
  t.match(runPostPasses(pod, postContext()), { code: 'prometheus-scrape-invalid' })
})
