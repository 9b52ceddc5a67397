/** Creates the cluster that the options name: a folder of manifests, or a live one. */
import { type ClusterOptions, injectOptionsOf } from '../config/index.ts'
import { FolderCluster } from './folder-cluster.ts'
import type { KubeConfigChoice } from './live/endpoint.ts'
import { LiveCluster } from './live/live-cluster.ts'

interface ClusterSettings {
  /** For a live cluster; by default kubectl's. */
  readonly kubeConfig?: KubeConfigChoice
  readonly cacheBytes?: number
  /** For a short-lived command: read once, not watched. */
  readonly readOnce?: boolean
  /** The command needs all Deployments. */
  readonly allDeployments?: boolean
}

/** The cluster selected by an option. */
export function createCluster(
  options: ClusterOptions & { readonly cluster: string },
  { cacheBytes, readOnce = false, allDeployments = false, kubeConfig = {} }: ClusterSettings = {},
): FolderCluster | LiveCluster {
  const snapshot = {
    istiodEnv: options['istiod-env'],
    istioVersions: options['istio-version'],
    inject: injectOptionsOf(options, cacheBytes),
    limits: {
      maxRevisions: options['max-revisions'],
      maxTags: options['max-tags'],
      maxConfigurationBytes: options['max-configuration-bytes'],
      configurationMemoryBytes: options['configuration-memory'],
    },
    trust: { namespaces: options['istio-namespaces'], only: options['istio-namespaces-only'] },
  }
  return options.cluster === 'live'
    ? new LiveCluster({ snapshot, readOnce, allDeployments, kubeConfig })
    : new FolderCluster({ folder: options.cluster, snapshot, readOnce })
}
