/**
 * Hostile templates are refused by counted budgets, so by the same one on every machine, and the process continues.
 * `npm run bench:hostile` measures the time.
 */
import t from 'tap'
import { expectCold } from './expect-cold.ts'

t.test('expensive templates stay within the limits', (t) =>
  expectCold(t, 'templates', ({ name, ran }) => {
    if (name.startsWith('template: '))
      t.match(ran?.kind === 'not compiled' ? 'template-' : ran?.code, /^template-/, name)
    else t.match(ran?.kind, /patched|refused/, name)
  }),
)
