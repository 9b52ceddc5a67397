/**
 * Kubernetes allows 256 KiB of annotations in total; exactly the pods that would exceed it after injection are
 * refused.
 */
import t from 'tap'
import { MAX_ANNOTATION_BYTES } from '../../src/inject/annotation-size.ts'
import { inject } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { pod, requestFor, revision, snapshotOf } from './revision-fixture.ts'

const snapshot = snapshotOf(
  revision({ templates: { sidecar: 'spec: { containers: [{ name: istio-proxy, image: proxy }] }' } }),
)
const injected = (object: JsonObject) => inject(requestFor(object), snapshot)

function annotationBytes(object: JsonObject): number {
  const { annotations = {} } = object['metadata'] as { annotations?: Record<string, string> }
  return Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  )
}

t.test('a pod at exactly the limit is injected, and a pod one byte above it is refused', async (t) => {
  const small = injected(pod({ annotations: { note: '' } }))
  if (small.kind !== 'patched') throw new Error(small.code)
  const space = MAX_ANNOTATION_BYTES - annotationBytes(small.pod)
  const full = injected(pod({ annotations: { note: 'x'.repeat(space) } }))
  t.equal(full.code, 'injected')
  if (full.kind === 'patched') t.equal(annotationBytes(full.pod), MAX_ANNOTATION_BYTES)
  const over = injected(pod({ annotations: { note: 'x'.repeat(space + 1) } }))
  t.match(over, { kind: 'refused', code: 'annotations-too-large', message: /262144 bytes in total/ })
})

t.test('the limit counts bytes of UTF-8, not characters', async (t) => {
  const half = pod({ annotations: { note: '\u00e9'.repeat(MAX_ANNOTATION_BYTES / 2) } })
  t.equal(injected(half).code, 'annotations-too-large')
})

t.test('annotations that injection replaces do not count', async (t) => {
  const long = 'x'.repeat(MAX_ANNOTATION_BYTES)
  for (const name of ['sidecar.istio.io/status', 'prometheus.io/path'])
    t.not(injected(pod({ annotations: { [name]: long } })).code, 'annotations-too-large', name)
})

t.test("the pod's own istio-proxy counts, since it is kept in an annotation", async (t) => {
  const env = [{ name: 'LONG', value: 'x'.repeat(MAX_ANNOTATION_BYTES) }]
  const object = pod({}, { containers: [{ name: 'web' }, { name: 'istio-proxy', env }] })
  t.match(injected(object), { kind: 'refused', code: 'annotations-too-large' })
})
