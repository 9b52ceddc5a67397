export {
  DEVELOPMENT_NAMES,
  type DevelopmentFiles,
  type DevelopmentOptions,
  developmentFiles,
  ensureDevelopmentCertificates,
} from './development.ts'
export { type IssuedPair, type IssueRequest, issueAuthority, issueClient, issueServing } from './issue.ts'
export { CertificateError, type CertificatePair, checkPair, messageOf } from './pair.ts'
export {
  type CertificateEvent,
  type CertificateFiles,
  type CertificateSource,
  type CertificateSourceOptions,
  createCertificateSource,
} from './source.ts'
