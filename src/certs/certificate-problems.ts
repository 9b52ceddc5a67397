/** Responsible for: what is wrong with the serving certificate, as problems. Not here: finding it (the sources). */
import type { CertificateSource } from './certificate-source.ts'
import { CertificateError, type CertificatePair } from './pair.ts'

/** Missing, rejected, expired or not renewed in time. */
export function certificateProblems(
  source: Pick<CertificateSource, 'current' | 'problem' | 'overdueAtMs'>,
  nowMs: number,
): readonly CertificateError[] {
  const rejected = source.problem()
  const pair = pairOf(source)
  // While there is none, the source says why, if it knows.
  if (pair instanceof CertificateError) return [rejected ?? pair]
  const late = lateness(pair, source.overdueAtMs(), nowMs)
  return [rejected, late].filter((problem) => problem !== undefined)
}

function pairOf(source: Pick<CertificateSource, 'current'>): CertificatePair | CertificateError {
  try {
    return source.current()
  } catch (error) {
    if (error instanceof CertificateError) return error
    throw error
  }
}

function lateness(
  { notAfterMs }: CertificatePair,
  overdueAtMs: number,
  nowMs: number,
): CertificateError | undefined {
  const end = new Date(notAfterMs).toISOString()
  if (nowMs >= notAfterMs) {
    return new CertificateError(
      'certificate-expired',
      `the serving certificate expired at ${end}, so the API server refuses it`,
    )
  }
  if (nowMs < overdueAtMs) return undefined
  return new CertificateError(
    'certificate-renewal-overdue',
    `the serving certificate ends at ${end}, and its renewal has been due since ${new Date(overdueAtMs).toISOString()} at the latest`,
  )
}
