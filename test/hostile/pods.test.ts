/** `inject` answers every unusual pod with a code of the table, within the counted budgets. */
import t from 'tap'
import { expectCold } from './expect-cold.ts'

t.test('unusual pods and deeply nested reviews stay within the limits', (t) =>
  expectCold(t, 'pods', ({ name, ran }) => {
    if (name.startsWith('review: ')) t.equal(ran?.kind, 'failure', name)
    if (/150,000/.test(name)) t.equal(ran?.code, 'pod-too-large-to-store', name)
  }),
)
