import t from 'tap'
import { watchEventLoopLag } from '../../src/observe/event-loop-lag.ts'
import { waitUntil } from '../wait-until.ts'

/** In milliseconds, with the 10 ms that the timer itself takes. */
class StubbedDelays {
  max = 0
  enabled = false
  enable(): boolean {
    this.enabled = true
    return true
  }
  disable(): boolean {
    this.enabled = false
    return true
  }
  reset(): void {
    this.max = 0
  }
}

t.test('the longest delay is reported for its window of half a minute and for the next one', async (t) => {
  let now = 0
  const delays = new StubbedDelays()
  const lag = watchEventLoopLag(() => now, delays)
  const milliseconds = () => Math.round(lag.seconds() * 1000)
  t.ok(delays.enabled)
  t.equal(milliseconds(), 0, 'without a sample')
  delays.max = 210e6
  t.equal(milliseconds(), 200)
  now = 29_999
  t.equal(milliseconds(), 200)
  t.equal(delays.max, 210e6)
  now = 30_000
  t.equal(milliseconds(), 200, 'a scrape at the end of the window reads it')
  t.equal(delays.max, 0)
  delays.max = 60e6
  t.equal(milliseconds(), 200, 'and so does who asks next')
  delays.max = 310e6
  t.equal(milliseconds(), 300, 'unless this window has a longer one')
  delays.max = 60e6
  now = 60_000
  t.equal(milliseconds(), 200)
  t.equal(milliseconds(), 50, 'then it is past')
  lag.close()
  t.notOk(delays.enabled)
})

t.test('a delay of the event loop is measured', async (t) => {
  const lag = watchEventLoopLag()
  t.teardown(() => lag.close())
  await waitUntil('the hold-up', async () => {
    // The timer that measures must have begun before.
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (const end = performance.now() + 200; performance.now() < end; );
    await new Promise((resolve) => setTimeout(resolve, 50))
    return lag.seconds() > 0.1
  })
  t.pass()
})
