import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { issueClient } from '../../src/certs/issue.ts'
import { ask, authority, dial, read, servingPair, validFor } from '../server/harness.ts'
import { waitUntil } from '../wait-until.ts'
import { portsOf, REVIEW, run } from './process.ts'

t.test('mounted certificates are replaced while serving, and client certificates are required', async (t) => {
  const folder = t.testdir({ cluster: {}, tls: {} })
  const store = (pair: { certificate: string; key: string }) => {
    writeFileSync(join(folder, 'tls/tls.crt'), pair.certificate)
    writeFileSync(join(folder, 'tls/tls.key'), pair.key)
  }
  mkdirSync(join(folder, 'ca'))
  writeFileSync(join(folder, 'ca/ca.crt'), authority.certificate)
  store(servingPair('before'))
  const client = issueClient(authority, { commonName: 'apiserver', ...validFor(2) })
  const started = run([
    'serve',
    '--cluster',
    join(folder, 'cluster'),
    '--port',
    '0',
    '--metrics-port',
    '0',
    '--tls-cert-file',
    join(folder, 'tls/tls.crt'),
    '--tls-key-file',
    join(folder, 'tls/tls.key'),
    '--client-ca-file',
    join(folder, 'ca/ca.crt'),
    '--drain-delay',
    '0',
  ])
  t.teardown(() => started.child.kill('SIGKILL'))
  const [port = 0] = await portsOf(started)
  const identity = { cert: client.certificate, key: client.key }
  t.match(await ask({ port, body: REVIEW, ...identity }), { status: 200 })
  await t.rejects(ask({ port, body: REVIEW }))
  const old = await dial(port, identity)
  store(servingPair('after'))
  await waitUntil('the new certificate', async () => {
    const socket = await dial(port, identity)
    const name = String(socket.getPeerCertificate().subject.CN)
    socket.destroy()
    return name === 'after'
  })
  old.write(
    `POST /inject HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${REVIEW.length}\r\n\r\n${REVIEW}`,
  )
  t.match((await read(old, (text) => text.includes('"u-1"'))).text, /^HTTP\/1.1 200 /)
  old.destroy()
})
