/** The idle time of connections, which one is closed for a new one, and the log of those that end without an answer. */
import { Agent } from 'node:https'
import { connect as connectPlain, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import t from 'tap'
import { issueAuthority, issueClient } from '../../src/certs/issue.ts'
import { waitUntil } from '../wait-until.ts'
import { ask, authority, dial, echo, read, servingPair, startApp, validFor } from './harness.ts'

const REVIEW = 'POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'
const HALF = 'POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{'
const SHORT = { requestTimeoutMs: 400, headerTimeoutMs: 200 }

/** Open TLS connections that send nothing. Errors at their end are ignored. */
async function silent(port: number, count: number): Promise<TLSSocket[]> {
  const sockets = await Promise.all(Array.from({ length: count }, () => dial(port)))
  for (const socket of sockets) socket.on('error', () => {}).resume()
  return sockets
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed) resolve()
    else socket.once('close', () => resolve())
  })

t.test(
  'connections that wait before their first request are served, without a 408 or a closed socket',
  async (t) => {
    const { port, ends } = await startApp(t, { limits: { ...SHORT, keepAliveTimeoutMs: 60_000 } })
    const sockets = await silent(port, 20)
    // Several times each of the time limits of a request.
    await sleep(2000)
    for (const socket of sockets) {
      t.notOk(socket.destroyed)
      socket.write(REVIEW)
      t.match((await read(socket, (text) => text.endsWith('}'))).text, /^HTTP\/1.1 200 /)
    }
    // Now that they are used, the same is true of what they wait for.
    await sleep(1000)
    for (const socket of sockets) {
      socket.write(REVIEW)
      t.match((await read(socket, (text) => text.endsWith('}'))).text, /^HTTP\/1.1 200 /)
    }
    t.same(ends, [])
  },
)

t.test('the time limits of a late first request count from its first byte', async (t) => {
  const { port, ends } = await startApp(t, { limits: SHORT })
  const sockets = await silent(port, 2)
  const [headers, body] = sockets
  await sleep(1000)
  headers?.write('POST /inject HTTP/1.1\r\nHost:')
  body?.write(HALF)
  const dripping = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write(' ')
  }, 50)
  await Promise.all(sockets.map(closed))
  clearInterval(dripping)
  await waitUntil('its end', () => ends.length === 2)
  t.same(ends.map(({ cause }) => cause).toSorted(), ['header-timeout', 'request-timeout'])
})

t.test('a connection without a byte ends at the idle time limit, without a 408', async (t) => {
  const { port, ends } = await startApp(t, { limits: { ...SHORT, keepAliveTimeoutMs: 300 } })
  const socket = await dial(port)
  t.same(await read(socket, () => false), { text: '', closed: true })
  await waitUntil('its end', () => ends.length > 0)
  t.match(ends, [{ kind: 'unanswered', cause: 'idle-timeout', source: '127.0.0.1' }])
})

t.test('a client that does not read the answer is disconnected, and its bytes are released', async (t) => {
  const review = () => ({ status: 200, body: Buffer.alloc(24 * 2 ** 20, 0x20) })
  const { app, port, ends } = await startApp(t, { handler: { ...echo, review }, limits: SHORT })
  const socket = await dial(port)
  socket.on('error', () => {}).pause()
  socket.write(REVIEW)
  await waitUntil('the answer', () => app.bufferedBytes > 0)
  t.ok(app.bufferedBytes >= 24 * 2 ** 20)
  // Sends a little at intervals, so that the connection is never idle for long.
  const sipping = setInterval(() => socket.read(1000), 50)
  await waitUntil('its end', () => ends.length > 0)
  clearInterval(sipping)
  t.match(ends, [{ cause: 'answer-timeout' }])
  t.equal(app.bufferedBytes, 0)
})

t.test('at the limit the connection that has been idle longest is closed, never the new one', async (t) => {
  const { app, port, ends, displaced } = await startApp(t, { limits: { maxConnections: 8 } })
  // Of one address four at most: the limit of all is tried with the sockets' own view of two addresses.
  const sockets: TLSSocket[] = []
  for (let i = 0; i < 4; i++) sockets.push(...(await silent(port, 1)))
  const [oldest, used] = sockets
  oldest?.write(REVIEW)
  await waitUntil('its answer', () => (oldest?.bytesRead ?? 0) > 0)
  t.equal(displaced(), 0)
  const [fresh] = await silent(port, 1)
  // The oldest has asked meanwhile, so it is the second one that has been silent longest.
  await waitUntil('the close', () => used?.destroyed === true)
  t.ok(used?.destroyed)
  t.notOk(oldest?.destroyed)
  fresh?.write(REVIEW)
  await waitUntil('its answer', () => (fresh?.bytesRead ?? 0) > 0)
  t.equal(displaced(), 1)
  t.match(ends, [{ kind: 'unanswered', cause: 'source-limit', source: '127.0.0.1' }])
  t.equal(app.connections.open, 4)
})

