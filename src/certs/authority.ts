/**
 * Responsible for: the CA that replicas share, as the texts of a Secret: its layout and reading one. Not here: making one
 * (make-authority.ts), how replicas agree on one (authority-agreement.ts) and where the texts stand (package cluster).
 *
 * The layout has space for two CAs, so that one can follow the other without a moment in which a client does not trust
 * a replica: `other-ca.crt` is put there first, and all bundles get it; then both change places, and new leaves are
 * signed by the other; then it is taken out.
 */
import { X509Certificate } from 'node:crypto'
import { splitCertificates } from './bundle.ts'
import type { IssuedPair } from './issue.ts'
import { CertificateError, checkPair } from './pair.ts'

export const AUTHORITY_KEYS = {
  /** The CA that signs, and its key (PKCS #8). Both or neither: neither is a Secret that is to be filled. */
  certificate: 'ca.crt',
  key: 'ca.key',
  /** A second CA, that of before or of after: in the bundles only. Optional. */
  otherCertificate: 'other-ca.crt',
  /** Its key, for the one that is to sign later. Optional, and not read. */
  otherKey: 'other-ca.key',
} as const

/** Texts by the keys above. */
export type AuthorityTexts = ReadonlyMap<string, string>

export interface Authority {
  /** Signs leaves from now on. */
  readonly signer: IssuedPair
  /** What clients are to trust, PEM, the signer first. */
  readonly certificates: readonly string[]
  /** Of the signer: SHA-256. */
  readonly fingerprint: string
  readonly notAfterMs: number
  readonly texts: AuthorityTexts
  /** What is wrong with the second CA, which is left out then: no reason not to sign by the first. */
  readonly flaw: CertificateError | undefined
}

/**
 * Undefined where there is none yet.
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
      `the CA in ${at(AUTHORITY_KEYS.certificate)} is valid from ${new Date(notBeforeMs).toISOString()} on, and it is ${new Date(nowMs).toISOString()} here`,
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
    throw invalid(`${there} is there and ${missing} is not`, place)
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

/** More than the previous CA and the next one. All of them are in every caBundle, so their number is bounded. */
const MAX_OTHERS = 3

/** Expired CAs are left out without a word. */
function readOthers(
  pem: string,
  { place, at, nowMs }: Place & { readonly nowMs: number },
): { readonly others: readonly string[]; readonly flaw: CertificateError | undefined } {
  const found = splitCertificates(pem)
  const name = at(AUTHORITY_KEYS.otherCertificate)
  let flaw = pem !== '' && found.length === 0 ? invalid(`${name} holds no PEM certificate`, place) : undefined
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
      flaw ??= invalid(`${name} holds no PEM certificate`, place, cause)
    }
    return false
  })
  return { others, flaw }
}

function invalid(why: string, place: string, cause?: unknown): CertificateError {
  return new CertificateError('authority-invalid', why, { source: place, cause })
}
