/** No annotation is too much for `inject`: each gets an answer of the table, within the counted budgets. */
import t from 'tap'
import { expectCold } from './expect-cold.ts'

t.test('expensive annotations stay within the limits', (t) => expectCold(t, 'annotations'))