t.test(
  'one address holds at most half of all connections; others take nothing from each other below the limit',
  async (t) => {
    const { app, port, ends } = await startApp(t, { limits: { maxConnections: 8 } })
    const other = await Promise.all([
      dial(port, { localAddress: '127.0.0.2' }),
      dial(port, { localAddress: '127.0.0.3' }),
    ])
    for (const socket of other) socket.on('error', () => {}).resume()
    await silent(port, 12)
    await waitUntil('the connections', () => app.connections.open === 6)
    t.equal(app.connections.open, 6)
    for (const socket of other) t.notOk(socket.destroyed, 'older than all of them')
    t.ok(ends.every(({ cause }) => cause === 'source-limit'))
    // Two more addresses fill the rest; the one that has been idle longest is closed then.
    const more = await Promise.all(
      ['127.0.0.4', '127.0.0.5', '127.0.0.6'].map((localAddress) => dial(port, { localAddress })),
    )
    await waitUntil('the close', () => other.some(({ destroyed }) => destroyed))
    t.equal(other.filter(({ destroyed }) => destroyed).length, 1)
    t.ok(ends.some(({ cause }) => cause === 'connection-limit'))
    for (const socket of more) {
      socket.write(REVIEW)
      t.match((await read(socket, (text) => text.endsWith('}'))).text, /^HTTP\/1.1 200 /)
      socket.destroy()
    }
  },
)

t.test('a request in progress is not aborted for a new connection while there are idle ones', async (t) => {
  const { app, port, ends } = await startApp(t, { limits: { maxConnections: 4 } })
  const [busy] = await silent(port, 1)
  busy?.write(HALF)
  await waitUntil('half a request', () => app.inFlight === 1)
  for (let i = 0; i < 3; i++) await silent(port, 1)
  t.notOk(busy?.destroyed)
  t.ok(ends.length > 0)
  const rest = read(busy as TLSSocket, (text) => text.endsWith('}'))
  busy?.write(' '.repeat(999))
  t.match((await rest).text, /^HTTP\/1.1 200 /)
})

