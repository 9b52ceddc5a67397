import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createHealthApp, drain, type ServerState } from '../../src/server/index.ts'
import { ManualClock } from '../manual-clock.ts'
import { waitUntil } from '../wait-until.ts'
import { ask, dial, read, startApp } from './harness.ts'

const REVIEW = 'POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'

const HALF = 'POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{'

t.test(
  'draining keeps serving, closes each connection after its response, and loses no request',
  async (t) => {
    const { app, port } = await startApp(t)
    const clock = new ManualClock()
    const [busy, underway, idle] = await Promise.all([dial(port), dial(port), dial(port)])
    underway.write(HALF)
    await waitUntil('half a request', () => app.inFlight === 1)
    let drained = false
    const draining = drain(app, { drainDelayMs: 1500, drainTimeoutMs: 5000 }, clock).then(() => {
      drained = true
    })
    // From the first moment on each answer is the last one of its connection.
    busy.write(REVIEW)
    const last = await read(busy, () => false)
    t.match(last.text, /^HTTP\/1.1 200 [\s\S]*connection: close/i)
    t.ok(last.closed)
    // New connections are served for the whole delay.
    clock.advance(1499)
    t.match(
      await ask({ port, body: '{}' }),
      { status: 200, headers: { connection: 'close' } },
      'a late connection, too',
    )
    t.notOk(idle.destroyed, 'a connection without a request may yet send one')
    // Afterwards an idle connection is closed, one with a request in progress is waited for.
    clock.advance(1)
    t.ok((await read(idle, () => false)).closed)
    t.notOk(drained)
    underway.write('}')
    t.match((await read(underway, () => false)).text, /^HTTP\/1.1 200 [\s\S]*connection: close/i)
    await draining
    t.equal(clock.timers, 0, 'nothing is cut off later')
    await t.rejects(dial(port), { code: 'ECONNREFUSED' })
  },
)

t.test('without a drain delay idle connections are still kept open for a second', async (t) => {
  const { app, port } = await startApp(t)
  const clock = new ManualClock()
  const [late, idle] = await Promise.all([dial(port), dial(port)])
  const draining = drain(app, { drainDelayMs: 0, drainTimeoutMs: 5000 }, clock)
  for (clock.advance(0); clock.nowMs() < 975; clock.advance(25)) await clock.nextTimer()
  await clock.nextTimer()
  late.write(REVIEW)
  t.match((await read(late, () => false)).text, /^HTTP\/1.1 200 [\s\S]*connection: close/i)
  t.notOk(idle.destroyed)
  const closed = read(idle, () => false)
  clock.advance(25)
  t.ok((await closed).closed)
  await draining
})

t.test('requests that do not finish in time are aborted', async (t) => {
  const { app, port, ends } = await startApp(t)
  const clock = new ManualClock()
  const stuck = await dial(port)
  stuck.on('error', () => {})
  stuck.write(HALF)
  await waitUntil('half a request', () => app.inFlight === 1)
  let drained = false
  const draining = drain(app, { drainDelayMs: 1000, drainTimeoutMs: 200 }, clock).then(() => {
    drained = true
  })
  clock.advance(1000)
  await clock.nextTimer()
  clock.advance(199)
  t.match([drained, stuck.destroyed], [false, false])
  clock.advance(1)
  await draining
  await waitUntil('its end', () => ends.length > 0)
  t.match(ends, [{ cause: 'drained' }])
})

t.test('draining ends at once without connections', async (t) => {
  const { app } = await startApp(t)
  const clock = new ManualClock()
  const draining = drain(app, { drainDelayMs: 0, drainTimeoutMs: 5000 }, clock)
  clock.advance(0)
  await draining
  t.equal(clock.timers, 0)
})

t.test('the health port serves probes and metrics', async (t) => {
  const inside = { revisions: [{ name: 'canary' }], problems: [{ message: 'ConfigMap shop/secret-name' }] }
  let state: ServerState = { ready: false, reason: 'shutting down', version: '1.2.3', ...inside }
  const health = createHealthApp(() => state, {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    render: async () => 'up 1\n',
  })
  await health.listen('127.0.0.1', 0)
  t.teardown(() => health.close())
  // Listening on an address and port, so not a pipe's name.
  const base = `http://127.0.0.1:${(health.server.address() as AddressInfo).port}`
  t.equal((await fetch(`${base}/healthz`)).status, 200)
  const unready = await fetch(`${base}/readyz`)
  t.equal(unready.status, 503)
  t.same(await unready.json(), { ready: false, reason: 'shutting down', version: '1.2.3' })
  state = { ready: true, version: '1.2.3', ...inside }
  const ready = await fetch(`${base}/readyz`)
  t.equal(ready.status, 200)
  t.same(await ready.json(), { ready: true, version: '1.2.3' }, 'nothing of what is known of objects')
  const metrics = await fetch(`${base}/metrics`)
  t.equal(metrics.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  t.equal(await metrics.text(), 'up 1\n')
  t.equal((await fetch(`${base}/inject`, { method: 'POST', body: '{}' })).status, 404)
})
