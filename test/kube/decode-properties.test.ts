import fc from 'fast-check'
import t from 'tap'
import { RemoraError } from '../../src/errors.ts'
import type { JsonValue } from '../../src/json/index.ts'
import { decodeMergedPod, decodePod, decodeTyped, KubeError } from '../../src/kube/index.ts'
import { strategicMerge } from '../../src/merge/index.ts'
import { decodePlainly } from './plain-decode.ts'
import { randomTyped } from './random-pods.ts'

const keys = ['a', 'b/c', '10', '9', '__proto__', '\u{1f600}', '\uffff']

/** The text, so that the order of keys counts, or the error with its path. */
function outcome(decode: () => JsonValue): string {
  try {
    return JSON.stringify(decode())
  } catch (error) {
    if (!(error instanceof RemoraError)) throw error
    // The plain form has Kubernetes' words only.
    if (error instanceof KubeError) return `${error.code} ${error.path ?? ''} ${error.reason}`
    return `${error.code} ${error.message}`
  }
}

for (const kind of ['good', 'odd', 'wrong'] as const) {
  t.test(`the codec decodes as its plain form does, ${kind} values`, async (t) => {
    let errors = 0
    fc.assert(
      fc.property(randomTyped('Pod', { keys, odd: kind !== 'good', wrong: kind === 'wrong' }), (pod) => {
        const plain = outcome(() => decodePlainly('Pod', pod))
        if (plain.startsWith('kube-')) errors++
        return outcome(() => decodePod(pod)) === plain
      }),
      { numRuns: 300, seed: 11 },
    )
    if (kind === 'wrong') t.ok(errors > 40, `${errors} errors were compared`)
    else t.equal(errors, 0)
  })
}

t.test('decoding a typed pod again returns the same object', async (t) => {
  fc.assert(
    fc.property(randomTyped('Pod', { keys: ['a', 'b'], odd: true }), (pod) => {
      const typed = decodePod(pod)
      const again = decodePod(typed)
      const identical = JSON.stringify(typed).includes(':null') || again === typed
      return identical && JSON.stringify(again) === JSON.stringify(typed)
    }),
    { numRuns: 200, seed: 12 },
  )
  t.pass()
})

t.test('a pod merged from typed pods decodes the same with and without known parts', async (t) => {
  const good = randomTyped('Pod', { keys: ['a', 'b', 'c'], odd: false })
  let merges = 0
  fc.assert(
    fc.property(good, good, fc.boolean(), (first, second, typedPatch) => {
      const pod = decodePod(first)
      const patch = typedPatch ? decodePod(second) : second
      let merged: JsonValue
      try {
        merged = strategicMerge(pod, patch, 'Pod')
      } catch {
        return true // items without their merge key
      }
      merges++
      const known = decodeMergedPod(merged, typedPatch ? [pod, patch] : [pod])
      return JSON.stringify(known) === JSON.stringify(decodePlainly('Pod', merged))
    }),
    { numRuns: 600, seed: 13 },
  )
  t.ok(merges > 100, `${merges} merges`)
})

t.test('a known part is reused unchanged, but only at the same position', async (t) => {
  const untyped = { name: 'a', nope: 1 }
  const pod = { metadata: {}, spec: { containers: [untyped] }, status: {} }
  t.equal(decodeMergedPod({ ...pod }, [pod])['spec'], pod.spec)
  const moved = { metadata: {}, spec: { containers: [], initContainers: [untyped] }, status: {} }
  t.same(decodeMergedPod(moved, [pod])['spec'], {
    containers: [],
    initContainers: [decodeTyped('Container', { name: 'a' })],
  })
})

t.test('maps with many keys are decoded as small ones are', async (t) => {
  const entries = Array.from({ length: 1000 }, (_, i): [string, string] => [`r-${1000 + i}`, `${i}m`])
  const some = Object.fromEntries(entries)
  for (const limits of [
    some,
    { ...some, 'r-1500': '1000' },
    { ...some, z: '1.0', a: '2' },
    { b: '0.5', ...some },
  ]) {
    const pod = { metadata: {}, spec: { containers: [{ name: 'a', resources: { limits } }] }, status: {} }
    t.equal(
      outcome(() => decodePod(pod)),
      outcome(() => decodePlainly('Pod', pod)),
    )
  }
})
