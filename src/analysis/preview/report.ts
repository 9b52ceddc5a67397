/**
 * A preview as a report: what would fail and why, which workloads lose or gain a sidecar, and for those that keep one,
 * revision by revision, what changes for all and what for some. Every workload is in exactly one of the failures,
 * transitions and moves.
 */

import type { Snapshot } from '../../inject/index.ts'
import type { LabelChange } from '../explain/label-change.ts'
import type { Finding, NotJudged } from '../findings/index.ts'
import type { PreviewOutcome } from './external-outcome.ts'
import { type ChangeGroup, groupChanges } from './group-changes.ts'
import { findKeptImages, type KeptImage } from './kept-images.ts'
import { MovedCluster } from './move.ts'
import {
  type NoteChange,
  type PreviewQuestion,
  previewWorkloads,
  type Verdict,
  type WorkloadPreview,
} from './preview-workloads.ts'
import { findRunning, type RunningReport } from './running.ts'

type Workloads = readonly WorkloadPreview[]

/** Refused or errored with the same code. */
export interface FailureGroup {
  readonly verdict: 'refused' | 'fault' | 'failing'
  readonly code: string
  /** The codes before. */
  readonly before: string
  readonly reasons: readonly { readonly message: string; readonly workloads: Workloads }[]
}

/** Workloads with a sidecar of a known revision on one side only, or on none. */
export interface TransitionGroup {
  readonly verdict: 'lost' | 'gained' | 'fixed' | 'moved' | 'external' | 'none'
  /** The codes. */
  readonly before: string
  readonly after: string
  /** For an external control plane: the webhook that is called, and its revision. */
  readonly message?: string
  readonly workloads: Workloads
}

/** Workloads with a sidecar before and after. */
export interface MoveGroup {
  readonly before: ServedBy
  readonly after: ServedBy
  /** All of them. */
  readonly workloads: Workloads
  readonly changed: Workloads
  readonly same: Workloads
  /** What the changed ones share, wholly or in part: the first group is that of all, if there is one. */
  readonly groups: readonly ChangeGroup<WorkloadPreview>[]
}

export interface ServedBy {
  readonly revision: string
  /** The Istio release that it is treated as. */
  readonly istioVersion: string | undefined
}

export interface NoteGroup extends NoteChange {
  readonly workloads: Workloads
}

export interface PreviewReport {
  readonly workloads: Workloads
  readonly counts: Readonly<Record<Verdict, number>>
  readonly failures: readonly FailureGroup[]
  readonly transitions: readonly TransitionGroup[]
  readonly moves: readonly MoveGroup[]
  readonly notes: readonly NoteGroup[]
  /** Workloads for which no webhook would be called, whatever their outcome. */
  readonly uncalled: Workloads
  /** Workloads whose own labels request injection: a label of the namespace does not move them. */
  readonly ownLabels: Workloads
  /** Proxy images that workloads set themselves, or that running pods have, under a control plane of another release. */
  readonly keptImages: readonly KeptImage[]
  /** Their running pods; undefined: no running pod was read. */
  readonly running: RunningReport | undefined
  /** Of the workloads under the target, as `check` reports them; empty: nothing was found, or no facts were given. */
  readonly findings: readonly Finding[]
  readonly notJudged: readonly NotJudged[]
  /** The label changes that the move makes to the namespaces of the workloads, if any. */
  readonly labels: readonly { readonly namespace: string; readonly changes: readonly LabelChange[] }[]
}

