/** What would change if workloads moved to another revision: the interface for other packages. */

export { findExceptions } from './exceptions.ts'
export type { ExternalOutcome, PreviewOutcome } from './external-outcome.ts'
export { CHANGE_AREAS, type ChangeArea, type FieldChange, findFieldChanges } from './field-changes.ts'
export { findMoveFindings } from './findings.ts'
export { type ChangeGroup, groupChanges, type Holder } from './group-changes.ts'
export { isSupportedSkew, type KeptImage } from './kept-images.ts'
export { isPreviewKind, kindsOf, PREVIEW_KINDS, type PreviewKind } from './kinds.ts'
export { type AskedBy, injectUnder, type Move, MovedCluster } from './move.ts'
export {
  type NoteChange,
  type PreviewedWorkload,
  type PreviewQuestion,
  previewWorkloads,
  type RunningWorkload,
  type Verdict,
  type WorkloadPreview,
} from './preview-workloads.ts'
export {
  type FailureGroup,
  type MoveGroup,
  type NoteGroup,
  type PreviewReport,
  preview,
  type ServedBy,
  type TransitionGroup,
} from './report.ts'
export { findRestart, howToRestart, type Restart, shellWord } from './restarts.ts'
export type { RunningReport, WaitingWorkload } from './running.ts'
