/** Owns: how long certificates are valid and when the next one is due. Pure: the time is an argument. */

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
