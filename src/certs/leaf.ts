/**
 * A replica's own serving certificate: names, lifetime, signing and verification. self-source.ts decides when to
 * renew it.
 */
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
  /** From this time on the renewal is overdue. */
  readonly overdueAtMs: number
  /** The CA that signed it. */
  readonly authority: Authority
}

/** The name by which the API server calls a Service (`name.namespace.svc`), and those that other clients use. */
export function serviceNames({ namespace, name }: ServiceName): readonly string[] {
  return [`${name}.${namespace}.svc`, `${name}.${namespace}`, `${name}.${namespace}.svc.cluster.local`]
}

/**
 * Creates a certificate that does not outlive its CA. Its key exists only in this process.
 * @throws CertificateError `authority-invalid` if no client would trust what this CA signs, `authority-expired`
 */
export function issueLeaf(authority: Authority, { service, lifeMs, nowMs, clientCa }: LeafRequest): Leaf {
  if (nowMs >= authority.notAfterMs) {
    const end = new Date(authority.notAfterMs).toISOString()
    throw new CertificateError('authority-expired', `the shared CA expired at ${end}`)
  }
  const issued = issueServing(authority.signer, {
    // Long names of Services exceed the limit of 64 characters. Clients read only the alternative names.
    commonName: 'remora',
    names: serviceNames(service),
    ...validity(nowMs, Math.min(lifeMs, authority.notAfterMs - nowMs)),
  })
  if (!bundleVerifies([authority.signer.certificate], issued.certificate)) {
    throw new CertificateError(
      'authority-invalid',
      'the shared CA does not verify the certificates that it signs: its subject or key identifier differs from what Remora generates',
    )
  }
  const names = { certificate: 'the serving certificate', key: 'its key', clientCa: 'the client CA' }
  const pair = checkPair({ ...issued, clientCa }, names)
  // A new one would not be valid for longer.
  const last = pair.notAfterMs >= authority.notAfterMs
  const due = last ? Number.POSITIVE_INFINITY : renewAtMs({ issuedAtMs: nowMs, notAfterMs: pair.notAfterMs })
  const overdueAtMs = ownRenewalOverdueAtMs({ issuedAtMs: nowMs, notAfterMs: pair.notAfterMs })
  return { pair, renewAtMs: due, overdueAtMs, authority }
}
