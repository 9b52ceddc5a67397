/** A preview as JSON, part of the public interface (RELEASING.md). */
import {
  type ChangeGroup,
  type FieldChange,
  kindsOf,
  type PreviewKind,
  type PreviewOutcome,
  type PreviewReport,
  type RunningReport,
  type WaitingWorkload,
  type WorkloadPreview,
} from '../analysis/index.ts'
import { findingJson } from './finding-text.ts'
import { labelCommand, type PreviewTitle, rollbackCommand } from './preview-wording.ts'

/** @param failedOn the kinds of `--fail-on` that were found */
export function previewJson(
  report: PreviewReport,
  title: PreviewTitle,
  failedOn: ReadonlyMap<PreviewKind, number>,
): object {
  const { workloads, counts, failures, transitions, moves, notes, uncalled, ownLabels, labels } = report
  return {
    from: title.from ?? null,
    to: title.to,
    namespace: title.namespace ?? null,
    failedOn: Object.fromEntries(failedOn),
    counts,
    failures: failures.map(({ reasons, ...group }) => ({
      ...group,
      reasons: reasons.map(({ message, workloads: who }) => ({ message, workloads: titles(who) })),
    })),
    transitions: transitions.map((group) => ({ ...group, workloads: titles(group.workloads) })),
    moves: moves.map(({ before, after, changed, same, groups }) => ({
      before,
      after,
      changed: titles(changed),
      same: titles(same),
      groups: groups.map(groupJson),
    })),
    notes: notes.map((group) => ({ ...group, workloads: titles(group.workloads) })),
    uncalled: titles(uncalled),
    ownLabels: titles(ownLabels),
    keptImages: report.keptImages.map(({ ahead, workloads: who, ...kept }) => ({
      ...kept,
      minorsAhead: ahead ?? null,
      workloads: titles(who),
    })),
    findings: report.findings.map(findingJson),
    notJudged: report.notJudged,
    running: report.running === undefined ? null : runningJson(report.running),
    labels: labels.map(({ namespace, changes }) => ({
      namespace,
      changes: changes.map(({ name, from, to }) => ({ name, from: from ?? null, to: to ?? null })),
      command: labelCommand(namespace, changes),
      rollback: rollbackCommand(namespace, changes),
    })),
    workloads: workloads.map(workloadJson),
  }
}

function runningJson({ pods, waitingPods, waiting, blocked, commands }: RunningReport): object {
  return { pods, waitingPods, waiting: waiting.map(waitingJson), blocked: blocked.map(waitingJson), commands }
}

function waitingJson({ workload, restart, pods, waiting, differences }: WaitingWorkload): object {
  return {
    workload: workload.title,
    pods,
    waiting,
    differences: differences.map(({ what, now, next }) => ({ what, now: now ?? null, next: next ?? null })),
    restart: restart.kind,
    ...('why' in restart && { why: restart.why }),
  }
}

function workloadJson(preview: WorkloadPreview): object {
  const { title, namespace, askedBy, before, after, verdict, called } = preview
  return {
    workload: title,
    namespace,
    verdict,
    kinds: [...kindsOf(preview)],
    askedBy,
    called: called ?? null,
    before: outcomeJson(before),
    after: outcomeJson(after),
  }
}

function outcomeJson(outcome: PreviewOutcome): object {
  const { kind, code, decided } = outcome
  return {
    kind,
    code,
    ...('message' in outcome && { message: outcome.message }),
    ...(kind === 'external' && { revision: outcome.revision }),
    ...(decided !== undefined && {
      revision: decided.revision,
      ...(decided.tag !== undefined && { tag: decided.tag }),
      ...(decided.istioVersion !== undefined && { istioVersion: decided.istioVersion }),
    }),
  }
}

function groupJson({ changes, holders }: ChangeGroup<WorkloadPreview>): object {
  return { workloads: titles(holders), changes: changes.map(changeJson) }
}

/** An absent value is left out, because `null` is a value. */
function changeJson({ area, path, before, after }: FieldChange): object {
  return { area, path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }
}

function titles(workloads: readonly WorkloadPreview[]): readonly string[] {
  return workloads.map(({ title }) => title)
}
