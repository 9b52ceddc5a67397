export { type LimitViolation, limitRangeViolations } from './limit-range.ts'
export { listed, type PodProblem } from './pod-problem.ts'
export { resourcesOf } from './pod-resources.ts'
export {
  newViolations,
  POD_SECURITY_LEVELS,
  type PodSecurityLevel,
  type SecurityViolation,
  violationsOf,
} from './pod-security.ts'
export { type QuotaLine, quotaLines, usedBy, withoutValue } from './resource-quota.ts'
export { newProblems, validatePod } from './validate-pod.ts'
export { linuxOnlyFields, windowsPod } from './windows.ts'
