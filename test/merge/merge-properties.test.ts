import fc from 'fast-check'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { isSettled, strategicMerge } from '../../src/merge/index.ts'
import { keyBy, orderMerged } from '../../src/merge/list-order.ts'
import { randomTyped } from '../kube/random-pods.ts'

/** The text, so that the order of keys and items counts, or the error. */
function outcome(merge: () => JsonValue): string {
  try {
    return JSON.stringify(merge())
  } catch (error) {
    return String(error)
  }
}

t.test('a settled patch merges like any other', async (t) => {
  const pods = randomTyped('Pod', { keys: ['a', 'b', '__proto__'], odd: false })
  let merges = 0
  fc.assert(
    fc.property(pods, pods, (original, patch) => {
      t.ok(isSettled(patch))
      const plain = outcome(() => strategicMerge(original, patch, 'Pod'))
      if (plain.startsWith('{')) merges++
      return outcome(() => strategicMerge(original, patch, 'Pod', { settled: true })) === plain
    }),
    { numRuns: 400, seed: 21 },
  )
  t.ok(merges > 100, `${merges} merges`)
})

t.test('nulls and $patch, however deep, make a value unsettled', async (t) => {
  for (const value of [{ a: null }, [{ a: [{ b: null }] }], { $patch: 'delete' }, [{ $patch: 'x' }]])
    t.notOk(isSettled(value), JSON.stringify(value))
  for (const value of [null, 'a', [null], {}, { a: [{ $retainKeys: ['b'] }] }])
    t.ok(isSettled(value), JSON.stringify(value))
})

t.test('short lists without a common key are ordered as by the positions of all keys', async () => {
  const items = fc.uniqueArray(fc.constantFrom(...'abcdefghijklmnopqrst'), { maxLength: 20 })
  fc.assert(
    fc.property(items, fc.nat({ max: 20 }), (names, at) => {
      const list: JsonObject[] = names.map((name) => ({ name, mountPath: '/' }))
      const original = list.slice(0, at)
      const patch = list.slice(at)
      const merged = strategicMerge({ volumes: original }, { volumes: patch }, 'PodSpec')
      const ordered = orderMerged(original.concat(patch), patch, original, keyBy('name'))
      return JSON.stringify(merged['volumes']) === JSON.stringify(ordered)
    }),
    { numRuns: 300, seed: 22 },
  )
})

t.test('duplicate keys are merged, also if the patch itself has duplicates', async (t) => {
  const merge = (original: readonly JsonObject[], patch: readonly JsonObject[]) =>
    strategicMerge({ volumes: original }, { volumes: patch }, 'PodSpec')['volumes']
  t.strictSame(
    merge(
      [{ name: 'o' }],
      [
        { name: 'a', x: 1 },
        { name: 'a', y: 2 },
      ],
    ),
    [{ name: 'a', x: 1, y: 2 }, { name: 'o' }],
  )
  t.strictSame(merge([{ name: 'o' }, { name: 'p' }, { name: 'o' }], [{ name: 'a' }]), [
    { name: 'a' },
    { name: 'o' },
    { name: 'o' },
    { name: 'p' },
  ])
})
