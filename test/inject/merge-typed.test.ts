import fc from 'fast-check'
import t from 'tap'
import { mergeTyped } from '../../src/inject/merge-typed.ts'
import { isObject, type JsonObject, own } from '../../src/json/index.ts'
import { decodePod } from '../../src/kube/index.ts'
import { isSettled, strategicMerge } from '../../src/merge/index.ts'
import { randomTyped } from '../kube/random-pods.ts'

/** Without the null that Go writes for missing containers. */
function settledPatch(pod: JsonObject): JsonObject {
  const { spec, metadata = {} } = decodePod(pod)
  if (!isObject(spec)) throw new Error('a typed pod has a spec')
  const { containers = null, ...rest } = spec
  return { metadata, spec: containers === null ? rest : spec }
}

t.test('a patch known to be typed gives the pod that any other gives', async (t) => {
  const pods = randomTyped('Pod', { keys: ['a', 'b', 'c'], odd: false })
  let merges = 0
  fc.assert(
    fc.property(pods, pods, (first, second) => {
      const pod = decodePod(first)
      const patch = settledPatch(second)
      let plain: JsonObject
      try {
        plain = decodePod(strategicMerge(pod, patch, 'Pod'))
      } catch {
        return true // items without their merge key
      }
      merges++
      const known = { typed: decodePod(patch), settled: isSettled(patch) }
      return [undefined, known].every(
        (knowledge) => JSON.stringify(mergeTyped(pod, patch, knowledge)) === JSON.stringify(plain),
      )
    }),
    { numRuns: 500, seed: 41 },
  )
  t.ok(merges > 100, `${merges} merges`)
})

t.test('unchanged parts of pod and patch stay the same objects', async (t) => {
  const pod = decodePod({ spec: { containers: [{ name: 'web' }], volumes: [{ name: 'v' }] } })
  const patch = settledPatch({ spec: { initContainers: [{ name: 'istio-init' }], volumes: [{ name: 'w' }] } })
  const merged = mergeTyped(pod, patch, { typed: decodePod(patch), settled: true })
  const [before, brought, after] = [pod, patch, merged].map((whole) => own(whole, 'spec') as JsonObject)
  t.equal(after?.['containers'], before?.['containers'])
  t.equal(after?.['initContainers'], brought?.['initContainers'])
  const [old, added, all] = [before, brought, after].map((spec) => spec?.['volumes'] as readonly JsonObject[])
  t.equal(all?.[0], added?.[0])
  t.equal(all?.[1], old?.[0])
})

t.test('of several errors the first one in the merged text is named, as in Go', async (t) => {
  const spec = { restartPolicy: 1, hostname: 2 }
  t.throws(() => mergeTyped(decodePod({}), { spec }), { code: 'kube-type', path: 'spec.hostname' })
})
