/**
 * What a hostile template may do: it is refused by counted budgets, so by the same one on every machine, and the process
 * goes on. How long that takes is measured by `npm run bench:hostile`.
 */
import t from 'tap'
import type { Outcome } from '../../src/inject/index.ts'
import { HANG_CPU_MS, type Ran, runCase } from './hostile-case.ts'
import { expressionCases, templateCases } from './template-cases.ts'

for (const one of templateCases) {
  t.test(one.name, async (t) => {
    let ran: Ran<Outcome>
    try {
      ran = runCase(one)
    } catch (error) {
      // Refused when the configuration is compiled: no request ever meets it.
      t.match(error, { code: 'config-invalid' })
      return
    }
    t.match(ran.answer, { kind: 'refused', code: /^template-/ })
    t.ok(ran.cpuMs < HANG_CPU_MS, `${ran.cpuMs.toFixed(1)} ms`)
  })
}

t.test('regular expressions are linear in the text', async (t) => {
  for (const one of expressionCases) {
    const { answer, cpuMs } = runCase(one)
    t.match(answer.kind, /patched|refused/)
    t.ok(cpuMs < HANG_CPU_MS, `${one.name}: ${cpuMs.toFixed(1)} ms ${answer.code}`)
  }
})
