/** A rule: one pure function that finds one kind of problem in one type of subject. */
import type { Code } from '../../inject/index.ts'
import type { ObjectKind } from '../../kube/index.ts'
import type { ClusterFacts } from './cluster-facts.ts'
import type { Finding } from './finding.ts'
import type { Need } from './need.ts'
import type { Subject, SubjectType } from './subject.ts'

export interface Rule<T extends SubjectType = SubjectType> {
  readonly subject: T
  /** The codes that it can report, and no other. */
  readonly codes: readonly Code[]
  /**
   * Kinds of objects that it needs besides the snapshot, and the API server's verdicts. If a kind was not read, the rule
   * does not run, and the report lists it as not judged. Nobody misses verdicts that were not requested.
   */
  readonly needs: readonly Need[]
  /** Further kinds that it looks at where they were read. */
  readonly uses?: readonly ObjectKind[]
  /**
   * Only commands run it: the server reports the same as a problem of its own, it is about what a command has read, or it
   * tries too many pods. The server runs all others without needs.
   */
  readonly commandsOnly?: true
  /** Of namespaces: a finding is also one of each workload that follows the labels of the namespace. */
  readonly reachesPods?: true
  find(subject: Extract<Subject, { readonly type: T }>, facts: ClusterFacts): readonly Finding[]
}
