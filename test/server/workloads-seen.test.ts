import t from 'tap'
import { WorkloadsSeen } from '../../src/server/workloads-seen.ts'

t.test('what was seen is known for a generation or two', async (t) => {
  const seen = new WorkloadsSeen(2)
  t.equal(seen.meet(1), false)
  t.equal(seen.meet(1), true)
  t.equal(seen.meet(2), false)
  t.equal(seen.meet(3), false, 'a new generation begins')
  t.equal(seen.meet(1), true, 'the one before is still known')
  t.equal(seen.meet(4), false)
  t.equal(seen.meet(2), false, 'forgotten')
})

t.test('each workload is tried a few times, until what was learnt of them is gone', async (t) => {
  const seen = new WorkloadsSeen(100)
  const tries = (mark: number) => Array.from({ length: 6 }, () => seen.mayTry(mark))
  t.same(tries(1), [true, true, true, true, false, false])
  t.same(tries(2), [true, true, true, true, false, false], 'each for itself')
  seen.forgetTries()
  t.equal(seen.mayTry(1), true)
})

t.test('a workload that answers were given again to may be tried as before', async (t) => {
  const seen = new WorkloadsSeen(100)
  for (let i = 0; i < 20; i++) {
    t.equal(seen.mayTry(1), true)
    seen.served(1)
  }
})

t.test('marks that were tried are bounded too', async (t) => {
  const seen = new WorkloadsSeen(10)
  for (let i = 0; i < 4; i++) seen.mayTry(0)
  t.equal(seen.mayTry(0), false)
  for (let mark = 1; mark <= 10; mark++) seen.mayTry(mark)
  t.equal(seen.mayTry(0), true, 'forgotten with the others')
})
