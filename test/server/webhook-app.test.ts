import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { issueAuthority, issueClient } from '../../src/certs/issue.ts'
import { waitUntil } from '../wait-until.ts'
import { ask, authority, dial, echo, read, servingPair, startApp, validFor } from './harness.ts'

t.test('the raw path arrives unchanged', async (t) => {
  const { port } = await startApp(t)
  for (const path of [
    '/inject',
    '/inject//k/v',
    '/inject/:ENV:a=b%2Fc',
    '/revisions/a%20b/inject',
    '/%zz?x=1',
    '//',
    '/../etc',
  ]) {
    const socket = await dial(port)
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`)
    const { text } = await read(socket, () => false)
    t.match(text, /^HTTP\/1.1 200 /, path)
    t.equal(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)).rawUrl, path)
  }
})

t.test('any content type and body is received, including none', async (t) => {
  const { port } = await startApp(t)
  for (const contentType of [
    'application/json',
    'Application/JSON; charset=utf-8',
    'text/plain',
    'nonsense;;;',
    '',
  ]) {
    const got = await ask({ port, headers: { 'content-type': contentType }, body: '{"a":1}' })
    t.match(got, { status: 200 }, contentType)
    t.match(JSON.parse(got.text), { contentType, bytes: 7, text: '{"a":1}' })
    t.match(got.headers['content-type'], /^application\/json/)
  }
  t.match(JSON.parse((await ask({ port, body: '' })).text), { bytes: 0 })
  const socket = await dial(port)
  socket.write('POST /inject HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  t.match((await read(socket, () => false)).text, /"bytes":0/)
})

t.test('a method other than POST gets a clear response', async (t) => {
  const { port } = await startApp(t)
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'QUERY']) {
    const got = await ask({ port, method, body: method === 'PUT' ? '{}' : '' })
    t.match(got, { status: 405, headers: { allow: 'POST' } }, method)
    t.match(JSON.parse(got.text), { method, fault: 'method-not-allowed' })
  }
})

t.test(
  'a body over the limit is refused with the start of its text, and the largest allowed body is accepted',
  async (t) => {
    const { port, app } = await startApp(t, { limits: { maxBodyBytes: 100_000 } })
    const refused = await ask({ port, body: `{"uid":1}${' '.repeat(300_000)}` })
    t.match(refused, { status: 413, headers: { connection: 'close' } })
    t.match(JSON.parse(refused.text), { fault: 'body-too-large', text: /^\{"uid":1\}/ })
    t.match(JSON.parse((await ask({ port, body: ' '.repeat(100_000) })).text), { bytes: 100_000 })
    t.equal(app.bufferedBytes, 0)
  },
)

t.test('a rejected client that keeps sending is answered and disconnected', async (t) => {
  const { port } = await startApp(t, { limits: { maxBodyBytes: 1000 } })
  const socket = await dial(port)
  socket.on('error', () => {})
  socket.write(`POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n${'x'.repeat(5000)}`)
  const { text, closed } = await read(socket, () => false)
  t.match(text, /^HTTP\/1.1 413 /)
  t.ok(closed)
})

t.test('an idle connection is reused', async (t) => {
  const { port } = await startApp(t, {
    limits: { keepAliveTimeoutMs: 600_000, requestTimeoutMs: 500, headerTimeoutMs: 500 },
  })
  const socket = await dial(port)
  for (let i = 0; i < 3; i++) {
    socket.write('POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
    const { text, closed } = await read(socket, (text) => text.endsWith('}'))
    t.match(text, /^HTTP\/1.1 200 /)
    t.match(text, /keep-alive: timeout=600/i)
    t.notOk(closed)
    // Longer than the request's own time-outs: they must not count against an idle connection.
    if (i < 2) await sleep(1200)
  }
  socket.destroy()
})

t.test('a slow sender is disconnected during headers or body, and its bytes are released', async (t) => {
  const limits = { requestTimeoutMs: 600, headerTimeoutMs: 300 }
  const { port, app, ends } = await startApp(t, { limits })
  const slow = [
    'POST /inject HTTP/1.1\r\nHost:',
    'POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{',
  ]
  for (const start of slow) {
    const socket = await dial(port)
    socket.on('error', () => {})
    socket.write(start)
    const dripping = setInterval(() => socket.write(' '), 50)
    const { closed } = await read(socket, () => false)
    clearInterval(dripping)
    t.ok(closed)
  }
  await waitUntil('all bytes back', () => app.bufferedBytes === 0)
  await waitUntil('both ends', () => ends.length === 2)
  t.match(ends, [{ cause: 'header-timeout' }, { cause: 'request-timeout' }])
  t.match(await ask({ port, body: '{}' }), { status: 200 })
})

t.test('64 half-sent bodies of 8 MiB stay within the limit, and other requests are served', async (t) => {
  const bound = 32 * 2 ** 20
  const { port, app } = await startApp(t, { limits: { maxBufferedBytes: bound } })
  const half = Buffer.alloc(4 * 2 ** 20, 0x20)
  let highest = 0
  const watch = setInterval(() => {
    highest = Math.max(highest, app.bufferedBytes)
  }, 5)
  const sockets = await Promise.all(Array.from({ length: 64 }, () => dial(port)))
  const refusals = sockets.map((socket) => read(socket, (text) => text.includes('overloaded')))
  for (const socket of sockets) {
    socket.write('POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n')
    socket.write(half)
  }
  // At most seven fit whole, and none of those is ever finished: all the others are asked to retry.
  const answers: string[] = []
  for (const refusal of refusals) void refusal.then(({ text }) => answers.push(text))
  await waitUntil('57 refusals', () => answers.length >= 57)
  for (const text of answers) t.match(text, /^HTTP\/1.1 429 [\s\S]*retry-after: 1/i)
  t.ok(highest <= bound, `at most ${highest} of ${bound} bytes`)
  for (const socket of sockets) socket.destroy()
  await waitUntil('all bytes back', () => app.bufferedBytes === 0)
  clearInterval(watch)
  t.match(await ask({ port, body: '{}' }), { status: 200 })
})

t.test('a body sent in tiny chunks is charged for its overhead', async (t) => {
  const { port, app } = await startApp(t, { limits: { maxBufferedBytes: 20_000 } })
  const socket = await dial(port)
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.write('POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n')
  const answer = read(socket, (text) => text.includes('overloaded'))
  let refused = false
  void answer.then(() => {
    refused = true
  })
  // Each piece is sent when the one before has been counted, so that no two of them arrive as one.
  for (let pieces = 0; pieces < 300 && !refused; pieces++) {
    const before = app.bufferedBytes
    socket.write(' ')
    await waitUntil('the piece', () => app.bufferedBytes !== before || refused)
  }
  t.match((await answer).text, /^HTTP\/1.1 429 /)
  t.equal(app.bufferedBytes, 0)
})

t.test('TLS below 1.2 and HTTP/2 are not supported', async (t) => {
  const { port } = await startApp(t)
  await t.rejects(dial(port, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }))
  const socket = await dial(port, {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
  })
  t.match([socket.getProtocol(), socket.alpnProtocol], ['TLSv1.2', 'http/1.1'])
  socket.destroy()
  await t.rejects(
    dial(port, { ALPNProtocols: ['h2'] }),
    'a client that insists on HTTP/2 is refused in the handshake',
  )
})

t.test('certificates are swapped for new connections while old ones continue', async (t) => {
  const { port, app } = await startApp(t, { pair: servingPair('first') })
  const old = await dial(port)
  t.equal(old.getPeerCertificate().subject.CN, 'first')
  app.swap(servingPair('second'))
  const fresh = await dial(port)
  t.equal(fresh.getPeerCertificate().subject.CN, 'second')
  old.write('POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
  t.match((await read(old, (text) => text.endsWith('}'))).text, /^HTTP\/1.1 200 /)
  await t.rejects(dial(port, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }))
  old.destroy()
  fresh.destroy()
})

t.test('with a client CA only its clients are served, also after a swap', async (t) => {
  const stranger = issueClient(issueAuthority({ commonName: 'other CA', ...validFor(3) }), {
    commonName: 'client',
    ...validFor(2),
  })
  const client = issueClient(authority, { commonName: 'client', ...validFor(2) })
  const pair = servingPair('server', authority.certificate)
  const { port, app } = await startApp(t, { pair })
  for (const round of ['before', 'after']) {
    t.match(
      await ask({ port, body: '{}', cert: client.certificate, key: client.key }),
      { status: 200 },
      round,
    )
    await t.rejects(ask({ port, body: '{}' }), `no certificate, ${round} the swap`)
    await t.rejects(
      ask({ port, body: '{}', cert: stranger.certificate, key: stranger.key }),
      `a stranger's, ${round}`,
    )
    app.swap(servingPair('next', authority.certificate))
  }
})

