import fc from 'fast-check'
import t from 'tap'
import { runPostPasses } from '../../../src/inject/post/index.ts'
import type { JsonObject, JsonValue, MutableJsonObject } from '../../../src/json/index.ts'
import { draftOf, postContext } from './context.ts'

/** JSON with the keys that the passes look at, where they look or elsewhere. */
const keys = fc.constantFrom(
  'metadata',
  'annotations',
  'labels',
  'spec',
  'containers',
  'initContainers',
  'name',
  'env',
  'value',
  'ports',
  'containerPort',
  'livenessProbe',
  'lifecycle',
  'preStop',
  'httpGet',
  'tcpSocket',
  'grpc',
  'port',
  'httpHeaders',
  'prometheus.io/port',
  'sidecar.istio.io/status',
  'status.sidecar.istio.io/port',
  '__proto__',
  'constructor',
)
const texts = fc.constantFrom(
  'istio-proxy',
  'istio-init',
  'ISTIO_KUBE_APP_PROBERS',
  '{"/a":{}}',
  '8080',
  'x',
  '',
)
const leaf: fc.Arbitrary<JsonValue> = fc.oneof(texts, fc.constantFrom<JsonValue>(null, true, 0, 15020, 1.5))
const { tree } = fc.letrec<{ tree: JsonValue; list: readonly JsonValue[]; object: JsonObject }>((tie) => ({
  tree: fc.oneof({ depthSize: 'medium', withCrossShrink: true }, leaf, tie('list'), tie('object')),
  list: fc.array(tie('tree'), { maxLength: 4 }),
  object: fc.dictionary(keys, tie('tree'), { maxKeys: 6 }),
}))
const pod = fc.record({
  metadata: fc.oneof(tree, fc.record({ annotations: fc.dictionary(keys, texts), labels: tree })),
  spec: fc.oneof(tree, fc.record({ containers: fc.array(tree), initContainers: tree })),
})

t.test('no value makes a pass throw, and objects shared with the request are unchanged', async () => {
  const context = postContext({ proxyEnv: new Map([['ISTIO_META_NETWORK', 'n']]) })
  fc.assert(
    fc.property(pod, (value) => {
      // Frozen below the root: a write in place would throw.
      const root: MutableJsonObject = { ...(draftOf(value).pod as MutableJsonObject) }
      runPostPasses(root, context)
    }),
    { numRuns: 1000 },
  )
})
