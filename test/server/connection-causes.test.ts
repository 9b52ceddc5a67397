import t from 'tap'
import {
  END_CAUSES,
  HANDSHAKE_CAUSES,
  HandshakeEnded,
  handshakeCause,
} from '../../src/server/connection-causes.ts'

const coded = (code: string): Error => Object.assign(new Error('handshake'), { code })

t.test('errors of OpenSSL and Node map to causes of the closed set', async (t) => {
  for (const [code, cause] of [
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'certificate-rejected'],
    // What Go's clients send; OpenSSL 3.2+ has the second name.
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'certificate-rejected'],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'certificate-rejected'],
    ['ERR_TLS_HANDSHAKE_TIMEOUT', 'timeout'],
    ['ECONNRESET', 'client-closed'],
    ['ERR_SSL_NO_SHARED_CIPHER', 'cipher'],
    ['ERR_SSL_HTTP_REQUEST', 'not-tls'],
    ['whatever a client makes of it', 'other'],
  ] as const) {
    t.equal(handshakeCause(coded(code), undefined), cause, code)
  }
  t.equal(handshakeCause(new Error('without a code'), null), 'other')
  t.equal(handshakeCause(coded('ECONNRESET'), 'UNABLE_TO_GET_ISSUER_CERT'), 'client-certificate')
  t.equal(handshakeCause(new HandshakeEnded('source-limit'), undefined), 'source-limit')
})

t.test('docs/metrics.md explains every cause', async (t) => {
  const { readFileSync } = await import('node:fs')
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  for (const cause of [...END_CAUSES, ...HANDSHAKE_CAUSES]) t.match(page, `\`${cause}\``, cause)
})
