/**
 * The kinds of difference that can fail a pipeline: a closed set, and those that one workload shows. This decides what
 * counts as new: what fails now and would continue to fail is `failing`, not `refused`.
 */
import { CHANGE_AREAS } from './field-changes.ts'
import type { WorkloadPreview } from './preview-workloads.ts'

export const PREVIEW_KINDS = {
  changed: 'the result for the workload differs: any kind below except failing, uncalled and note',
  refused: 'the pod would be refused, but is not now',
  fault: 'the request would get an error, but does not now',
  failing: 'the pod would be refused or get an error, whether or not it does now',
  lost: 'the pod would have no sidecar, but has one now',
  gained: 'the pod would have a sidecar, but has none now',
  moved: 'the pod would move from a control plane outside the cluster, whose sidecars Remora does not know',
  fixed: 'the pod would no longer be refused or get an error',
  uncalled: 'no webhook in the cluster would be called for the pod, so it would start without a sidecar',
  note: 'there would be a new note or warning',
  ...CHANGE_AREAS,
} as const
export type PreviewKind = keyof typeof PREVIEW_KINDS

export function isPreviewKind(word: string): word is PreviewKind {
  return Object.hasOwn(PREVIEW_KINDS, word)
}

export function kindsOf(preview: WorkloadPreview): ReadonlySet<PreviewKind> {
  const { verdict, fields, notes, after, called } = preview
  const kinds = new Set<PreviewKind>(fields.map(({ area }) => area))
  const unchanged = verdict === 'none' || verdict === 'same' || verdict === 'external'
  if (!unchanged) kinds.add(verdict)
  if (!unchanged && verdict !== 'failing') kinds.add('changed')
  if (after.kind === 'refused' || after.kind === 'fault') kinds.add('failing')
  if (called === false) kinds.add('uncalled')
  if (notes.some(({ change }) => change === 'new')) kinds.add('note')
  return kinds
}