/** What the move would do to the workloads. */
export function preview(question: PreviewQuestion, snapshot: Snapshot): PreviewReport {
  const workloads = previewWorkloads(question, snapshot)
  const after = new MovedCluster(question.to, snapshot, question.options)
  const kept = workloads.filter(({ verdict }) => verdict === 'same' || verdict === 'changed')
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))].sort()
  return {
    workloads,
    counts: countVerdicts(workloads),
    failures: groupFailures(workloads),
    transitions: groupTransitions(workloads),
    moves: groupBy(kept, ({ before, after }) => `${servedText(before)} ${servedText(after)}`).map(moveOf),
    notes: groupNotes(workloads),
    uncalled: workloads.filter(({ called }) => called === false),
    ownLabels: workloads.filter(({ askedBy }) => askedBy === 'pod'),
    keptImages: findKeptImages(workloads, question.running, snapshot),
    findings: question.findings ?? [],
    notJudged: question.notJudged ?? [],
    running: question.running && findRunning(workloads, question.running),
    labels: namespaces
      .map((namespace) => ({ namespace, changes: after.changes(namespace) }))
      .filter(({ changes }) => changes.length > 0),
  }
}

function countVerdicts(workloads: Workloads): Record<Verdict, number> {
  const counts = {
    changed: 0,
    same: 0,
    gained: 0,
    lost: 0,
    refused: 0,
    fault: 0,
    failing: 0,
    fixed: 0,
    moved: 0,
    external: 0,
    none: 0,
  }
  for (const { verdict } of workloads) counts[verdict]++
  return counts
}

const FAILURES = ['refused', 'fault', 'failing'] as const
const TRANSITIONS = ['lost', 'gained', 'moved', 'external', 'fixed', 'none'] as const

function groupFailures(workloads: Workloads): readonly FailureGroup[] {
  return FAILURES.flatMap((verdict) =>
    groupBy(
      workloads.filter((one) => one.verdict === verdict),
      ({ before, after }) => `${after.code} ${before.code}`,
    ).map((group) => ({
      verdict,
      code: group[0].after.code,
      before: group[0].before.code,
      reasons: groupBy(group, ({ after }) => messageOf(after)).map((same) => ({
        message: messageOf(same[0].after),
        workloads: same,
      })),
    })),
  )
}

function groupTransitions(workloads: Workloads): readonly TransitionGroup[] {
  return TRANSITIONS.flatMap((verdict) =>
    groupBy(
      workloads.filter((one) => one.verdict === verdict),
      ({ before, after }) => `${before.code} ${after.code} ${externalMessage(before, after)}`,
    ).map((group) => ({
      verdict,
      before: group[0].before.code,
      after: group[0].after.code,
      ...messageOfExternal(group[0]),
      workloads: group,
    })),
  )
}

function externalMessage(...sides: readonly PreviewOutcome[]): string {
  return sides.flatMap((side) => (side.kind === 'external' ? [side.message] : []))[0] ?? ''
}

function messageOfExternal({ before, after }: WorkloadPreview): { readonly message?: string } {
  const message = externalMessage(before, after)
  return message === '' ? {} : { message }
}

function moveOf(workloads: Group<WorkloadPreview>): MoveGroup {
  const changed = workloads.filter(({ verdict }) => verdict === 'changed')
  return {
    before: servedBy(workloads[0].before),
    after: servedBy(workloads[0].after),
    workloads,
    changed,
    same: workloads.filter(({ verdict }) => verdict === 'same'),
    groups: groupChanges(changed.map((of) => ({ of, changes: of.fields }))),
  }
}

function groupNotes(workloads: Workloads): readonly NoteGroup[] {
  const all = workloads.flatMap((workload) => workload.notes.map((note) => ({ note, workload })))
  return groupBy(all, ({ note }) => `${note.change} ${note.code} ${note.message}`).map((group) => ({
    ...group[0].note,
    workloads: group.map(({ workload }) => workload),
  }))
}

/** Never empty. */
type Group<T> = readonly [T, ...T[]]

/** The largest first; of equal ones the first in the input. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly Group<T>[] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return [...groups.values()].toSorted((a, b) => b.length - a.length)
}

function servedBy({ decided }: PreviewOutcome): ServedBy {
  return { revision: decided?.revision ?? '', istioVersion: decided?.istioVersion }
}

function servedText(outcome: PreviewOutcome): string {
  const { revision, istioVersion = '' } = servedBy(outcome)
  return `${revision} ${istioVersion}`
}

function messageOf(outcome: PreviewOutcome): string {
  return 'message' in outcome ? outcome.message : ''
}
