import t from 'tap'
import { RetryWindow } from '../../src/server/retry-window.ts'

const URL = '/revisions/gone/inject?timeout=10s'

function setUp() {
  const clock = { ms: 0 }
  const retries = new RetryWindow({ now: () => clock.ms })
  const at = (ms: number, uid: string | undefined, url = URL): boolean => {
    clock.ms = ms
    return retries.mayRetry(uid, url)
  }
  return { retries, at }
}

t.test('a review may be retried for three seconds after its first failure', async (t) => {
  const { at } = setUp()
  t.same(
    [0, 1_000, 2_999, 3_000, 9_000].map((ms) => at(ms, 'u-1')),
    [true, true, true, false, false],
  )
  t.equal(at(9_000, 'u-2'), true)
})

t.test("no retry is requested that would exceed the webhook's timeout", async (t) => {
  const tries = (url: string): readonly boolean[] => {
    const { at } = setUp()
    return [0, 1_000, 2_000].map((ms) => at(ms, 'u-1', url))
  }
  t.same(tries('/inject?timeout=1s'), [false, false, false])
  t.same(tries('/inject?timeout=2s'), [true, false, false])
  t.same(tries('/inject?a=b&timeout=3s'), [true, true, false])
  for (const url of ['/inject', '/inject?timeout=30s', '/inject?timeout=x', '/inject?nottimeout=1s'])
    t.same(tries(url), [true, true, true], url)
})

t.test(
  '4,096 reviews are remembered for 30 seconds; further ones are answered with the message at once',
  async (t) => {
    const { retries, at } = setUp()
    t.ok(Array.from({ length: 4_096 }, (_, i) => at(i, `u-${i}`)).every(Boolean))
    t.equal(retries.size, 4_096)
    t.equal(at(4_096, 'one-more'), false)
    t.equal(retries.size, 4_096, 'it evicts no other review')
    t.equal(at(4_096, 'u-4095'), true, 'those that are kept go on')
    t.equal(at(30_000, 'one-more'), true, 'the oldest is gone by now')
    t.equal(retries.size, 4_096)
    t.equal(at(120_000, 'u-1'), true)
    t.equal(retries.size, 1)
  },
)

t.test('a UID that is missing or too long is not stored', async (t) => {
  const { retries, at } = setUp()
  t.equal(at(0, undefined), false)
  t.equal(at(0, 'x'.repeat(3_000_000)), false)
  t.equal(at(0, 'x'.repeat(64)), true)
  t.equal(retries.size, 1)
})

t.test('the default clock is the monotonic clock of the process', async (t) => {
  const real = performance.now
  t.teardown(() => {
    performance.now = real
  })
  let ms = 5_000
  performance.now = () => ms
  const retries = new RetryWindow()
  t.equal(retries.mayRetry('u-1', URL), true)
  ms += 2_999
  t.equal(retries.mayRetry('u-1', URL), true)
  ms += 1
  t.equal(retries.mayRetry('u-1', URL), false)
})
