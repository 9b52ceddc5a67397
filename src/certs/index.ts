/**
 * Certificates: made, read, followed. The only importer of node-forge; knows files, and neither the cluster nor HTTP. What signs
 * (issue.ts, leaf.ts, make-authority.ts) is not exported, because node-forge would be loaded with it by every start.
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
export { fileRenewalOverdueAtMs, ownRenewalOverdueAtMs, renewAtMs } from './renewal.ts'
export { createSelfSource, type SelfSourceOptions, type SelfSourceTiming } from './self-source.ts'
export { type CertificateFiles, type CertificateSourceOptions, createCertificateSource } from './source.ts'
