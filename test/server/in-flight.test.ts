/** The listener counts the requests in progress. */
import t from 'tap'
import type { WebhookAnswer } from '../../src/server/index.ts'
import { waitUntil } from '../wait-until.ts'
import { ask, dial, echo, startApp } from './harness.ts'

t.test('a request counts as in flight from its headers until it ends', async (t) => {
  const waiting: ((answer: WebhookAnswer) => void)[] = []
  const review = () => new Promise<WebhookAnswer>((resolve) => waiting.push(resolve))
  const { app, port } = await startApp(t, { handler: { ...echo, review }, limits: { maxBodyBytes: 10 } })
  t.equal(app.inFlight, 0)
  const asked = [ask({ port, body: '{}' }), ask({ port, body: '{}' })]
  await waitUntil('2 reviews', () => waiting.length === 2)
  t.equal(app.inFlight, 2)
  for (const answer of waiting) answer({ status: 200, body: '{}' })
  await Promise.all(asked)
  await waitUntil('0 in flight', () => app.inFlight === 0)
  t.equal(app.inFlight, 0, 'answered')

  await ask({ port, body: 'x'.repeat(11) })
  await waitUntil('0 in flight', () => app.inFlight === 0)
  t.equal(app.inFlight, 0, 'refused')

  const gone = await dial(port)
  gone.write('POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{')
  await waitUntil('1 in flight', () => app.inFlight === 1)
  t.equal(app.inFlight, 1, 'half a body')
  gone.destroy()
  await waitUntil('0 in flight', () => app.inFlight === 0)
  t.equal(app.inFlight, 0, 'gone')

  const impatient = await dial(port)
  impatient.write('POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
  await waitUntil('3 reviews', () => waiting.length === 3)
  impatient.destroy()
  await waitUntil('0 in flight', () => app.inFlight === 0)
  t.equal(app.inFlight, 0, 'gone before it was answered')
  waiting[2]?.({ status: 200, body: '{}' })
  t.match(
    await ask({ port, method: 'PUT', body: '' }),
    { status: 405 },
    'a late answer has no effect on other requests',
  )
})
