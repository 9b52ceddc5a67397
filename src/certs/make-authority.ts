/** Owns: a new CA for the replicas to share. Apart from authority.ts because node-forge comes with it. */
import { AUTHORITY_KEYS, type AuthorityTexts } from './authority.ts'
import { issueAuthority } from './issue.ts'
import { validity } from './renewal.ts'

const SUBJECT = 'Remora CA'
/** As long as Istio's own self-signed CA lives by default. */
const LIFE_MS = 10 * 365 * 86_400_000

/** A new CA, as the texts to be shared. */
export function makeAuthority(nowMs: number, lifeMs: number = LIFE_MS): AuthorityTexts {
  const made = issueAuthority({ commonName: SUBJECT, ...validity(nowMs, lifeMs) })
  return new Map([
    [AUTHORITY_KEYS.certificate, made.certificate],
    [AUTHORITY_KEYS.key, made.key],
  ])
}
