/** The TLS versions and cipher suites of the server. */
import type { SecureContextOptions } from 'node:tls'
import type { CertificatePair } from '../certs/index.ts'

/**
 * Only authenticated encryption with forward secrecy, which all API servers support. The first three are TLS 1.3's.
 */
const TLS_SUITES = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

export function secureContextOf(pair: CertificatePair): SecureContextOptions {
  return {
    cert: pair.certificate,
    key: pair.key,
    minVersion: 'TLSv1.2',
    ciphers: TLS_SUITES,
    ...(pair.clientCa === undefined ? {} : { ca: pair.clientCa }),
  }
}
