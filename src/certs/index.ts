/**
 * Certificates: created, read, followed. The only package that imports node-forge. It knows files, but neither the
 * cluster nor HTTP. The modules that sign (issue.ts, leaf.ts, make-authority.ts) are not exported, because every
 * start would then load node-forge.
 */

export { AUTHORITY_KEYS, type AuthorityTexts, readAuthority } from './authority.ts'
export type { AgreementTiming, AuthorityStore } from './authority-agreement.ts'
export { bundleHolds, bundleVerifies, mergeBundle, splitCertificates, validUntilMs } from './bundle.ts'
export { certificateProblems } from './certificate-problems.ts'
export type { CertificateEvent, CertificateSource } from './certificate-source.ts'
export {
  DEVELOPMENT_NAMES,
  type DevelopmentFiles,
  type DevelopmentOptions,
  developmentFiles,
  ensureDevelopmentCertificates,
} from './development.ts'
export type { IssuedPair, IssueRequest } from './issue.ts'
export type { Leaf, ServiceName } from './leaf.ts'
export { CertificateError, type CertificatePair, checkPair, messageOf } from './pair.ts'
export { publicCertificates } from './public-certificates.ts'
export { fileRenewalOverdueAtMs, ownRenewalOverdueAtMs, renewAtMs } from './renewal.ts'
export { createSelfSource, type SelfSourceOptions, type SelfSourceTiming } from './self-source.ts'
export { type CertificateFiles, type CertificateSourceOptions, createCertificateSource } from './source.ts'
