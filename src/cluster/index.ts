/**
 * The cluster as Remora sees it, a folder of manifests or the one around the server; the only room that knows where
 * objects come from.
 */
export type { Cluster, ClusterChange, ClusterListener, ClusterStatus, ResourceStatus } from './cluster.ts'
export { FolderCluster, type FolderClusterOptions } from './folder-cluster.ts'
export { LiveCluster, type LiveClusterOptions } from './live/index.ts'
