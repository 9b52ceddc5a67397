/** The webhook's core, from one request and a snapshot to an outcome: the interface for other packages. */
export { REPLACED_ANNOTATIONS } from './annotation-size.ts'
export { assessRequest, whyNotServing } from './apply-rollout.ts'
export * from './codes.ts'
export { type TemplateModel, templateModel } from './data/template-data.ts'
export * from './decide-revision.ts'
export * from './decide-revision-rules.ts'
export { istioFunctions } from './functions/index.ts'
export { inject, injectInSteps } from './inject.ts'
export * from './inject-options.ts'
export { expectedJson } from './json-annotation.ts'
export { Kubelets } from './kubelets.ts'
export { findLabelMistakes } from './label-mistakes.ts'
export { findNameMistakes } from './name-mistakes.ts'
export * from './name-target.ts'
export { nativeSidecarMode } from './native-sidecar.ts'
export type * from './outcome.ts'
export { findLineCause, type OutputCause } from './output-cause.ts'
export { readPod } from './pod-facts.ts'
export { decidePolicy } from './policy.ts'
export { InjectionRefusal } from './refusal.ts'
export type * from './request.ts'
export { STATUS } from './restore.ts'
export * from './revision-config.ts'
export * from './revision-question.ts'
export { selectTemplates } from './select-templates.ts'
export type * from './snapshot.ts'
export type { RevisionCacheCounts, TemplateCounts } from './specialize/revision-cache.ts'
export {
  describeExpression,
  KEY_FUNCTIONS,
  missingKeys,
  type SourceFacts,
  sourcesOf,
} from './template-sources.ts'
