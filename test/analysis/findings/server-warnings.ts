/** The warnings that a server sends for a workload's next pod, and whether `check` reports each of them. Not a test of its own. */
import { answerOutcome } from '../../../src/admission/index.ts'
import type { CheckReport, ClusterFacts, WorkloadSubject } from '../../../src/analysis/index.ts'
import { type InjectionRequest, inject, type RevisionTarget } from '../../../src/inject/index.ts'

/** `message [code]`, for a webhook that serves all revisions and for one of the revision; empty: none is called. */
export function serverWarnings(workload: WorkloadSubject, facts: ClusterFacts): readonly string[] {
  const { called, decision, revision = '' } = facts.trial(workload)
  if (decision.kind === 'none' || called === false) return []
  const targets: readonly RevisionTarget[] = [{ by: 'labels' }, { by: 'revision', name: revision }]
  const request: Omit<InjectionRequest, 'target'> = {
    namespace: workload.namespace,
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    subResource: '',
    object: workload.pod,
    proxyEnv: new Map(),
    nowMs: facts.nowMs,
    seed: facts.seed,
  }
  return targets.flatMap((target) => {
    const outcome = inject({ ...request, target }, facts.snapshot, facts.options)
    const { body } = answerOutcome(outcome, { uid: '1', apiVersion: 'admission.k8s.io/v1' })
    const { response }: { response?: { warnings?: readonly string[] } } = JSON.parse(body)
    return response?.warnings ?? []
  })
}

/** Of the object, in the same form. A warning ends with `...` where it is cut. */
export function isReported(
  warning: string,
  title: string,
  { findings }: Pick<CheckReport, 'findings'>,
): boolean {
  return findings.some(({ code, message, where, objects = [where.object] }) => {
    const whole = `${message} [${code}]`
    const isSame = warning.endsWith('...') ? whole.startsWith(warning.slice(0, -3)) : whole === warning
    return isSame && objects.includes(title)
  })
}
