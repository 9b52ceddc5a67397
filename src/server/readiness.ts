/**
 * Owns: the server's own state: all of it for the admin socket, and the closed set of reasons that anybody may read in
 * /readyz. Not here: serving either.
 */
import type { CertificateSource } from '../certs/index.ts'
import type { CaBundles, Cluster } from '../cluster/index.ts'
import { currentProblems } from './current-problems.ts'

/** Why a server is not ready, for anybody: no name or text of an object. What is behind it, `remora status` says. */
export type UnreadyReason =
  | 'shutting down'
  | 'there is no serving certificate yet'
  | 'the caBundles do not hold the CA of the serving certificate yet, so the API server would refuse it'
  | 'the cluster has not been read completely yet'

export interface Readiness {
  readonly ready: boolean
  /** Absent while ready. */
  readonly reason?: UnreadyReason
  readonly version: string
}

/** A broken revision or stale data is named here and does not make the server unready. */
export interface ServerState extends Readiness {
  readonly [fact: string]: unknown
}

export interface ReadinessFacts {
  /** Remora's own. */
  readonly version: string
  readonly cluster: Cluster
  readonly certificates: CertificateSource
  readonly caBundles?: Pick<CaBundles, 'status' | 'registered'> | undefined
  readonly stopping: boolean
}

/** Stale data or a broken revision is told, and leaves the server ready: no other replica would know better. */
export function describeReadiness({
  version,
  cluster,
  certificates,
  caBundles,
  stopping,
}: ReadinessFacts): ServerState {
  const snapshot = cluster.snapshot()
  const status = cluster.status()
  const registration = caBundles?.status()
  const certificate = describeCertificate(certificates)
  const reason: UnreadyReason | undefined = stopping
    ? 'shutting down'
    : certificate.notAfter === undefined
      ? 'there is no serving certificate yet'
      : caBundles?.registered() === false
        ? 'the caBundles do not hold the CA of the serving certificate yet, so the API server would refuse it'
        : status.synced
          ? undefined
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
    revisions: [...snapshot.revisions.values()].map(({ name, namespace, config, problem }) => ({
      name,
      namespace,
      istioVersion: config?.version.text,
      configuration: config?.digest,
      state: config === undefined ? 'unusable' : problem === undefined ? 'current' : 'last good',
      problem,
    })),
    tags: [...snapshot.tags].map(([tag, revision]) => ({ tag, revision })),
    problems: currentProblems({ cluster, certificates, caBundles }, Date.now()),
    webhookConfigurations: registration?.configurations,
    certificate,
  }
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
