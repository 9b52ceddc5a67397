/** No annotation is too much for `inject`: each gets an answer of the table, within the counted budgets. */
import t from 'tap'
import { isCode } from '../../src/inject/index.ts'
import { annotationGroups } from './annotation-cases.ts'
import { HANG_CPU_MS, runCase } from './hostile-case.ts'

for (const { name, cases } of annotationGroups) {
  t.test(name, async (t) => {
    for (const one of cases) {
      const { answer, cpuMs } = runCase(one)
      t.ok(isCode(answer.code), `${one.name}: ${answer.code}`)
      t.ok(cpuMs < HANG_CPU_MS, `${one.name} does not hang: ${cpuMs.toFixed(1)} ms, ${answer.code}`)
    }
  })
}

t.equal(Object.getOwnPropertyNames(Object.prototype).includes('a'), false, 'no prototype was written to')
