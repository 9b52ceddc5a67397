/** The share that one namespace or address can take of the bytes for bodies and answers. */
import type { TLSSocket } from 'node:tls'
import t from 'tap'
import { waitUntil } from '../wait-until.ts'
import { ask, dial, echo, read, startApp } from './harness.ts'

const MIB = 2 ** 20
const BOUND = 16 * MIB
const LIMITS = { maxBufferedBytes: BOUND, maxBodyBytes: 3 * MIB }

/** As an API server writes it: the namespace stands before all that a user can make long. */
function review(namespace: string, bytes: number): Buffer {
  const head =
    `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u",` +
    `"kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},` +
    `"namespace":"${namespace}","operation":"CREATE","object":"`
  return Buffer.concat([Buffer.from(head), Buffer.alloc(bytes - head.length - 3, 0x78), Buffer.from('"}}')])
}

interface Flood {
  readonly sockets: readonly TLSSocket[]
  readonly answers: string[]
}

/** Bodies that are sent but for their last byte. */
async function flood(
  port: number,
  namespaces: readonly string[],
  localAddress = '127.0.0.1',
): Promise<Flood> {
  const sockets = await Promise.all(namespaces.map(() => dial(port, { localAddress })))
  const answers: string[] = []
  sockets.forEach((socket, i) => {
    const body = review(namespaces[i] ?? '', 3 * MIB)
    void read(socket, (text) => text.includes('\r\n\r\n')).then(({ text }) => answers.push(text))
    socket.write(`POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`)
    socket.write(body.subarray(0, -1))
  })
  return { sockets, answers }
}

t.test(
  'a namespace never holds more than a quarter of the bytes, however many of its bodies are in flight',
  async (t) => {
    const { app, port } = await startApp(t, { limits: LIMITS })
    let highest = 0
    const watch = setInterval(() => {
      highest = Math.max(highest, app.bufferedBytes)
    }, 2)
    const { sockets, answers } = await flood(
      port,
      Array.from({ length: 20 }, () => 'flood'),
    )
    await waitUntil('19 refusals', () => answers.length >= 19)
    clearInterval(watch)
    // Beside it the first piece of each body, which is not read for its namespace yet.
    t.ok(highest <= BOUND / 4 + 20 * 17_000, `${highest} bytes at most`)
    t.ok(answers.length >= 19, `${answers.length} were refused`)
    for (const text of answers) t.match(text, /^HTTP\/1.1 429 [\s\S]*retry-after: 1/i)
    // Small and large ones of others are taken meanwhile.
    for (const namespace of ['shop', 'payments'])
      for (const bytes of [2000, 200_000, 3 * MIB - 1])
        t.match(await ask({ port, body: review(namespace, bytes) }), { status: 200 }, `${namespace} ${bytes}`)
    for (const socket of sockets) socket.destroy()
    await waitUntil('all bytes back', () => app.bufferedBytes === 0)
  },
)

t.test(
  'when all bytes are in use, the largest holders are refused in favour of small requests',
  async (t) => {
    const { app, port } = await startApp(t, { limits: LIMITS })
    const made = Array.from({ length: 12 }, (_, i) => `made-up-${i}`)
    const held = await flood(port, made, '127.0.0.2')
    // Five of them fit; each of the others is refused once all remaining bytes have arrived.
    await waitUntil('refusals', () => held.answers.length >= made.length - 5)
    const full = app.bufferedBytes
    t.ok(full > BOUND - 4 * MIB, `${full} bytes are taken`)
    // The API server, at another address: nothing of it is refused, in one piece or in many.
    for (let i = 0; i < 10; i++)
      t.match(await ask({ port, body: review('shop', i % 2 === 0 ? 5000 : 2 * MIB) }), { status: 200 })
    t.ok(app.bufferedBytes <= BOUND)
    for (const socket of held.sockets) socket.destroy()
  },
)

t.test('unread answers count towards the limit and are dropped when others need the bytes', async (t) => {
  const answer = Buffer.alloc(6 * MIB, 0x20)
  const handler = { ...echo, review: () => ({ status: 200, body: answer }) }
  const { app, port, ends } = await startApp(t, { handler, limits: LIMITS })
  const deaf = await Promise.all(Array.from({ length: 6 }, () => dial(port, { localAddress: '127.0.0.2' })))
  for (const socket of deaf) {
    socket.on('error', () => {}).pause()
    socket.write('POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
  }
  await waitUntil('all bytes taken', () => app.bufferedBytes >= BOUND)
  t.match(await ask({ port, body: review('shop', 100_000) }), { status: 200 })
  t.ok(ends.some(({ cause }) => cause === 'memory-limit'))
  for (const socket of deaf) socket.destroy()
})

t.test('an answer for a client that has gone holds no bytes', async (t) => {
  const waiting: (() => void)[] = []
  const review = () =>
    new Promise<{ status: number; body: Buffer }>((resolve) =>
      waiting.push(() => resolve({ status: 200, body: Buffer.alloc(MIB) })),
    )
  const { app, port } = await startApp(t, { handler: { ...echo, review }, limits: LIMITS })
  const gone = await dial(port)
  gone.write('POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
  await waitUntil('the review', () => waiting.length > 0)
  gone.destroy()
  await waitUntil('the end', () => app.inFlight === 0)
  for (const answer of waiting) answer()
  // The answer is made in the turns of these promises, if at all.
  await new Promise(setImmediate)
  t.equal(app.bufferedBytes, 0)
})
