/**
 * Cluster and network of the proxy, and the environment of istio-proxy with their names. The path of the webhook may
 * set them (and any other variable) for a control plane that serves another cluster.
 */
import type { Gates, ValuesFacts } from '../../istio/index.ts'
import { compareUtf8, isObject, type JsonObject, type MutableJson, own } from '../../json/index.ts'
import { NETWORK_LABEL, type PostContext, PROXY_CONTAINER } from './context.ts'
import { containerName, type PodDraft } from './pod-draft.ts'

const CLUSTER_ENV = 'ISTIO_META_CLUSTER_ID'
const NETWORK_ENV = 'ISTIO_META_NETWORK'

export interface ProxyEnvSources {
  /** The environment in the webhook's path. */
  readonly pathEnv: ReadonlyMap<string, string>
  readonly values: Pick<ValuesFacts, 'clusterName' | 'network'>
  /** `metadata.labels` of the request's pod. */
  readonly podLabels: JsonObject | undefined
}

/**
 * The path's environment with cluster and network resolved. Values are overridden by the path if it is not empty, and
 * (for the network) by the pod's label, even an empty one. If the result is empty, the path's own entry does not
 * change.
 */
export function settleProxyEnv(sources: ProxyEnvSources): Map<string, string> {
  const env = new Map(sources.pathEnv)
  const cluster = env.get(CLUSTER_ENV) || sources.values.clusterName
  const label = own(sources.podLabels, NETWORK_LABEL)
  const network = typeof label === 'string' ? label : env.get(NETWORK_ENV) || sources.values.network
  if (cluster !== '') env.set(CLUSTER_ENV, cluster)
  if (network !== '') env.set(NETWORK_ENV, network)
  return env
}

/** Replaces the variables of these names by new ones at the end, sorted by name, not at their old positions. */
export function overwriteClusterInfo(pod: PodDraft, context: PostContext): undefined {
  const proxy = findProxy(pod, context.gates)
  if (proxy === undefined || context.proxyEnv.size === 0) return
  const current = own(pod.container(proxy), 'env')
  const kept = (Array.isArray(current) ? current : []).filter((variable) => {
    const name = containerName(variable)
    return name === undefined || !context.proxyEnv.has(name)
  })
  const names = [...context.proxyEnv.keys()].sort(compareUtf8)
  pod.editContainer(proxy)['env'] = [
    ...kept,
    ...names.map((name) => envEntry(name, context.proxyEnv.get(name) ?? '')),
  ]
}

/** As Go writes an EnvVar: an empty value is omitted. */
export function envEntry(name: string, value: string): { name: string; value?: string } {
  return value === '' ? { name } : { name, value }
}

/** The proxy's container; before native sidecars (Istio 1.19) it can only be an ordinary one. */
export function findProxy(pod: PodDraft, gates: Gates): ReturnType<PodDraft['findContainer']> {
  const place = pod.findContainer(PROXY_CONTAINER)
  return place?.list === 'initContainers' && !gates.nativeSidecars ? undefined : place
}

/** The variables of a container that are objects, each with its index in the list. */
export function envOf(
  container: JsonObject,
): readonly { readonly index: number; readonly variable: JsonObject }[] {
  const env = own(container, 'env')
  if (!Array.isArray(env)) return []
  return (env as readonly MutableJson[]).flatMap((variable, index) =>
    isObject(variable) ? [{ index, variable }] : [],
  )
}
