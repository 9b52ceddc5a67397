import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { watchEventLoopLag } from '../../src/observe/event-loop-lag.ts'

t.test('a hold-up is told for a window and the one after it', async (t) => {
  let now = 0
  const lag = watchEventLoopLag(() => now)
  t.teardown(() => lag.close())
  await sleep(50)
  const until = performance.now() + 200
  while (performance.now() < until);
  await sleep(50)
  t.ok(lag.seconds() > 0.1 && lag.seconds() < 5)
  now = 31_000
  t.ok(lag.seconds() > 0.1, 'whoever asks at the end of the window reads it')
  t.ok(lag.seconds() > 0.1, 'and so does who asks next')
  await sleep(50)
  now = 62_000
  lag.seconds()
  await sleep(50)
  t.ok(lag.seconds() < 0.1, 'then it is past')
})
