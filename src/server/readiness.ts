/**
 * The server's state: everything for the admin socket, and the closed set of reasons that /readyz shows without authentication.
 */
import { describePlace, type Finding } from '../analysis/index.ts'
import type { CertificateSource } from '../certs/index.ts'
import type { CaBundles, Cluster, LastGood } from '../cluster/index.ts'
import type { KeptConfiguration, Revision } from '../inject/index.ts'
import { currentProblems } from './current-problems.ts'
import type { ServeFindings } from './serve-findings.ts'

/** Why a server is not ready, without names or texts of objects. `remora status` shows the details. */
export type UnreadyReason =
  | 'shutting down'
  | 'there is no serving certificate yet'
  | 'the caBundles do not contain the CA of the serving certificate yet, so the API server would refuse it'
  | 'the cluster has not been read completely yet'
  | 'a revision cannot be built here, and it is not known yet whether its last good configuration can be used'

export interface Readiness {
  readonly ready: boolean
  /** Absent while ready. */
  readonly reason?: UnreadyReason
  readonly version: string
}

/** Stale data is reported here and does not make the server unready. */
export interface ServerState extends Readiness {
  readonly [fact: string]: unknown
}

export interface ReadinessFacts {
  /** Remora's own version. */
  readonly version: string
  readonly cluster: Cluster
  readonly certificates: CertificateSource
  readonly caBundles?: Pick<CaBundles, 'status' | 'registered'> | undefined
  /** Undefined if configurations are not stored in Secrets. */
  readonly lastGood?: Pick<LastGood, 'notReadyReason' | 'status'> | undefined
  /** What its rules found in the cluster. */
  readonly findings?: Pick<ServeFindings, 'current'> | undefined
  readonly stopping: boolean
}

/**
 * Stale data is reported and leaves the server ready. So does a broken revision, unless this replica has just started
 * and another one still serves it (LastGood).
 */
export function describeReadiness({
  version,
  cluster,
  certificates,
  caBundles,
  lastGood,
  findings,
  stopping,
}: ReadinessFacts): ServerState {
  const snapshot = cluster.snapshot()
  const status = cluster.status()
  const registration = caBundles?.status()
  const certificate = describeCertificate(certificates)
  const waiting = lastGood?.notReadyReason()
  const reason: UnreadyReason | undefined = stopping
    ? 'shutting down'
    : certificate.notAfter === undefined
      ? 'there is no serving certificate yet'
      : caBundles?.registered() === false
        ? 'the caBundles do not contain the CA of the serving certificate yet, so the API server would refuse it'
        : status.synced
          ? waiting === undefined
            ? undefined
            : 'a revision cannot be built here, and it is not known yet whether its last good configuration can be used'
          : 'the cluster has not been read completely yet'
  return {
    ready: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    version,
    cluster: {
      source: status.source,
      synced: status.synced,
      staleForMs: Math.round(status.staleForMs),
      resources: status.resources?.map((one) => ({ ...one, staleForMs: Math.round(one.staleForMs) })),
    },
    revisions: [...snapshot.revisions.values()].map((revision) => ({
      name: revision.name,
      namespace: revision.namespace,
      istioVersion: revision.config?.version.text,
      configuration: revision.config?.digest,
      state: stateOf(revision),
      kept: revision.kept && describeKept(revision.kept),
      problem: revision.problem,
    })),
    // The revision, and the replica that serves it.
    ...(waiting === undefined ? {} : { waiting }),
    tags: [...snapshot.tags].map(([tag, revision]) => ({ tag, revision })),
    problems: currentProblems({ cluster, certificates, caBundles, lastGood }, Date.now()),
    ...(findings === undefined ? {} : { findings: describeFindings(findings.current()) }),
    webhookConfigurations: registration?.configurations,
    certificate,
  }
}

/** `remora check` has all of them. */
const SHOWN_FINDINGS = 50

function describeFindings(findings: readonly Finding[]) {
  const shown = findings.slice(0, SHOWN_FINDINGS).map(({ severity, code, where, message, fix }) => ({
    severity,
    code,
    where: describePlace(where),
    message,
    fix,
  }))
  const more = findings.length - shown.length
  return more === 0 ? shown : [...shown, { message: `and ${more} more: remora check --cluster live` }]
}

function stateOf({ config, kept, problem }: Revision): string {
  if (config === undefined) return 'unusable'
  if (kept !== undefined) return 'kept'
  return problem === undefined ? 'current' : 'last good'
}

/** The source of the configuration in use. A problem of the revision says why it is used. */
function describeKept({ place, keptSince, remoraVersion }: KeptConfiguration) {
  return { in: place, since: keptSince, byRemora: remoraVersion }
}

interface CertificateFacts {
  /** Absent while none is loaded. */
  readonly notAfter?: string
  readonly problem: string | undefined
}

function describeCertificate(certificates: CertificateSource): CertificateFacts {
  const problem = certificates.problem()
  try {
    const notAfter = new Date(certificates.current().notAfterMs).toISOString()
    return { notAfter, problem: problem?.message }
  } catch {
    return { problem: problem?.message ?? 'not loaded yet' }
  }
}
