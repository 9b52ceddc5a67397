/** The live cluster. Loads @kubernetes/client-node when it is started, not before. */

export { type KubeConfigChoice, readContexts } from './endpoint.ts'
export { LiveCluster, type LiveClusterOptions } from './live-cluster.ts'
export { LiveDryRun } from './live-dry-run.ts'
export { LiveObjects } from './live-objects.ts'
export { LiveRollouts } from './live-rollouts.ts'