t.test('a handler that throws gives an internal error, and the server continues', async (t) => {
  const { port, defects } = await startApp(t, {
    handler: {
      review() {
        throw new Error('broken')
      },
      fail: echo.fail,
    },
  })
  const got = await ask({ port, body: '{"uid":7}' })
  t.match(got, { status: 500 })
  t.match(JSON.parse(got.text), { fault: 'internal-error', text: '{"uid":7}' })
  t.match(defects, [{ message: 'broken' }])
})

t.test('a response is sent even if the failure handler throws', async (t) => {
  const broken = () => {
    throw new Error('broken')
  }
  const { port, defects } = await startApp(t, { handler: { review: broken, fail: broken } })
  t.match(await ask({ port, body: '{}' }), { status: 500, text: /^{"kind":"Status"/ })
  t.equal(defects.length, 2)
})

t.test('a response that cannot be sent ends its connection, not the process', async (t) => {
  const unsendable = { status: 9999, body: '{}' }
  for (const review of [() => unsendable, async () => unsendable]) {
    const { app, port, defects } = await startApp(t, { handler: { ...echo, review } })
    await t.rejects(ask({ port, body: '{}' }), { code: 'ECONNRESET' })
    t.equal(defects.length, 1)
    t.equal(app.bufferedBytes, 0)
    t.equal(app.inFlight, 0)
  }
})

t.test('invalid bytes on the port have no effect on other clients', async (t) => {
  const { app, port } = await startApp(t)
  const { connect } = await import('node:net')
  for (const noise of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01garbage', '']) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume().end(noise)
    await once(socket, 'close')
  }
  for (const noise of [
    'nonsense\r\n\r\n',
    `POST /${'x'.repeat(70_000)} HTTP/1.1\r\n\r\n`,
    'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ]) {
    const socket = await dial(port)
    socket.on('error', () => {})
    socket.write(noise)
    const { text } = await read(socket, () => false)
    t.notMatch(text, /^HTTP\/1.1 200/)
  }
  const gone = await dial(port)
  gone.write('POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
  await waitUntil('half a body', () => app.inFlight === 1)
  gone.destroy()
  t.match(await ask({ port, body: '{}' }), { status: 200 })
})