t.test('2,000 idle connections cost an ordinary client no request', async (t) => {
  const { app, port } = await startApp(t, { limits: { maxConnections: 1024 } })
  const agent = new Agent({ keepAlive: true, maxSockets: 2 })
  const statuses = new Map<number, number>()
  let asking = true
  const good = (async () => {
    while (asking) {
      const { status } = await ask({ port, agent, body: '{}' })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  })()
  let highest = 0
  const crowd: TLSSocket[] = []
  for (let i = 0; i < 100; i++) {
    crowd.push(...(await silent(port, 20)))
    highest = Math.max(highest, app.connections.open)
  }
  // And once more with all of them there.
  for (let i = 0; i < 50; i++) t.match(await ask({ port, body: '{}' }), { status: 200 })
  asking = false
  await good
  agent.destroy()
  t.equal(crowd.length, 2000, 'every one of them was taken')
  t.same([...statuses.keys()], [200])
  t.comment(`${statuses.get(200)} good requests, at most ${highest} connections`)
  t.ok(highest <= 1024)
  await waitUntil('the connections', () => app.connections.open <= 512)
  t.ok(app.connections.open <= 512, 'all come from one address')
  for (const socket of crowd) socket.destroy()
})

t.test('every connection that ends without an answer is reported by cause', async (t) => {
  const waiting: (() => void)[] = []
  const review = () =>
    new Promise<{ status: number; body: string }>((resolve) =>
      waiting.push(() => resolve({ status: 200, body: '{}' })),
    )
  const { app, port, ends } = await startApp(t, { handler: { ...echo, review } })
  const causes = async (count: number): Promise<string[]> => {
    await waitUntil('its end', () => ends.length >= count)
    return ends.splice(0).map(({ cause }) => cause)
  }
  const unused = await dial(port)
  unused.end()
  t.same(await causes(1), ['client-closed-unused'])

  for (const start of ['POST /inj', HALF]) {
    const gone = await dial(port)
    // Flushed to the server's process, which is this one, before the connection ends.
    await new Promise((resolve) => gone.on('error', () => {}).write(start, resolve))
    await sleep(50)
    gone.destroy()
    t.same(await causes(1), ['client-closed-request'], start)
  }

  const impatient = await dial(port)
  impatient.write(REVIEW)
  await waitUntil('the review', () => waiting.length === 1)
  impatient.destroy()
  t.same(await causes(1), ['client-closed-waiting'])
  waiting.pop()?.()

  for (const noise of [
    'nonsense\r\n\r\n',
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ]) {
    const socket = await dial(port)
    socket.on('error', () => {}).write(noise)
    await closed(socket.resume())
    t.same(await causes(1), ['malformed'], noise)
  }
  const sum = [...app.connections.unanswered.values()].reduce((a, b) => a + b, 0)
  t.equal(sum, 7, 'and counted')
  // One that was answered and then closed is none of them.
  const answered = ask({ port, body: '{}' })
  await waitUntil('the review', () => waiting.length === 1)
  waiting.pop()?.()
  t.match(await answered, { status: 200 })
  await waitUntil('the connections', () => app.connections.open === 0)
  t.same(ends, [])
})

function silentPlain(port: number): Socket {
  return connectPlain(port, '127.0.0.1')
    .on('error', () => {})
    .resume()
}

t.test('a TLS handshake that does not begin ends at its time limit', async (t) => {
  const { port, ends } = await startApp(t, { limits: { handshakeTimeoutMs: 300 } })
  await closed(silentPlain(port))
  await waitUntil('its end', () => ends.length > 0)
  t.match(ends, [{ kind: 'handshake', cause: 'timeout' }])
})

t.test('every TLS handshake that fails is reported by cause', async (t) => {
  const pair = servingPair('server', authority.certificate)
  const limits = { handshakeTimeoutMs: 600_000 }
  const { app, port, ends } = await startApp(t, { pair, limits })
  const own = issueClient(authority, { commonName: 'client', ...validFor(2) })
  const client = { cert: own.certificate, key: own.key }
  const stranger = issueClient(issueAuthority({ commonName: 'other CA', ...validFor(3) }), {
    commonName: 'client',
    ...validFor(2),
  })
  const cause = async (): Promise<string[]> => {
    await waitUntil('its end', () => ends.length > 0)
    return ends.splice(0).map(({ kind, cause }) => `${kind} ${cause}`)
  }
  const plain = (text: string): Socket => {
    const socket = silentPlain(port)
    if (text !== '') socket.write(text)
    return socket
  }
  const fails = async (options: Parameters<typeof dial>[1], expected: string) => {
    await dial(port, options).then(
      // TLS 1.3: the client's handshake is over before the server has looked at its certificate.
      (socket) => closed(socket.on('error', () => {}).resume()),
      () => {},
    )
    t.same(await cause(), [`handshake ${expected}`], expected)
  }

  plain('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  t.same(await cause(), ['handshake not-tls'])
  const probe = plain('')
  await waitUntil('the connections', () => app.connections.open === 1)
  probe.end()
  t.same(await cause(), ['handshake client-closed'])
  await fails(
    { ...client, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
    'version',
  )
  await fails({ ...client, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256:AES128-SHA' }, 'cipher')
  await fails({ ...client, ALPNProtocols: ['h2'] }, 'protocol')
  await fails({}, 'client-certificate')
  await fails({ maxVersion: 'TLSv1.2' }, 'client-certificate')
  await fails({ cert: stranger.certificate, key: stranger.key }, 'client-certificate')
  await waitUntil('the connections', () => app.connections.open === 0)
  t.equal(app.connections.open, 0)
  t.equal(app.connections.handshakeFailures.get('client-certificate'), 3)
})

t.test('only authenticated cipher suites are accepted, before and after a certificate swap', async (t) => {
  const { app, port } = await startApp(t)
  for (const round of ['before', 'after']) {
    for (const ciphers of ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA', 'AES128-GCM-SHA256'])
      await t.rejects(dial(port, { maxVersion: 'TLSv1.2', ciphers }), `${ciphers}, ${round}`)
    for (const ciphers of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305']) {
      const socket = await dial(port, { maxVersion: 'TLSv1.2', ciphers })
      t.equal(socket.getCipher().name, ciphers)
      socket.destroy()
    }
    const modern = await dial(port)
    t.match(modern.getCipher().name, /^TLS_(AES|CHACHA20)/)
    modern.destroy()
    app.swap(servingPair('next'))
  }
})
