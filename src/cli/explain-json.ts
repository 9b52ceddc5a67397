/** Explanations as JSON, part of the public interface (RELEASING.md). */
import { describeLabelChange } from '../analysis/index.ts'
import { percentThatIncludes } from '../rollout/index.ts'
import { changeCommands } from './change-commands.ts'
import { type ExplainedPod, problemsOf } from './explain-pod.ts'
import { findingJson } from './finding-text.ts'

export function explanationJson({
  subject,
  explanation,
  existing,
  provenance,
  findings,
}: ExplainedPod): object {
  const {
    webhooks,
    called,
    target,
    rules,
    decision,
    rollouts,
    outcome,
    policy,
    result,
    sidecar,
    notes,
    alternatives,
  } = explanation
  return {
    subject: subject.title,
    namespace: subject.namespace,
    ...(subject.owner === undefined ? {} : { owner: subject.owner }),
    ok: problemsOf({ findings }).length === 0,
    findings: findings.map(findingJson),
    ...(existing === undefined
      ? {}
      : {
          has: {
            sidecar: existing.sidecar ?? null,
            ...(existing.controlPlane === undefined ? {} : { controlPlane: existing.controlPlane }),
            restartChanges: existing.restartChanges ?? null,
          },
        }),
    called: called ?? null,
    webhooks,
    target,
    rules,
    decision: decision.kind === 'revision' ? decision.decided : { code: decision.code },
    ...(rollouts.length === 0
      ? {}
      : {
          rollouts: rollouts.map(({ rollout, verdict }) => ({
            name: rollout.name,
            ...verdict,
            ...(verdict.applies && { movesFrom: percentThatIncludes(verdict.slot) }),
          })),
          rollout: outcome.decided?.rollout ?? null,
        }),
    ...(policy === undefined ? {} : { policy }),
    result,
    sidecar: sidecar ?? null,
    notes,
    ...(provenance === undefined ? {} : { provenance }),
    alternatives: alternatives.map(({ changes, revision, affects }) => ({
      gives: revision ?? null,
      affects,
      changes: changes.map((change) => ({ ...change, text: describeLabelChange(change, subject.namespace) })),
      ...changeCommands({ changes }, subject),
    })),
  }
}
