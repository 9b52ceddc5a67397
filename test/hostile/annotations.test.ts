/** No annotation is too much for `inject`: each gets an answer of the table, within the counted budgets. */
import t from 'tap'
import { expectCold } from './expect-cold.ts'

t.test('annotations made to cost much', (t) => expectCold(t, 'annotations'))
