/**
 * An option of Remora's own, which Istio has not: the label istio.io/rev on injected pods, by which
 * `kubectl get pods -l istio.io/rev=canary` finds them. A label that is there already stays, whoever wrote it.
 */
import { isObject, own } from '../../json/index.ts'
import { REVISION_LABEL } from '../../kube/index.ts'
import type { Snapshot } from '../snapshot.ts'
import type { PostContext } from './context.ts'
import type { PodDraft } from './pod-draft.ts'

/**
 * The value that the label is to have, if any. Where a tag of that name points elsewhere, the label would choose the
 * tag's revision as soon as somebody reads it as a selector does, so the pod gets none.
 */
export function revisionLabel(
  revision: string,
  { labelRevision, tags }: Pick<Snapshot, 'labelRevision' | 'tags'>,
): string | undefined {
  if (labelRevision !== true) return undefined
  return (tags.get(revision) ?? revision) === revision ? revision : undefined
}

export function applyRevisionLabel(pod: PodDraft, { revisionLabel }: PostContext): undefined {
  if (revisionLabel === undefined) return
  const metadata = own(pod.pod, 'metadata')
  const labels = isObject(metadata) ? own(metadata, 'labels') : undefined
  if (own(isObject(labels) ? labels : undefined, REVISION_LABEL) === undefined) {
    pod.setLabel(REVISION_LABEL, revisionLabel)
  }
}
