/** How long certificates are valid, when the next one is due, and when it is overdue. Pure. */

/** Backdated, so that a client whose clock is slightly slow accepts the certificate. */
const BACKDATE_MS = 3_600_000
const RENEW_AT = 2 / 3

export function validity(nowMs: number, lifeMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - BACKDATE_MS), notAfter: new Date(nowMs + lifeMs) }
}

/** After two thirds of the lifetime; the last third is for problems with the renewal. */
export function renewAtMs({ issuedAtMs, notAfterMs }: { issuedAtMs: number; notAfterMs: number }): number {
  return issuedAtMs + Math.max(0, notAfterMs - issuedAtMs) * RENEW_AT
}

/** After five sixths of its lifetime, a certificate of our own is overdue. */
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
 * For a certificate that something else renews at an unknown time: the last sixth of its lifetime, at most 14 days.
 * cert-manager renews at two thirds by default, and Let's Encrypt recommends 30 days before the end.
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
