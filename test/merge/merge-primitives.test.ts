/** Duplicates in lists of primitives are removed as Kubernetes does, without comparing each item with all others. */
import t from 'tap'
import type { JsonValue } from '../../src/json/index.ts'
import { mergePrimitives } from '../../src/merge/merge-primitives.ts'

/** Kubernetes' deduplicateScalars: the last item takes the place of each duplicate. */
function removedOneByOne(both: readonly JsonValue[]): JsonValue[] {
  const list = [...both]
  let length = list.length
  for (let i = 0; i < length - 1; i++)
    for (let j = i + 1; j < length; j++) if (list[i] === list[j]) list[j--] = list[--length] as JsonValue // within the list
  return list.slice(0, length)
}

/** The same numbers in every run. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    yield state
  }
}

t.test('the result is the same as comparing each item with all others', async (t) => {
  const random = numbers(7)
  const next = (below: number): number => random.next().value % below
  let found = 0
  for (let run = 0; run < 5000; run++) {
    const kinds = 1 + next(12)
    const list = (): JsonValue[] =>
      Array.from({ length: next(14) }, () => (next(2) === 0 ? next(kinds) : `v${next(kinds)}`))
    const [original, patch] = [list(), list()]
    const expected = removedOneByOne([...original, ...patch])
    const { items } = mergePrimitives(original, patch)
    if (JSON.stringify(items) !== JSON.stringify(expected)) t.same(items, expected)
    if (expected.length < original.length + patch.length) found++
  }
  t.ok(found > 1000, `${found} lists had duplicates`)
})

t.test('the work grows with the length of the list', async (t) => {
  // Compared one by one this is 2 * 10^10 comparisons.
  const finalizers = Array.from({ length: 200_000 }, (_, i) => `f-${i % 100_000}`)
  t.equal(mergePrimitives(finalizers, finalizers).items.length, 100_000)
})
