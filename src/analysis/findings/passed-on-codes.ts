/** Codes that rules report without deciding them: those of an injection that is tried, and of reading the cluster. */
import { type Code, codes } from '../../inject/index.ts'

/** What `injectForTrial` ends in, and `inspectInjected` finds. */
export const trialCodes = [
  'annotation-invalid',
  'annotations-too-large',
  'image-incomplete',
  'internal-error',
  'overlay-failed',
  'overrides-invalid',
  'pod-invalid',
  'prometheus-scrape-invalid',
  'proxy-config-invalid',
  'revision-unusable',
  'revision-waits-for-nodes',
  'template-budget',
  'template-failed',
  'template-not-found',
  'template-output-invalid',
  'volume-missing',
] as const satisfies readonly Code[]

/** Warnings that the client gets when it creates a pod. */
export const warningCodes: readonly Code[] = (Object.keys(codes) as readonly Code[]) // the keys of the table
  .filter((code) => 'warns' in codes[code])

/** Why the texts of a revision are refused. */
export const configurationCodes = [
  'config-invalid',
  'configuration-too-large',
  'injector-config-invalid',
  'injector-config-too-old',
  'injector-values-invalid',
  'istio-version-invalid',
  'istio-version-too-old',
  'json-number-range',
  'json-syntax',
  'json-too-deep',
  'json-too-large',
  'kube-selector',
  'mesh-config-invalid',
  'template-function-refused',
  'template-parse-error',
  'template-too-large',
  'yaml-aliases',
  'yaml-syntax',
  'yaml-too-deep',
  'yaml-too-large',
  'yaml-value',
] as const satisfies readonly Code[]

/** Why a cluster is not read completely, or its snapshot not built from all of it. */
export const readingCodes = [
  'cluster-api-refused',
  'cluster-api-unreachable',
  'cluster-file-unreadable',
  'cluster-folder-empty',
  'cluster-update-failed',
  'manifest-malformed',
  'nodes-not-read',
  'object-defined-twice',
  'object-malformed',
  'objects-left-out',
  'proxy-config-resource-invalid',
  'registration-without-revision',
  'revision-in-two-namespaces',
  'revision-limit-reached',
  'revisions-missing',
  'rollout-endpoints-unreadable',
  'rollout-invalid',
  'rollout-source-unknown',
  'rollout-target-not-serving',
  'tag-limit-reached',
  'tag-without-revision',
  'webhook-namespace-not-read',
] as const satisfies readonly Code[]

/** The code if the rule declares it; of any other problem, that something is invalid. */
export function passedOn<C extends Code, O extends Code>(
  code: string,
  declared: readonly C[],
  otherwise: O,
): C | O {
  return declared.find((one) => one === code) ?? otherwise
}
