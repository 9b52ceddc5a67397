/** The registry of findings: the interface for the other analyses, and for packages through analysis/index.ts. */
export {
  ClusterFacts,
  type ClusterInput,
  type ManifestText,
  type Trial,
} from './cluster-facts.ts'
export {
  findAll,
  findForServer,
  findingsOf,
  findNotJudged,
  inOrder,
  type NotJudged,
  ofTarget,
  type SubjectFindings,
  serverRules,
} from './find.ts'
export { describePlace, type Finding, type FindingPlace, makeFinding } from './finding.ts'
export { kindsAmong } from './need.ts'
export { rules } from './registry.ts'
export type { Rule } from './rule.ts'
export { findService } from './service/find-service.ts'
export * from './subject.ts'
export { podSubject, subjectsOf } from './subjects-among.ts'
export { podToSend, type SentPod } from './workload/server-dry-run.ts'
export { workloadsAmong } from './workloads-among.ts'
