/** The problems of the serving certificate: missing, rejected, expired or overdue for renewal. */
import type { CertificateSource } from './certificate-source.ts'
import { CertificateError, type CertificatePair } from './pair.ts'

/** All current problems. */
export function certificateProblems(
  source: Pick<CertificateSource, 'current' | 'problem' | 'overdueAtMs'>,
  nowMs: number,
): readonly CertificateError[] {
  const rejected = source.problem()
  const pair = pairOf(source)
  // While there is no certificate, the source reports the reason if it knows one.
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
    `the serving certificate expires at ${end}, and its renewal has been overdue since ${new Date(overdueAtMs).toISOString()}`,
  )
}
