/**
 * Bundles of CA certificates as PEM texts: splitting them, whether one contains certain CAs, and whether its CAs
 * verify a chain. Pure.
 */
import { X509Certificate } from 'node:crypto'

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+?-----END CERTIFICATE-----/g
/** Leaf, intermediates and CA; public CAs need three. */
const MAX_CHAIN = 8

/** The certificates of a PEM text, each with a newline at its end. Other text is ignored. */
export function splitCertificates(pem: string): readonly string[] {
  return [...pem.matchAll(BLOCK)].map(([block]) => `${block.replaceAll('\r', '')}\n`)
}

/** Whether the bundle contains all of these certificates. An invalid bundle contains none. */
export function bundleHolds(bundle: string, required: readonly string[]): boolean {
  const held = new Set(parseAll(splitCertificates(bundle)).map((certificate) => certificate.fingerprint256))
  const wanted = parseAll(required)
  return wanted.length === required.length && wanted.every(({ fingerprint256 }) => held.has(fingerprint256))
}

/**
 * The bundle that replaces another one: the required CAs first, then those that clients trusted before and may still
 * need, up to `limit` certificates in total. Replicas see a new CA at different times (nodes update mounted Secrets
 * up to two minutes apart), so a CA that one of them uses must survive a write of another. Only valid certificates
 * are kept: CAs, and self-signed certificates, which are their own CA. Those with the name of a required CA come
 * first.
 */
export function mergeBundle(
  required: readonly string[],
  present: string,
  { nowMs, limit = 4 }: { readonly nowMs: number; readonly limit?: number },
): string {
  const own = parseAll(required)
  const names = new Set(own.map(({ subject }) => subject))
  const known = new Set(own.map(({ fingerprint256 }) => fingerprint256))
  const kept = splitCertificates(present).flatMap((pem) => {
    const [found] = parseAll([pem])
    if (found === undefined || known.has(found.fingerprint256)) return []
    known.add(found.fingerprint256)
    const anchor = found.ca || isSelfSigned(found)
    return anchor && isValid(found, nowMs) ? [{ pem, rank: names.has(found.subject) ? 0 : 1 }] : []
  })
  const sorted = kept.toSorted((a, b) => a.rank - b.rank).map(({ pem }) => pem)
  return [...required, ...sorted.slice(0, Math.max(0, limit - required.length))].join('')
}

/** The expiry of the CA that is valid for longest; undefined if none is valid now. */
export function validUntilMs(pems: readonly string[], nowMs: number): number | undefined {
  const ends = parseAll(pems)
    .filter((found) => found.ca && isValid(found, nowMs))
    .map(({ validTo }) => Date.parse(validTo))
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/** Whether one of the CAs verifies the first certificate of the chain, directly or through the others. */
export function bundleVerifies(bundle: readonly string[], chain: string): boolean {
  const trusted = parseAll(bundle)
  const others = parseAll(splitCertificates(chain))
  let current = others.shift()
  for (let step = 0; current !== undefined && step < MAX_CHAIN; step++) {
    const subject = current
    // A certificate that is its own CA is trusted directly.
    if (trusted.some((ca) => ca.fingerprint256 === subject.fingerprint256 || issued(ca, subject))) return true
    current = others.find((other) => other !== subject && issued(other, subject))
  }
  return false
}

/** Also if its key usage does not allow it to sign certificates. */
function isSelfSigned(found: X509Certificate): boolean {
  return found.subject === found.issuer && found.verify(found.publicKey)
}

function isValid({ validTo }: X509Certificate, nowMs: number): boolean {
  return Date.parse(validTo) > nowMs
}

function issued(authority: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(authority) && subject.verify(authority.publicKey)
}

function parseAll(pems: readonly string[]): X509Certificate[] {
  return pems.flatMap((pem) => {
    try {
      return [new X509Certificate(pem)]
    } catch {
      return []
    }
  })
}
