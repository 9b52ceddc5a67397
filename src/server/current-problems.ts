/** Collects the server's current problems from all its parts. */
import { type CertificateSource, certificateProblems } from '../certs/index.ts'
import type { CaBundles, Cluster, LastGood } from '../cluster/index.ts'
import type { Problem } from '../inject/index.ts'
import type { Logger } from '../observe/index.ts'

export interface ProblemSources {
  readonly cluster: Pick<Cluster, 'status'>
  readonly certificates: Pick<CertificateSource, 'current' | 'problem' | 'overdueAtMs'>
  readonly caBundles: Pick<CaBundles, 'status'> | undefined
  /** Undefined if configurations are not stored in Secrets. */
  readonly lastGood?: Pick<LastGood, 'status'> | undefined
}

export function currentProblems(sources: ProblemSources, nowMs: number): readonly Problem[] {
  const { cluster, certificates, caBundles, lastGood } = sources
  return [
    ...cluster.status().problems,
    ...(caBundles?.status().problems ?? []),
    ...(lastGood?.status().problems ?? []),
    ...certificateProblems(certificates, nowMs).map(({ code, message }) => ({ code, message })),
  ]
}

/** These problems appear with time alone; all others are logged where they occur. */
const OF_TIME: ReadonlySet<string> = new Set(['certificate-renewal-overdue', 'certificate-expired'])
const CHECK_MS = 60_000

/** Logs when the certificate in use becomes overdue for renewal or expires, and when that is resolved. */
export function logLateCertificates(
  certificates: ProblemSources['certificates'],
  logger: Pick<Logger, 'warn' | 'info'>,
  checkMs = CHECK_MS,
): { close(): void } {
  let before: Problem | undefined
  const check = (): void => {
    const now = certificateProblems(certificates, Date.now()).find(({ code }) => OF_TIME.has(code))
    if (now?.code === before?.code) return
    if (before !== undefined) logger.info({ code: before.code, problem: before.message }, 'problem resolved')
    if (now !== undefined) logger.warn({ code: now.code, problem: now.message }, 'problem')
    before = now
  }
  const timer = setInterval(check, checkMs).unref()
  check()
  return { close: () => clearInterval(timer) }
}
