/**
 * The closed sets of causes for which connections end, as used in metrics and log, and the mapping from TLS errors to
 * them.
 */

/**
 * Why a connection ended before a request was answered, or without a request. docs/metrics.md explains each cause.
 */
export const END_CAUSES = [
  'client-closed-unused',
  'client-closed-request',
  'client-closed-waiting',
  'idle-timeout',
  'header-timeout',
  'request-timeout',
  'answer-timeout',
  'malformed',
  'connection-limit',
  'source-limit',
  'memory-limit',
  'drained',
  'defect',
] as const
export type EndCause = (typeof END_CAUSES)[number]

/** Why a TLS handshake failed. */
export const HANDSHAKE_CAUSES = [
  'timeout',
  'client-closed',
  'certificate-rejected',
  'client-certificate',
  'version',
  'cipher',
  'protocol',
  'not-tls',
  'connection-limit',
  'source-limit',
  'drained',
  'other',
] as const
export type HandshakeCause = (typeof HANDSHAKE_CAUSES)[number]

/** The server closed the connection during its handshake: Node passes this error to `tlsClientError`. */
export class HandshakeEnded extends Error {
  override readonly cause: 'connection-limit' | 'source-limit' | 'drained'

  constructor(cause: HandshakeEnded['cause']) {
    super(`closed during the handshake: ${cause}`)
    this.cause = cause
  }
}

/** OpenSSL's names for handshake mismatches and for alerts that a client sent. */
const BY_CODE: ReadonlyMap<string, HandshakeCause> = new Map([
  ['ERR_TLS_HANDSHAKE_TIMEOUT', 'timeout'],
  ['ECONNRESET', 'client-closed'],
  ['EPIPE', 'client-closed'],
  ['ERR_SSL_UNEXPECTED_EOF_WHILE_READING', 'client-closed'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'certificate-rejected'],
  ['ERR_SSL_TLS_ALERT_UNKNOWN_CA', 'certificate-rejected'],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'certificate-rejected'],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'certificate-rejected'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN', 'certificate-rejected'],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', 'certificate-rejected'],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'certificate-rejected'],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED', 'certificate-rejected'],
  ['ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE', 'client-certificate'],
  ['ERR_SSL_CERTIFICATE_VERIFY_FAILED', 'client-certificate'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'version'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'version'],
  ['ERR_SSL_NO_SHARED_CIPHER', 'cipher'],
  ['ERR_SSL_NO_APPLICATION_PROTOCOL', 'protocol'],
  ['ERR_SSL_HTTP_REQUEST', 'not-tls'],
  ['ERR_SSL_HTTPS_PROXY_REQUEST', 'not-tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'not-tls'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'not-tls'],
  ['ERR_SSL_RECORD_LAYER_FAILURE', 'not-tls'],
])

/** @param authorizationError of the socket: set if the client's certificate was rejected */
export function handshakeCause(error: Error, authorizationError: unknown): HandshakeCause {
  if (error instanceof HandshakeEnded) return error.cause
  // Node closes a connection whose client certificate it rejects without an error.
  if (authorizationError != null) return 'client-certificate'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return BY_CODE.get(code) ?? 'other'
}
