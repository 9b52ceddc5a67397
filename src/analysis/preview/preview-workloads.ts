/**
 * The outcome for each workload before and after a move, by the core itself, and their differences. report.ts groups
 * the workloads.
 */

import {
  type InjectionRequest,
  type InjectOptions,
  inject,
  type Note,
  type Snapshot,
} from '../../inject/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { findWebhookCalls } from '../explain/webhook-calls.ts'
import type { Finding, NotJudged } from '../findings/index.ts'
import { externalOutcome, type PreviewOutcome, webhookLabels } from './external-outcome.ts'
import { type FieldChange, findFieldChanges } from './field-changes.ts'
import { type AskedBy, labelsOfRequest, type Move, MovedCluster } from './move.ts'

export interface PreviewedWorkload {
  /** `Deployment shop/web`. */
  readonly title: string
  /** For its next pod; if the labels decide, its target is ignored. */
  readonly request: InjectionRequest
}

/** A workload that exists, and its pods. */
export interface RunningWorkload {
  /** The owner, or the pod itself. */
  readonly object: JsonObject
  /** Those that have not ended. */
  readonly pods: readonly JsonObject[]
}

export interface PreviewQuestion {
  readonly workloads: readonly PreviewedWorkload[]
  /** undefined: the present state. */
  readonly from: Move | undefined
  readonly to: Move
  /** All MutatingWebhookConfigurations of the cluster, whole; empty: it is unknown whether a webhook is called. */
  readonly webhooks: readonly JsonObject[]
  /** The workloads that exist and their pods, by title; undefined: none were read. */
  readonly running?: ReadonlyMap<string, RunningWorkload> | undefined
  /** Of the workloads under the target. */
  readonly findings?: readonly Finding[]
  readonly notJudged?: readonly NotJudged[]
  readonly options: InjectOptions
}

/**
 * `same`, `changed`: a sidecar before and after. `none`: none before and after. `refused`, `fault`: it would fail and
 * does not before. `failing`: it fails before and after. `fixed`: only before. `moved`: from a control plane outside the
 * cluster to one that is known. `external`: it stays with such a one.
 */
export type Verdict =
  | 'same'
  | 'changed'
  | 'gained'
  | 'lost'
  | 'none'
  | 'refused'
  | 'fault'
  | 'failing'
  | 'fixed'
  | 'moved'
  | 'external'

export interface NoteChange extends Note {
  readonly change: 'new' | 'gone'
}

export interface WorkloadPreview {
  readonly title: string
  readonly namespace: string
  /** Whose labels request injection, in the move that is previewed. */
  readonly askedBy: AskedBy
  readonly before: PreviewOutcome
  readonly after: PreviewOutcome
  readonly verdict: Verdict
  /** If there is a sidecar before and after; empty if both pods are equal. */
  readonly fields: readonly FieldChange[]
  readonly notes: readonly NoteChange[]
  /** Whether a webhook of the cluster would be called; undefined: none are known, or injection is not requested. */
  readonly called: boolean | undefined
}

export function previewWorkloads(
  { workloads, from, to, webhooks, options }: PreviewQuestion,
  snapshot: Snapshot,
): readonly WorkloadPreview[] {
  const earlier = from && new MovedCluster(from, snapshot, options)
  const later = new MovedCluster(to, snapshot, options)
  return workloads.map(({ title, request }) => {
    const before =
      earlier?.outcome(request) ??
      externalOutcome(labelsOfRequest(request, snapshot), webhooks, snapshot) ??
      inject({ ...request, target: { by: 'labels' } }, snapshot, options)
    const after = externalOutcome(later.labels(request), webhooks, snapshot) ?? later.outcome(request)
    const askedBy = later.askedBy(request)
    const fields =
      before.kind === 'patched' && after.kind === 'patched'
        ? findFieldChanges(before.pod, after.pod, request.object)
        : []
    const calls = askedBy === 'nobody' ? [] : findWebhookCalls(webhooks, webhookLabels(later.labels(request)))
    return {
      title,
      namespace: request.namespace,
      askedBy,
      before,
      after,
      verdict: verdictOf(before, after, fields.length > 0),
      fields,
      notes: compareNotes(before.notes, after.notes),
      // A workload that opted out calls no webhook and is meant to.
      called:
        calls.length === 0 || after.kind === 'skipped' ? undefined : calls.some(({ matched }) => matched),
    }
  })
}

function verdictOf(before: PreviewOutcome, after: PreviewOutcome, differs: boolean): Verdict {
  const failed = before.kind === 'refused' || before.kind === 'fault'
  switch (after.kind) {
    case 'external':
      return 'external'
    case 'refused':
    case 'fault':
      return failed ? 'failing' : after.kind
    case 'patched':
      if (failed) return 'fixed'
      if (before.kind === 'external') return 'moved'
      return before.kind === 'skipped' ? 'gained' : differs ? 'changed' : 'same'
    case 'skipped':
      if (failed) return 'fixed'
      if (before.kind === 'external') return 'moved'
      return before.kind === 'skipped' ? 'none' : 'lost'
  }
}

/** Says only that the move used a name, which is what a preview does. */
const OF_THE_MOVE = 'path-disagrees-with-labels'

function compareNotes(before: readonly Note[], after: readonly Note[]): readonly NoteChange[] {
  const without = (notes: readonly Note[], others: readonly Note[]) =>
    notes.filter(
      ({ code, message }) =>
        code !== OF_THE_MOVE && !others.some((other) => other.code === code && other.message === message),
    )
  return [
    ...without(after, before).map((note) => ({ ...note, change: 'new' as const })),
    ...without(before, after).map((note) => ({ ...note, change: 'gone' as const })),
  ]
}
