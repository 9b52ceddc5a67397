/**
 * The interface to public certificates that rules need. Reading and verifying them takes cryptography, so the caller
 * implements it. No private key is read.
 */

export interface PublicCertificate {
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** DNS names that it is valid for. */
  readonly dnsNames: readonly string[]
}

export interface CertificateReader {
  /** The certificates of a PEM text in its order; those that cannot be read are left out. */
  read(pem: string): readonly PublicCertificate[]
  /** Whether one of the CAs in the bundle verifies the first certificate of the chain. */
  verifies(bundle: string, chain: string): boolean
}
