/** Whether a revision or tag may go: its dependants by kind, and what is not known. */
import type { ObjectKind } from '../../kube/index.ts'
import type { Dependant, DependantKind } from './dependant.ts'
import type { UsedByFacts } from './facts.ts'
import { DEPENDANT_KINDS } from './kinds.ts'
import { removalCommands } from './removal.ts'
import type { UsedBySubject } from './subject.ts'

/** Everything that must be read before a revision or tag may be called free. */
export const USED_BY_NEEDS: ReadonlySet<ObjectKind> = new Set(DEPENDANT_KINDS.flatMap(({ needs }) => needs))

export interface DependantGroup {
  readonly kind: DependantKind
  /** At least one. */
  readonly dependants: readonly Dependant[]
}

export type UsedByVerdict = 'in-use' | 'free' | 'unknown'

export interface UsedBy {
  readonly subject: UsedBySubject
  readonly verdict: UsedByVerdict
  readonly groups: readonly DependantGroup[]
  /** Only if nothing depends on it. */
  readonly removal: readonly string[]
}

/** @param complete everything that it needs was read */
export function findUsedBy(subject: UsedBySubject, facts: UsedByFacts, complete: boolean): UsedBy {
  const groups = DEPENDANT_KINDS.map((kind) => ({ kind, dependants: kind.find(subject, facts) })).filter(
    ({ dependants }) => dependants.length > 0,
  )
  const verdict = groups.length > 0 ? 'in-use' : complete ? 'free' : 'unknown'
  return { subject, verdict, groups, removal: verdict === 'free' ? removalCommands(subject, facts) : [] }
}
