/**
 * Work is linear in the size of a pod, whatever it contains: every list and map of a pod and of its decoded annotations grows
 * to three times its size, and the counted work may grow by no more. Time plays no part. In CI from 100 to 300 KB;
 * `REMORA_TEST_GROWTH_BYTES=3000000 npx tap test/hostile/growth.test.ts` does it from 1 to 3 MB, which takes ten times as long.
 */
import t from 'tap'
import { runGrowth } from './run-growth.ts'

/** Sorting is n log n, which is 3.3 instead of 3 here. */
const TOLERANCE = 0.15
const large = Number(process.env['REMORA_TEST_GROWTH_BYTES'] ?? 300_000)

t.test('the work is linear in the size of the pod', async (t) => {
  const grown = await runGrowth({ small: large / 3, large })
  t.ok(grown.length > 250, `${grown.length} lists, maps and annotations`)
  for (const { name, small, large, code } of grown) {
    const allowed = (large.bytes / small.bytes) * (1 + TOLERANCE)
    const ratio = large.work / small.work
    t.ok(
      ratio <= allowed,
      `${name} (${code}): ${ratio.toFixed(2)} times the work, ${allowed.toFixed(2)} allowed`,
    )
  }
})
