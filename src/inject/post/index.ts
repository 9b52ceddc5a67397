/**
 * The passes over a pod after its templates are merged, one file each, in Istio's order. To add one, write the file,
 * insert it here and give the reason for its position.
 */
import type { MutableJsonObject } from '../../json/index.ts'
import { overwriteClusterInfo } from './cluster-info.ts'
import type { PostContext, PostPass, PostRefusal } from './context.ts'
import { noteDnsPolicy } from './dns-policy.ts'
import { applyMetadata } from './metadata.ts'
import { PodDraft } from './pod-draft.ts'
import { applyPrometheusMerge } from './prometheus-merge.ts'
import { reorderContainers } from './reorder-containers.ts'
import { applyRevisionLabel } from './revision-label.ts'
import { rewriteProbes } from './rewrite-probes.ts'
import { applySecurePrometheusAnnotation } from './secure-prometheus.ts'

export { settleProxyEnv } from './cluster-info.ts'
export * from './context.ts'
export { PodDraft } from './pod-draft.ts'
export { clearPrometheusAnnotations, prometheusAnnotations } from './prometheus-annotations.ts'
export { revisionLabel } from './revision-label.ts'

export const postPasses: readonly PostPass[] = [
  noteDnsPolicy,
  // Before the passes that add to the proxy's environment: those variables must be last.
  overwriteClusterInfo,
  applyPrometheusMerge,
  applySecurePrometheusAnnotation,
  // Before the metadata: it checks whether the pod had a status before.
  rewriteProbes,
  applyMetadata,
  applyRevisionLabel,
  reorderContainers,
]

/**
 * @param pod the merged pod: its root belongs to the caller and is changed in place; subtrees may be shared with the
 * request's object, which is not changed.
 * @returns the reason why the pod cannot be injected, or undefined
 */
export function runPostPasses(pod: MutableJsonObject, context: PostContext): PostRefusal | undefined {
  const draft = new PodDraft(pod)
  for (const pass of postPasses) {
    const refusal = pass(draft, context)
    if (refusal !== undefined) return refusal
  }
  return undefined
}
