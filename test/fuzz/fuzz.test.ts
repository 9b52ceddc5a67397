/** A short run of each fuzz target from fixed seeds, which is the same on every machine without a corpus. */
import t from 'tap'
import { type Finding, noCounts, runCase } from './fuzz-target.ts'
import { compileSeeds, readSeeds } from './seeds.ts'
import { TARGETS } from './targets.ts'

const CASES: { readonly [target: string]: number } = {
  engine: 1000,
  'cached-pairs': 150,
  'review-bytes': 200,
  configurations: 30,
  sequences: 20,
}

const input = compileSeeds(readSeeds())

for (const target of TARGETS) {
  t.test(`${target.name}: ${target.about}`, async (t) => {
    const cases = CASES[target.name] ?? 0
    const counts = noCounts()
    const findings: Finding[] = []
    for (let seed = 1; seed <= cases; seed++) {
      const finding = runCase(target, seed, input, counts)
      if (finding !== undefined) findings.push(finding)
    }
    const message = `run \`npm run fuzz -- --target ${target.name} --case SEED\` to see one alone`
    t.strictSame(findings.slice(0, 3), [], message)
    t.ok(counts.reviews >= cases, `${counts.reviews} reviews`)
    t.ok(counts.outcomes.size > 4, 'the changes are not too tame')
    if (target.name !== 'engine') return
    const patched =
      (counts.outcomes.get('patched injected') ?? 0) + (counts.outcomes.get('patched reinjected') ?? 0)
    t.ok(patched > cases / 4, `${patched} were injected, so the changes are not too wild`)
  })
}
