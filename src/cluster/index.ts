/** The cluster as Remora sees it: today a folder of manifests; the only room that knows where objects come from. */
export type { Cluster, ClusterChange, ClusterListener, ClusterStatus } from './cluster.ts'
export { FolderCluster, type FolderClusterOptions } from './folder-cluster.ts'
