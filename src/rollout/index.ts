/** RevisionRollouts, and which pods they move: the interface for other packages. */
export * from './choose.ts'
export { RolloutError } from './errors.ts'
export * from './percent.ts'
export * from './revision-rollout.ts'
export * from './serving.ts'
export * from './slot.ts'
export * from './workload-identity.ts'
