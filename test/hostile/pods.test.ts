/** No pod is too odd for `inject`: each gets an answer of the table, within the counted budgets. */
import t from 'tap'
import { isCode } from '../../src/inject/index.ts'
import { HANG_CPU_MS, runCase } from './hostile-case.ts'
import { podGroups, reviewCases } from './pod-cases.ts'

for (const { name, cases } of podGroups) {
  t.test(name, async (t) => {
    for (const one of cases) {
      const { answer, cpuMs } = runCase(one)
      t.ok(isCode(answer.code), `${one.name}: ${answer.kind} ${answer.code}`)
      t.ok(cpuMs < HANG_CPU_MS, `${one.name} does not hang: ${cpuMs.toFixed(1)} ms, ${answer.code}`)
      if (answer.kind === 'patched') JSON.stringify(answer.patch) // what is answered; what lies deeper stays where it is
    }
  })
}

t.test('reviews 10,000 deep are told as such', async (t) => {
  for (const one of reviewCases) {
    const { answer, cpuMs } = runCase(one)
    t.equal(answer.kind, 'failure', one.name)
    t.ok(cpuMs < HANG_CPU_MS, `${one.name}: ${cpuMs.toFixed(1)} ms`)
  }
})

t.equal(({} as { x?: unknown }).x, undefined, 'no prototype was written to')
