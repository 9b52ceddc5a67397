/**
 * The CA that replicas share, as the keys of a Secret: layout and parsing.
 *
 * The layout has space for two CAs, so that one can replace the other without a moment in which a client does not
 * trust a replica. First the new CA is put into `other-ca.crt`, and all bundles get it. Then the two change places,
 * and the new CA signs. Then the old one is removed.
 */
import { X509Certificate } from 'node:crypto'
import { splitCertificates } from './bundle.ts'
import type { IssuedPair } from './issue.ts'
import { CertificateError, checkPair } from './pair.ts'

export const AUTHORITY_KEYS = {
  /** The CA that signs, and its key (PKCS #8). If both are empty, Remora fills the Secret. */
  certificate: 'ca.crt',
  key: 'ca.key',
  /** A second CA, the next or the previous one, which is only in the bundles. Optional. */
  otherCertificate: 'other-ca.crt',
  /** The key of the second CA, for when it is to sign. Optional, and not read. */
  otherKey: 'other-ca.key',
} as const

/** Texts by these keys. */
export type AuthorityTexts = ReadonlyMap<string, string>

export interface Authority {
  /** The CA that signs. */
  readonly signer: IssuedPair
  /** The CAs that clients should trust, PEM, the signer first. */
  readonly certificates: readonly string[]
  /** SHA-256 of the signer. */
  readonly fingerprint: string
  readonly notAfterMs: number
  readonly texts: AuthorityTexts
  /** Why the second CA is left out; the first one signs anyway. */
  readonly flaw: CertificateError | undefined
}

/**
 * Undefined if there is none yet.
 * @param place names the texts in messages: `Secret istio-system/remora-ca`.
 * @throws CertificateError `authority-invalid`, `authority-expired`, `authority-not-yet-valid`
 */
export function readAuthority(texts: AuthorityTexts, place: string, nowMs: number): Authority | undefined {
  const text = (key: string): string => texts.get(key)?.trim() ?? ''
  const [certificate, key] = [text(AUTHORITY_KEYS.certificate), text(AUTHORITY_KEYS.key)]
  if (certificate === '' && key === '') return undefined
  const at = (name: string): string => `${name} of ${place}`
  const ca = readSigner({ certificate, key }, { place, at })
  const notAfterMs = Date.parse(ca.validTo)
  if (nowMs >= notAfterMs) {
    throw new CertificateError(
      'authority-expired',
      `the CA in ${at(AUTHORITY_KEYS.certificate)} expired at ${new Date(notAfterMs).toISOString()}`,
      { source: place },
    )
  }
  const notBeforeMs = Date.parse(ca.validFrom)
  if (nowMs < notBeforeMs) {
    throw new CertificateError(
      'authority-not-yet-valid',
      `the CA in ${at(AUTHORITY_KEYS.certificate)} is not valid before ${new Date(notBeforeMs).toISOString()}, and the clock of this machine says ${new Date(nowMs).toISOString()}`,
      { source: place },
    )
  }
  const [own = ''] = splitCertificates(certificate)
  const { others, flaw } = readOthers(text(AUTHORITY_KEYS.otherCertificate), { place, at, nowMs })
  return Object.freeze({
    signer: { certificate: own, key: `${key}\n` },
    certificates: [...new Set([own, ...others])],
    fingerprint: ca.fingerprint256,
    notAfterMs,
    texts,
    flaw,
  })
}

interface Place {
  readonly place: string
  at(name: string): string
}

function readSigner({ certificate, key }: IssuedPair, { place, at }: Place): X509Certificate {
  const names = { certificate: at(AUTHORITY_KEYS.certificate), key: at(AUTHORITY_KEYS.key) }
  if (certificate === '' || key === '') {
    const [there, missing] =
      certificate === '' ? [names.key, names.certificate] : [names.certificate, names.key]
    throw invalid(`${there} is set and ${missing} is not`, place)
  }
  try {
    checkPair({ certificate, key }, names)
  } catch (cause) {
    if (cause instanceof CertificateError) throw invalid(cause.message, place, cause)
    throw cause
  }
  const ca = new X509Certificate(certificate)
  if (!ca.ca) throw invalid(`${names.certificate} is no CA`, place)
  if (ca.publicKey.asymmetricKeyType !== 'ec') {
    throw invalid(
      `${names.certificate} has a key of type ${ca.publicKey.asymmetricKeyType}, expected one on an elliptic curve (P-256)`,
      place,
    )
  }
  return ca
}

/** Enough for the previous and the next CA. All of them are in every caBundle, so their number is limited. */
const MAX_OTHERS = 3

/** Leaves out expired CAs without a report. */
function readOthers(
  pem: string,
  { place, at, nowMs }: Place & { readonly nowMs: number },
): { readonly others: readonly string[]; readonly flaw: CertificateError | undefined } {
  const found = splitCertificates(pem)
  const name = at(AUTHORITY_KEYS.otherCertificate)
  let flaw =
    pem !== '' && found.length === 0 ? invalid(`${name} contains no PEM certificate`, place) : undefined
  if (found.length > MAX_OTHERS)
    flaw = invalid(
      `${name} holds ${found.length} certificates, and only the first ${MAX_OTHERS} are used`,
      place,
    )
  const others = found.slice(0, MAX_OTHERS).filter((other) => {
    try {
      const certificate = new X509Certificate(other)
      if (certificate.ca) return Date.parse(certificate.validTo) > nowMs
      flaw ??= invalid(`${name} is no CA`, place)
    } catch (cause) {
      flaw ??= invalid(`${name} contains no PEM certificate`, place, cause)
    }
    return false
  })
  return { others, flaw }
}

function invalid(why: string, place: string, cause?: unknown): CertificateError {
  return new CertificateError('authority-invalid', why, { source: place, cause })
}
