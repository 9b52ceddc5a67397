/**
 * Laying a rendered template over a pod: YAML, strategic merge by Pod's schema, and back into typed form (Istio's
 * applyOverlayYAML). The pod and, separately, the templates alone go through it.
 */
import { isObject, type JsonObject, parseYaml } from '../json/index.ts'
import { decodePod } from '../kube/index.ts'
import { strategicMerge } from '../merge/index.ts'

/**
 * What a template wrote, as the patch that it is.
 * @throws JsonError, or TypeError-free: a text that is no YAML map refuses the pod
 */
export function parseRendered(text: string, template: string): JsonObject {
  const value = parseYaml(text, { source: `output of template ${template}` })
  if (value === null) return {}
  if (isObject(value)) return value
  throw new Error('not a map')
}

/** @throws MergeError, KubeError */
export function mergeTyped(pod: JsonObject, patch: JsonObject): JsonObject {
  return decodePod(strategicMerge(pod, patch, 'Pod'))
}
