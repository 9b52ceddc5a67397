/** Probes and small reviews get their turn between large reviews, however many of those came together. */
import t from 'tap'
import { Turns } from '../../src/server/turns.ts'

const LARGE = 3_000_000

t.test('large reviews are answered one in a turn of the event loop, in their order', async (t) => {
  const turns = new Turns()
  const seen: string[] = []
  const count = (left: number): void => {
    seen.push('turn')
    if (left > 0) setImmediate(count, left - 1)
  }
  const answers = ['a', 'b', 'c', 'd'].map((name) =>
    turns.take(LARGE, () => {
      seen.push(name)
      return name
    }),
  )
  setImmediate(count, 20)
  t.same(await Promise.all(answers), ['a', 'b', 'c', 'd'])
  t.same(
    seen.filter((one) => one !== 'turn'),
    ['a', 'b', 'c', 'd'],
  )
  for (const [i, one] of seen.entries())
    if (one !== 'turn' && i > 0) t.equal(seen[i - 1], 'turn', `the event loop turned before ${one}`)
})

t.test('a small review is answered at once, also while large ones wait', async (t) => {
  const turns = new Turns()
  const large = turns.take(LARGE, () => 'large')
  t.equal(
    turns.take(1000, () => 'small'),
    'small',
  )
  t.equal(await large, 'large')
})

t.test('one that throws rejects, and those behind it are answered', async (t) => {
  const turns = new Turns()
  const bad = turns.take(LARGE, () => {
    throw new Error('broken')
  })
  const good = turns.take(LARGE, async () => 'good')
  await t.rejects(Promise.resolve(bad), { message: 'broken' })
  t.equal(await good, 'good')
})
