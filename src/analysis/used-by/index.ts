/** What depends on a revision or tag: the interface for other packages. */
export type { Dependant, DependantKind } from './dependant.ts'
export { type JudgedWorkload, type UsedByFacts, type UsedByInput, usedByFacts } from './facts.ts'
export { DEPENDANT_KINDS } from './kinds.ts'
export { entriesWithoutRevision } from './machines.ts'
export { findSubject, findSubjects, type UsedBySubject } from './subject.ts'
export {
  type DependantGroup,
  findUsedBy,
  USED_BY_NEEDS,
  type UsedBy,
  type UsedByVerdict,
} from './used-by.ts'
