import t from 'tap'
import { ApiRefused, readStatus } from '../../../src/cluster/live/api-error.ts'
import { backOffMs, pause } from '../../../src/cluster/live/back-off.ts'

const LIMITS = { firstMs: 100, maxMs: 1_000 }

t.test('the back-off doubles up to a limit, with jitter between half and all of it', async (t) => {
  const waits = [1, 2, 3, 4, 5, 50, 5_000].map((failures) => backOffMs(failures, LIMITS, 1, undefined))
  t.same(waits, [100, 200, 400, 800, 1_000, 1_000, 1_000])
  t.equal(backOffMs(2, LIMITS, 0, undefined), 100)
})

t.test('the back-off is at least the Retry-After of the server, up to a limit', async (t) => {
  t.equal(backOffMs(1, LIMITS, 0, 5_000), 5_050)
  t.equal(backOffMs(1, LIMITS, 0, 3_600_000), 60_050)
})

t.test('a pause ends with its signal', async (t) => {
  const stop = new AbortController()
  const paused = pause(3_600_000, stop.signal)
  stop.abort()
  await paused
  await pause(3_600_000, stop.signal)
  t.pass('neither lasted an hour')
})

t.test('the message of a Status is preferred to the HTTP status', async (t) => {
  const status = {
    kind: 'Status',
    code: 410,
    reason: 'Expired',
    message: 'too old',
    details: { retryAfterSeconds: 7 },
  }
  t.same(readStatus(status, 200, undefined), {
    status: 410,
    reason: 'Expired',
    message: 'too old',
    name: '',
    causes: [],
    retryAfterMs: 7_000,
  })
  t.match(readStatus('<html>', 502, '3'), { status: 502, reason: '', message: '', retryAfterMs: 3_000 })
  t.equal(readStatus({}, 429, 'Fri, 31 Dec 1999 23:59:59 GMT').retryAfterMs, undefined)
  const error = new ApiRefused('GET /x', readStatus(status, 200, undefined))
  t.match(error, { code: 'cluster-api-refused', expired: true, message: 'GET /x: 410 too old' })
})
