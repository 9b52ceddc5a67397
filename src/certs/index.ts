/** Certificates: made, read, followed. The only importer of node-forge; knows files, and neither the cluster nor HTTP. */
export { AUTHORITY_KEYS, type AuthorityTexts, makeAuthority, readAuthority } from './authority.ts'
export { bundleHolds, bundleVerifies, mergeBundle, splitCertificates } from './bundle.ts'
export type { CertificateEvent, CertificateSource } from './certificate-source.ts'
export {
  DEVELOPMENT_NAMES,
  type DevelopmentFiles,
  type DevelopmentOptions,
  developmentFiles,
  ensureDevelopmentCertificates,
} from './development.ts'
export { type IssuedPair, type IssueRequest, issueAuthority, issueClient, issueServing } from './issue.ts'
export { issueLeaf, type Leaf, type ServiceName, serviceNames } from './leaf.ts'
export { CertificateError, type CertificatePair, checkPair, messageOf } from './pair.ts'
export { renewAtMs } from './renewal.ts'
export {
  type AuthorityStore,
  createSelfSource,
  type SelfSourceOptions,
  type SelfSourceTiming,
} from './self-source.ts'
export { type CertificateFiles, type CertificateSourceOptions, createCertificateSource } from './source.ts'
