/** What a rollout does to the workloads of a cluster: the interface for other packages. */
export * from './plan-rollout.ts'
export * from './rollout-progress.ts'
