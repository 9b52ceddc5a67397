/** Creates a CA for the replicas to share. Separate from authority.ts because it loads node-forge. */
import { AUTHORITY_KEYS, type AuthorityTexts } from './authority.ts'
import { issueAuthority } from './issue.ts'
import { validity } from './renewal.ts'

const SUBJECT = 'Remora CA'
/** The lifetime of Istio's own self-signed CA. */
const LIFE_MS = 10 * 365 * 86_400_000

/** A new CA, as the keys of the Secret. */
export function makeAuthority(nowMs: number, lifeMs: number = LIFE_MS): AuthorityTexts {
  const made = issueAuthority({ commonName: SUBJECT, ...validity(nowMs, lifeMs) })
  return new Map([
    [AUTHORITY_KEYS.certificate, made.certificate],
    [AUTHORITY_KEYS.key, made.key],
  ])
}
