/** Reads and verifies public certificates for the findings of `remora check`. */
import { X509Certificate } from 'node:crypto'
import { bundleVerifies, splitCertificates } from './bundle.ts'

export interface ReadCertificate {
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly dnsNames: readonly string[]
}

export const publicCertificates = {
  read(pem: string): readonly ReadCertificate[] {
    return splitCertificates(pem).flatMap((block) => {
      try {
        const found = new X509Certificate(block)
        return [
          {
            notBeforeMs: Date.parse(found.validFrom),
            notAfterMs: Date.parse(found.validTo),
            dnsNames: (found.subjectAltName ?? '')
              .split(', ')
              .flatMap((name) => (name.startsWith('DNS:') ? [name.slice('DNS:'.length)] : [])),
          },
        ]
      } catch {
        return []
      }
    })
  },
  verifies(bundle: string, chain: string): boolean {
    return bundleVerifies(splitCertificates(bundle), chain)
  },
}
