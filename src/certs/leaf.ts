/** Responsible for: a replica's own serving certificate: its names, its life, signed and checked. Not here: when (self-source.ts). */
import type { Authority } from './authority.ts'
import { bundleVerifies } from './bundle.ts'
import { issueServing } from './issue.ts'
import { CertificateError, type CertificatePair, checkPair } from './pair.ts'
import { ownRenewalOverdueAtMs, renewAtMs, validity } from './renewal.ts'

export interface ServiceName {
  readonly namespace: string
  readonly name: string
}

export interface LeafRequest {
  readonly service: ServiceName
  readonly lifeMs: number
  readonly nowMs: number
  /** PEM of the CAs of client certificates. */
  readonly clientCa?: string | undefined
}

export interface Leaf {
  readonly pair: CertificatePair
  readonly renewAtMs: number
  /** From then on something keeps it from being renewed. */
  readonly overdueAtMs: number
  /** Whose signature it bears. */
  readonly authority: Authority
}

/** As the API server asks for a Service (`name.namespace.svc`), and as people and other clients do. */
export function serviceNames({ namespace, name }: ServiceName): readonly string[] {
  return [`${name}.${namespace}.svc`, `${name}.${namespace}`, `${name}.${namespace}.svc.cluster.local`]
}

/**
 * It never outlives its CA. The key exists in this process only.
 * @throws CertificateError `authority-invalid` where no client would trust what this CA signs, `authority-expired`.
 */
export function issueLeaf(authority: Authority, { service, lifeMs, nowMs, clientCa }: LeafRequest): Leaf {
  if (nowMs >= authority.notAfterMs) {
    const end = new Date(authority.notAfterMs).toISOString()
    throw new CertificateError('authority-expired', `the shared CA expired at ${end}`)
  }
  const issued = issueServing(authority.signer, {
    // Long names of Services do not fit into 64 characters; clients read the alternative names only.
    commonName: 'remora',
    names: serviceNames(service),
    ...validity(nowMs, Math.min(lifeMs, authority.notAfterMs - nowMs)),
  })
  if (!bundleVerifies([authority.signer.certificate], issued.certificate)) {
    throw new CertificateError(
      'authority-invalid',
      'the shared CA does not vouch for what it signs: its subject or key identifier is not as Remora makes them',
    )
  }
  const names = { certificate: 'the serving certificate', key: 'its key', clientCa: 'the client CA' }
  const pair = checkPair({ ...issued, clientCa }, names)
  // Another one would not be valid for longer.
  const last = pair.notAfterMs >= authority.notAfterMs
  const due = last ? Number.POSITIVE_INFINITY : renewAtMs({ issuedAtMs: nowMs, notAfterMs: pair.notAfterMs })
  const overdueAtMs = ownRenewalOverdueAtMs({ issuedAtMs: nowMs, notAfterMs: pair.notAfterMs })
  return { pair, renewAtMs: due, overdueAtMs, authority }
}
