/** Validates a certificate and its key. Parsing and checking only, without files. */

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { RemoraError } from '../errors.ts'
import { describeSystemError } from '../system-error.ts'

/** A certificate, key or CA that cannot be used; `source` names the file. */
export class CertificateError extends RemoraError {}

/** Validated: the key belongs to the certificate, and TLS accepts both. */
export interface CertificatePair {
  /** PEM, including the chain. */
  readonly certificate: string
  readonly key: string
  /** CAs of client certificates, PEM; undefined if no client certificate is required. */
  readonly clientCa: string | undefined
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

export interface PairTexts {
  readonly certificate: string
  readonly key: string
  readonly clientCa?: string | undefined
}

export interface PairNames {
  readonly certificate: string
  readonly key: string
  readonly clientCa?: string | undefined
}

/**
 * Parses first, so that no invalid pair is ever put into use.
 * @throws CertificateError `certificate-invalid`, `certificate-key-invalid`, `certificate-key-mismatch`,
 * `client-ca-invalid`
 */
export function checkPair(texts: PairTexts, names: PairNames): CertificatePair {
  const leaf = parseCertificate(texts.certificate, 'certificate-invalid', names.certificate)
  const key = parseKey(texts.key, names.key)
  if (!leaf.checkPrivateKey(key)) {
    throw new CertificateError(
      'certificate-key-mismatch',
      `${names.key} is not the private key of the certificate in ${names.certificate}`,
      { source: names.key },
    )
  }
  if (texts.clientCa !== undefined) {
    parseCertificate(texts.clientCa, 'client-ca-invalid', names.clientCa ?? 'client CA')
  }
  try {
    createSecureContext({ cert: texts.certificate, key: texts.key, ca: texts.clientCa })
  } catch (cause) {
    throw new CertificateError('certificate-invalid', `${names.certificate}: ${messageOf(cause)}`, {
      source: names.certificate,
      cause,
    })
  }
  return Object.freeze({
    certificate: texts.certificate,
    key: texts.key,
    clientCa: texts.clientCa,
    notBeforeMs: Date.parse(leaf.validFrom),
    notAfterMs: Date.parse(leaf.validTo),
  })
}

/** The first certificate of a PEM text. */
function parseCertificate(pem: string, code: string, source: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new CertificateError(code, `${source} contains no PEM certificate (${messageOf(cause)})`, {
      source,
      cause,
    })
  }
}

function parseKey(pem: string, source: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new CertificateError(
      'certificate-key-invalid',
      `${source} contains no PEM private key, or one with a passphrase (${messageOf(cause)})`,
      { source, cause },
    )
  }
}

export function messageOf(cause: unknown): string {
  return describeSystemError(cause)
}
