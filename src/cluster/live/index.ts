/** The cluster around the server. @kubernetes/client-node behind it is loaded when one is started, not before. */
export { LiveCluster, type LiveClusterOptions } from './live-cluster.ts'
export { LiveObjects } from './live-objects.ts'
