/**
 * The custom resource ProxyConfig (networking.istio.io/v1beta1), checked and sorted. What it does to a pod's
 * effective ProxyConfig is in proxy-config.ts.
 */
import type { ProxyConfig } from './proto-message.ts'

export interface ProxyConfigResource {
  readonly namespace: string
  readonly name: string
  /** As RFC 3339 text of metadata.creationTimestamp; empty where it has none. */
  readonly creationTimestamp: string
  /** Labels that a pod must have; undefined where the resource has no selector at all. */
  readonly matchLabels: ReadonlyMap<string, string> | undefined
  /** Concurrency, environmentVariables (as proxyMetadata) and image, in the form that the merge takes. */
  readonly proxyConfig: ProxyConfig
}
