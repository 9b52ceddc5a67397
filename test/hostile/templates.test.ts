/**
 * What a hostile template may do: it is refused by counted budgets, so by the same one on every machine, and the process
 * goes on. How long that takes is measured by `npm run bench:hostile`.
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
