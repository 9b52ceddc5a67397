/** A short run of scripts/fuzz.ts, the same on every machine that has no corpus beside the project. */
import t from 'tap'
import { fuzzCase } from './run-fuzz.ts'
import { seedConfigs, seedPods } from './seeds.ts'

const CASES = 1500

t.test('nothing makes the engine throw, hang or answer without a code', async (t) => {
  const input = { pods: seedPods(), configs: await seedConfigs() }
  const counts = { cases: 0, outcomes: new Map<string, number>() }
  const findings = []
  for (let seed = 1; seed <= CASES; seed++) {
    const finding = fuzzCase(seed, input, counts)
    if (finding !== undefined) findings.push(finding)
  }
  t.same(findings.slice(0, 5), [], 'run `npm run fuzz -- --case SEED` to see one alone')
  const patched =
    (counts.outcomes.get('patched injected') ?? 0) + (counts.outcomes.get('patched reinjected') ?? 0)
  t.ok(patched > CASES / 4, `${patched} were injected, so the changes are not too wild`)
  t.ok(counts.outcomes.size > 8, 'and not too tame')
})
