/** The cluster: a folder of manifests or the live one. The only package that knows where objects come from. */
export { CaBundles, type CaBundlesOptions, type CaBundlesStatus } from './ca-bundle.ts'
export type { CaBundleHeal, ConfigurationStatus } from './ca-bundle-configuration.ts'
export type { Cluster, ClusterChange, ClusterListener, ClusterStatus, ResourceStatus } from './cluster.ts'
export { compileInTurns } from './compile-in-turns.ts'
export { createCluster } from './create-cluster.ts'
export { decodeText } from './decode-text.ts'
export { FolderCluster, type FolderClusterOptions } from './folder-cluster.ts'
export { FolderObjects } from './folder-objects.ts'
export { LastGood, type LastGoodOptions } from './last-good/last-good.ts'
export {
  type KubeConfigChoice,
  LiveCluster,
  type LiveClusterOptions,
  LiveDryRun,
  LiveObjects,
  LiveRollouts,
  readContexts,
} from './live/index.ts'
export { LiveSecret, type LiveSecretOptions } from './live-secret.ts'
export { type FileText, type ObjectReader, rememberLists } from './object-reader.ts'
export { type ClusterReading, type ReadOptions, readCluster } from './read-cluster.ts'
