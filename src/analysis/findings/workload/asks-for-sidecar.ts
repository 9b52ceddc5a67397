/** Whether a workload requests a sidecar. */
import type { CodeOf } from '../../../inject/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import type { WorkloadSubject } from '../subject.ts'

/** Those that request a sidecar, by their namespace's labels or their own, even if no control plane serves the request. */
export function asksForSidecar(workload: WorkloadSubject, facts: ClusterFacts): boolean {
  const { decision } = facts.trial(workload)
  return decision.kind !== 'none' || UNSERVED.has(decision.code)
}

const UNSERVED: ReadonlySet<string> = new Set<CodeOf<'skipped'>>([
  'revision-not-installed',
  'no-default-revision',
])
