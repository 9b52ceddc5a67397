/**
 * An option that Istio does not have: the label istio.io/rev on injected pods, for `kubectl get pods -l
 * istio.io/rev=canary`. An existing label is never changed.
 */
import { isObject, own } from '../../json/index.ts'
import { REVISION_LABEL } from '../../kube/index.ts'
import type { InjectOptions } from '../inject-options.ts'
import type { Snapshot } from '../snapshot.ts'
import type { PostContext } from './context.ts'
import type { PodDraft } from './pod-draft.ts'

/**
 * The value of the label, if any. If a tag of that name points elsewhere, a selector would resolve the label to the
 * tag's revision, so the pod gets no label.
 */
export function revisionLabel(
  revision: string,
  { tags }: Pick<Snapshot, 'tags'>,
  { labelRevision }: Pick<InjectOptions, 'labelRevision'>,
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
