/** What a restart would change in the sidecar of a running pod. */
import { compareSidecars, readInjected, readSidecar } from '../../../dataplane/index.ts'
import type { JsonObject } from '../../../json/index.ts'
import { isStored } from '../../../kube/index.ts'
import { findRestart, howToRestart } from '../../preview/restarts.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'

export const restartChanges: Rule<'pod'> = {
  subject: 'pod',
  codes: ['restart-changes-sidecar', 'restart-removes-sidecar'],
  needs: [],
  find({ title, namespace, object, workload }, facts) {
    if (workload === undefined || !isStored(object)) return []
    const next = nextPod(workload, facts)
    if (next === undefined) return []
    const injected = readInjected(object)
    const changes = compareSidecars(injected, next.pod && readSidecar(next.pod))
    if (changes.length === 0) return []
    const text = changes
      .map(({ what, now, next: after }) => `${what} ${now ?? 'none'} -> ${after ?? 'none'}`)
      .join(', ')
    const removes = next.pod === undefined
    const replaced = replacing(workload)
    const moves = !removes && readSidecar(object) !== undefined
    return [
      makeFinding(removes ? 'restart-removes-sidecar' : 'restart-changes-sidecar', {
        revision: next.revision,
        where: { object: title },
        message: `${replaced.subject} would change its sidecar: ${text}`,
        expected: removes ? 'a sidecar in the next pod too' : 'the sidecar that the next pod gets',
        // In an upgrade all pods of the mesh have the same change to come.
        severity: moves ? 'note' : 'warning',
        group: `${moves ? '' : `${namespace}: `}${text} ${replaced.change}`,
        fix: removes ? replaced.remove : replaced.change,
      }),
    ]
  },
}

interface NextPod {
  readonly pod: JsonObject | undefined
  readonly revision: string | undefined
}

/** undefined: a pod that would be refused cannot be restarted, and what another control plane injects is not known. */
function nextPod(workload: WorkloadSubject, facts: ClusterFacts): NextPod | undefined {
  const { outcome, called, webhooks } = facts.trial(workload)
  if (outcome.kind === 'refused' || outcome.kind === 'fault') return undefined
  if (outcome.kind === 'skipped' && webhooks.some(({ matched }) => matched)) return undefined
  const pod = outcome.kind === 'patched' && called !== false ? outcome.pod : undefined
  return { pod, revision: outcome.decided?.revision }
}

/** Only what has a rollout is restarted; undefined: the fix of the code. */
function replacing({ object }: WorkloadSubject) {
  const restart = findRestart(object)
  if (restart.kind === 'rollout-restart' || restart.kind === 'command')
    return { subject: 'a restart', change: undefined, remove: undefined }
  return {
    subject: 'creating it again',
    change: `When the change is wanted, ${howToRestart(restart)}.`,
    remove:
      'Do not delete the pod yet. If the sidecar is wanted, correct the labels of the namespace or the pod template first.',
  }
}
