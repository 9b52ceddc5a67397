export * from './build-snapshot.ts'
export type { ClusterObject } from './build-snapshot-objects.ts'
export type { SnapshotOptions } from './build-snapshot-revisions.ts'
export * from './check/index.ts'
export * from './codes.ts'
export * from './compile-revision.ts'
export { digestConfiguration } from './configuration-digest.ts'
export * from './decide-revision.ts'
export * from './decide-revision-rules.ts'
export * from './explain/index.ts'
export { inject } from './inject.ts'
export * from './last-good/index.ts'
export * from './name-target.ts'
export { allKubeletsCan } from './native-sidecar.ts'
export type * from './outcome.ts'
export { changedProxyConfigs, sameDependencies } from './outcome-dependencies.ts'
export * from './preview/index.ts'
export { templateMayReadVolumes } from './reads-volumes.ts'
export type * from './request.ts'
export type * from './revision-config.ts'
export type { RevisionJob } from './revision-job.ts'
export * from './revision-question.ts'
export type * from './snapshot.ts'
export * from './snapshot-limits.ts'
export {
  DEFAULT_INJECTION_CACHE_BYTES,
  type RevisionCacheCounts,
  revisionCacheCounts,
  type TemplateCounts,
  templateCounts,
} from './specialize/revision-cache.ts'
