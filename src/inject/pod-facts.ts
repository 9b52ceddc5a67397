/**
 * Facts derived from the request's pod before rendering: its typed form, its cluster, its effective ProxyConfig, and
 * whether its annotations are valid.
 */
import {
  applyProxyConfig,
  describeAnnotationFailures,
  type NumberedProxyConfig,
  type ProxyConfig,
  type Texts,
  validateAnnotations,
} from '../istio/index.ts'
import { type JsonObject, type JsonValue, own } from '../json/index.ts'
import { annotationOf, decodePod, metadataOf, objectAt, textAt } from '../kube/index.ts'
import type { Kubelets } from './kubelets.ts'
import { InjectionRefusal, refuseAs } from './refusal.ts'
import type { InjectionRequest } from './request.ts'
import type { RevisionConfig } from './revision-config.ts'
import type { NamespaceFacts, Snapshot } from './snapshot.ts'
import type { RequestCache } from './specialize/revision-cache.ts'

/**
 * The typed pod from which Istio starts: with its namespace, and without fields that only enlarge the patch.
 * @throws InjectionRefusal
 */
export function readPod(request: InjectionRequest): JsonObject {
  const pod = refuseAs('pod-invalid', 'the object is not a valid Pod', () => decodePod(request.object))
  return { ...pod, metadata: tidyMetadata(metadataOf(pod), request.namespace) }
}

/** Keeps Go's order, so that the pod stays typed. */
function tidyMetadata(metadata: JsonObject, requestNamespace: string): JsonObject {
  const namespace = textAt(metadata, 'namespace') || requestNamespace
  const tidy: { [key: string]: JsonValue } = {}
  if (metadata['name'] !== undefined) tidy['name'] = metadata['name']
  if (metadata['generateName'] !== undefined) tidy['generateName'] = metadata['generateName']
  if (namespace !== '') tidy['namespace'] = namespace
  for (const key of Object.keys(metadata)) {
    if (key !== 'managedFields' && !Object.hasOwn(tidy, key)) tidy[key] = metadata[key] as JsonValue // one of its own keys
  }
  return tidy
}

/** What is known of the cluster in which the pod runs. */
export interface ClusterFacts {
  readonly nodes: Kubelets | undefined
  /** Only on OpenShift. */
  readonly namespace: NamespaceFacts | undefined
}

/** Istio 1.22+: a path that names another cluster than the control plane's own gets no facts of this one. */
export function clusterFacts(
  pod: JsonObject,
  proxyEnv: ReadonlyMap<string, string>,
  snapshot: Snapshot,
  config: RevisionConfig,
): ClusterFacts {
  const cluster = proxyEnv.get('ISTIO_META_CLUSTER_ID') || 'Kubernetes'
  if (config.gates.factsByCluster && cluster !== config.clusterName)
    return { nodes: undefined, namespace: undefined }
  const name = textAt(metadataOf(pod), 'namespace')
  return { nodes: snapshot.nodes, namespace: config.openShift ? snapshot.namespaces.get(name) : undefined }
}

/** The effective ProxyConfig of mesh, ProxyConfig resources and annotation. */
export function podProxyConfig(
  pod: JsonObject,
  { proxyConfigs }: Snapshot,
  { cache, ...kept }: RequestCache,
): NumberedProxyConfig {
  const metadata = metadataOf(pod)
  const target = {
    namespace: textAt(metadata, 'namespace'),
    labels: textsOf(objectAt(metadata, 'labels')),
    annotations: textsOf(objectAt(metadata, 'annotations')),
  }
  return cache.proxyConfigs.of(target, proxyConfigs, kept)
}

function textsOf(object: JsonObject): Texts {
  return {
    get(key) {
      const value = own(object, key)
      return typeof value === 'string' ? value : undefined
    },
  }
}

/** @throws InjectionRefusal that lists all invalid annotations */
export function checkAnnotations(pod: JsonObject, config: RevisionConfig): void {
  const failures = validateAnnotations(objectAt(metadataOf(pod), 'annotations'), config)
  if (failures.length > 0)
    throw new InjectionRefusal('annotation-invalid', describeAnnotationFailures(failures))
}

/**
 * Mesh and annotation alone, without ProxyConfig resources: Istio orders containers by it.
 * @throws InjectionRefusal
 */
export function annotatedProxyConfig(pod: JsonObject, config: RevisionConfig): ProxyConfig {
  const text = annotationOf(pod, 'proxy.istio.io/config')
  if (text === undefined) return config.mesh.defaultConfig ?? {}
  const mesh = refuseAs('proxy-config-invalid', 'annotation proxy.istio.io/config', () =>
    applyProxyConfig(text, config.mesh, config),
  )
  return mesh.defaultConfig ?? {}
}
