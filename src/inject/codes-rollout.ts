/** Codes of RevisionRollouts: notes of an outcome, and problems of the objects. Part of the table in codes.ts. */
import { configError, configNote, configWarning, note } from './code-entry.ts'

export const rolloutCodes = {
  'rollout-moved': note(
    'A RevisionRollout includes the workload in its share, so the pod got the revision in `spec.to`.',
  ),
  'rollout-fell-back': note(
    'A RevisionRollout includes the workload in its share, but the revision in `spec.to` cannot serve. The pod got the revision that it would get without the rollout.',
    'Restore the control plane in `spec.to`, or lower `spec.percent`.',
  ),
  'rollout-invalid': configError(
    'A RevisionRollout is invalid. Its last valid state stays in use. If there is none, it moves no pods.',
    'Correct the field that the message names.',
  ),
  'rollout-target-not-serving': configError(
    'The revision in `spec.to` of a RevisionRollout has no usable configuration, or its Service has had no ready endpoint for 10 seconds. New pods get the revision that they would get without the rollout.',
    'Restore the control plane that the message names, or lower `spec.percent`.',
  ),
  'rollout-unknown': configError(
    'There is no RevisionRollout of this name.',
    'List them with `kubectl get revisionrollouts`. If the kind is unknown, install the CRD with the chart value `crds.install`.',
  ),
  'rollout-endpoints-unreadable': configWarning(
    'The Service or the EndpointSlices of the revision in `spec.to` of a RevisionRollout cannot be read, so Remora does not notice when it has no ready endpoints.',
    'Allow the service account to `get`, `list` and `watch` Services and EndpointSlices, as the chart does.',
  ),
  'rollout-source-unknown': configNote(
    'No revision or tag has the name in `spec.from` of a RevisionRollout.',
    'Correct the name. The message lists the known ones.',
  ),
} as const
