/** An earlier injection is undone before templates read the pod. */
import t from 'tap'
import { injectedNames, readOverrides, restorePod } from '../../src/inject/restore.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { revision } from './revision-fixture.ts'

const STATUS = 'sidecar.istio.io/status'
const OVERRIDES = 'proxy.istio.io/overrides'
const config = revision()

function injected(status: string | undefined, annotations: JsonObject = {}): JsonObject {
  return {
    metadata: { annotations: { ...annotations, ...(status !== undefined && { [STATUS]: status }) } },
    spec: {
      containers: [{ name: 'web' }, { name: 'istio-proxy' }],
      initContainers: [{ name: 'istio-init' }, { name: 'setup' }],
    },
  }
}

const status = JSON.stringify({
  containers: ['istio-proxy'],
  initContainers: ['istio-init'],
  revision: 'default',
})
const restore = (pod: JsonObject) => restorePod(pod, readOverrides(pod), config)

t.test('everything that the status annotation lists is removed, with the annotation', async (t) => {
  const pod = injected(status, { other: '1' })
  t.same(restore(pod), {
    metadata: { annotations: { other: '1' } },
    spec: { containers: [{ name: 'web' }], initContainers: [{ name: 'setup' }] },
  })
  t.same(pod, injected(status, { other: '1' }), 'the pod itself stays')
})

t.test('without a usable status annotation nothing is removed', async (t) => {
  for (const bad of [
    undefined,
    'x',
    '[]',
    '5',
    '{"containers":5}',
    '{"containers":[1]}',
    '{"revision":1}',
    '{"volumes":"x"}',
  ]) {
    const pod = injected(bad)
    t.equal(restore(pod), pod, String(bad))
  }
  t.same(restore(injected('null'))['metadata'], { annotations: {} }, 'null is an empty status')
  t.same(restore(injected('{"containers":[null],"initContainers":null}'))['metadata'], { annotations: {} })
})

t.test('merged Prometheus annotations are removed, and those of the user stay', async (t) => {
  const merged = {
    'prometheus.io/port': '15020',
    'prometheus.io/path': '/stats/prometheus',
    'prometheus.io/scrape': 'true',
  }
  t.same(restore(injected(status, merged))['metadata'], { annotations: {} })
  const own = { 'prometheus.io/port': '9100' }
  t.same(restore(injected(status, own))['metadata'], { annotations: own })
})

t.test('overridden containers are restored', async (t) => {
  const overrides = JSON.stringify({
    containers: [
      { name: 'istio-proxy', image: 'auto' },
      { name: 'web', image: 'no' },
    ],
    initContainers: [{ name: 'istio-init', image: 'own' }],
  })
  const { spec } = restore(injected(status, { [OVERRIDES]: overrides })) as {
    spec: { containers: JsonObject[]; initContainers: JsonObject[] }
  }
  t.match(spec.containers, [{ name: 'web' }, { name: 'istio-proxy', image: 'auto' }])
  t.equal(spec.containers.length, 2, 'one that is there is not added')
  t.match(spec.initContainers, [{ name: 'setup' }, { name: 'istio-init', image: 'own' }])
})

t.test('overrides that cannot be read are an error', async (t) => {
  t.throws(() => readOverrides(injected(undefined, { [OVERRIDES]: '{' })), { code: 'json-syntax' })
  t.throws(() => readOverrides(injected(undefined, { [OVERRIDES]: '{"containers":5}' })), {
    code: 'kube-type',
  })
  t.same(readOverrides(injected(undefined, { [OVERRIDES]: 'null' })), { containers: [], initContainers: [] })
})

t.test('names in the status annotation are read leniently', async (t) => {
  t.same([...injectedNames(injected(status)).containers], ['istio-proxy'])
  t.same([...injectedNames(injected('{"containers":[1,"a"],"initContainers":5}')).containers], ['a'])
  t.equal(injectedNames(injected('x')).containers.size, 0)
})

t.test('only the two lists of containers in the overrides annotation are read', async (t) => {
  const read = (text: string) => readOverrides({ metadata: { annotations: { [OVERRIDES]: text } } })
  const proxy = { name: 'istio-proxy', image: 'x', resources: {} }
  const foreign = { hostNetwork: 'x', volumes: 5, securityContext: [], ephemeralContainers: 'x' }
  t.same(read(JSON.stringify({ ...foreign, containers: [proxy] })), {
    containers: [proxy],
    initContainers: [],
  })
  t.same(read(JSON.stringify(foreign)), { containers: [], initContainers: [] })
  t.throws(() => read('{"containers":5}'), { name: 'KubeError' }, 'the lists themselves must decode')
  t.throws(() => read('5'), { name: 'KubeError' }, 'and so must the whole')
})

t.test('keys and numbers of the annotations are read as Go reads them', async (t) => {
  const read = (text: string) => readOverrides({ metadata: { annotations: { [OVERRIDES]: text } } })
  t.match(read('{"Containers":[{"NAME":"istio-proxy"}]}').containers, [{ name: 'istio-proxy' }])
  t.match(read('{"INITcontainers":[{"name":"istio-init"}]}').initContainers, [{ name: 'istio-init' }])
  const port = (number: string) => `{"containers":[{"name":"a","ports":[{"containerPort":${number}}]}]}`
  t.match(read(port('80')).containers, [{ ports: [{ containerPort: 80 }] }])
  for (const number of ['80.0', '8e1', '8E+1'])
    t.throws(
      () => read(port(number)),
      {
        path: 'containers[0].ports[0].containerPort',
        message: /containerPort: found a number with a point or an exponent, expected an integer$/,
      },
      number,
    )
  const limits = '{"containers":[{"name":"a 1.5","resources":{"limits":{"cpu":2.0}},"unknown":1e3}]}'
  t.match(read(limits).containers, [{ resources: { limits: { cpu: '2' } } }], 'quantities and unknown fields')

  t.same(restore(injected('{"Containers":["istio-proxy"],"INITCONTAINERS":["istio-init"]}'))['spec'], {
    containers: [{ name: 'web' }],
    initContainers: [{ name: 'setup' }],
  })
  const wrong = injected('{"Containers":[1]}')
  t.equal(restore(wrong), wrong)
  t.equal(injectedNames(injected('{"Containers":["istio-proxy"]}')).containers.size, 0, 'here Go reads a map')
})
