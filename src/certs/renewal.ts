/** Responsible for: how long certificates are valid, when the next one is due and when it is overdue. Pure. */

/** So that a client whose clock is a little behind does not see a certificate from the future. */
const BACKDATE_MS = 3_600_000
const RENEW_AT = 2 / 3

export function validity(nowMs: number, lifeMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - BACKDATE_MS), notAfter: new Date(nowMs + lifeMs) }
}

/** After two thirds of what lies between issue and end; the last third is for whatever goes wrong with the renewal. */
export function renewAtMs({ issuedAtMs, notAfterMs }: { issuedAtMs: number; notAfterMs: number }): number {
  return issuedAtMs + Math.max(0, notAfterMs - issuedAtMs) * RENEW_AT
}

/** Past five sixths of its life a certificate of our own should have been replaced long ago. */
export function ownRenewalOverdueAtMs({
  issuedAtMs,
  notAfterMs,
}: {
  issuedAtMs: number
  notAfterMs: number
}): number {
  return issuedAtMs + (Math.max(0, notAfterMs - issuedAtMs) * 5) / 6
}

const FOURTEEN_DAYS_MS = 14 * 86_400_000

/**
 * Of a certificate that somebody else renews, at a time that is not known here: the last sixth of its life, 14 days at
 * most. cert-manager renews at two thirds unless told otherwise, and Let's Encrypt recommends 30 days before the end.
 */
export function fileRenewalOverdueAtMs({
  notBeforeMs,
  notAfterMs,
}: {
  notBeforeMs: number
  notAfterMs: number
}): number {
  return notAfterMs - Math.min(FOURTEEN_DAYS_MS, Math.max(0, notAfterMs - notBeforeMs) / 6)
}
