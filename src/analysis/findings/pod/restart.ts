/** What a restart would change in the sidecar of a running pod. */
import { compareSidecars, readInjected, readSidecar } from '../../../dataplane/index.ts'
import { isStored } from '../../../kube/index.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'

export const restartChanges: Rule<'pod'> = {
  subject: 'pod',
  codes: ['restart-changes-sidecar'],
  needs: [],
  find({ title, namespace, object, workload }, facts) {
    if (workload === undefined || !isStored(object)) return []
    const { outcome, called, webhooks } = facts.trial(workload)
    // A pod that would be refused cannot be restarted, and what another control plane injects is not known.
    if (outcome.kind === 'refused' || outcome.kind === 'fault') return []
    if (outcome.kind === 'skipped' && webhooks.some(({ matched }) => matched)) return []
    const next = outcome.kind === 'patched' && called !== false ? readSidecar(outcome.pod) : undefined
    const changes = compareSidecars(readInjected(object), next)
    if (changes.length === 0) return []
    const text = changes.map(({ what, now, next: after }) => `${what} ${now ?? 'none'} -> ${after ?? 'none'}`)
    return [
      makeFinding('restart-changes-sidecar', {
        revision: outcome.decided?.revision,
        where: { object: title },
        message: `a restart would change its sidecar: ${text.join(', ')}`,
        expected: 'the sidecar that a restart gives it',
        group: `${namespace}: ${text.join(', ')}`,
      }),
    ]
  },
}
