/** `inject` answers every annotation with a code of the table, within the counted budgets. */
import t from 'tap'
import { expectCold } from './expect-cold.ts'

t.test('expensive annotations stay within the limits', (t) => expectCold(t, 'annotations'))
