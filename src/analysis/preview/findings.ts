/** The findings of the previewed workloads under the revision that they move to: those that `check` reports for it. */
import {
  type ClusterFacts,
  type Finding,
  findingsOf,
  inOrder,
  ofTarget,
  type WorkloadSubject,
} from '../findings/index.ts'

/** @param facts with the target */
export function findMoveFindings(
  workloads: readonly WorkloadSubject[],
  facts: ClusterFacts,
): readonly Finding[] {
  const found = workloads.map((subject) => ({ subject, findings: findingsOf(subject, facts) }))
  return ofTarget(inOrder(found), facts)
}
