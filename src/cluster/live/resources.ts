/**
 * The watched resources: the path of each kind, which of its objects matter, and how to reduce the transferred data.
 * needed-fields.ts lists the kept fields.
 */
import { revisionOfConfigMap, type TrustedNamespaces } from '../../istio/index.ts'
import { isObject, type JsonObject, own } from '../../json/index.ts'
import { ROLLOUT_API_VERSION, type ServiceName } from '../../rollout/index.ts'
import {
  configMapFields,
  deploymentFields,
  endpointSliceFields,
  type NeededFields,
  namespaceFields,
  nodeFields,
  proxyConfigFields,
  rolloutFields,
  serviceFields,
  serviceSelectorFields,
  webhookConfigurationFields,
} from './needed-fields.ts'

export const RESOURCE_NAMES = [
  'namespaces',
  'configmaps',
  'deployments',
  'services',
  'mutatingwebhookconfigurations',
  'proxyconfigs',
  'revisionrollouts',
  'nodes',
] as const
export type ResourceName = (typeof RESOURCE_NAMES)[number]

/** Kinds that define revisions and tags. The webhook configurations determine which of their objects are read. */
export const DEFINITION_NAMES = ['configmaps', 'deployments', 'services'] as const
export type DefinitionName = (typeof DEFINITION_NAMES)[number]

/**
 * How much of an object is kept: all needed fields, only its name for the report that it does not count, or nothing.
 */
export type Kept = 'whole' | 'named' | 'nothing'

export interface WatchedResource {
  readonly name: ResourceName | 'endpointslices'
  /** In all namespaces, or in one. */
  readonly path: string
  readonly selectors: Readonly<Record<string, string>>
  /** Objects per page; a page should have a few MiB at most. */
  readonly pageSize: number
  readonly fields: NeededFields
  /** The kind may be undefined, and its definition may appear or disappear at run time. */
  readonly mayBeAbsent: boolean
  /** Undefined: every object is kept whole. */
  readonly keep?: (metadata: JsonObject, trust: TrustedNamespaces) => Kept
  /**
   * The path of one object: only metadata is listed and watched, and objects that are kept whole are read from here.
   */
  readonly objectPath?: (namespace: string, name: string) => string
}

const INJECTOR = 'istio-sidecar-injector'
const MESH = 'istio'
const TAG_LABEL = 'istio.io/tag'
/** Objects that exist in every namespace are excluded in the request; most clusters have no others. */
const EVERYWHERE = ['kube-root-ca.crt', 'istio-ca-root-cert', 'istio-ca-crl', 'openshift-service-ca.crt']

/**
 * Keeps `istio-sidecar-injector[-<rev>]` and `istio[-<rev>]` in trusted namespaces, and the names of injectors
 * elsewhere.
 */
function keepConfigMap(metadata: JsonObject, trust: TrustedNamespaces): Kept {
  const [name, namespace] = [textOf(metadata, 'name'), textOf(metadata, 'namespace')]
  if (EVERYWHERE.includes(name)) return 'nothing'
  const injector = revisionOfConfigMap(INJECTOR, name)
  const mesh = revisionOfConfigMap(MESH, name)
  const counts = [injector, mesh].some(
    (revision) => revision !== undefined && trust.rankOfRevision(revision, namespace) !== undefined,
  )
  return counts ? 'whole' : injector === undefined ? 'nothing' : 'named'
}

function keepService(metadata: JsonObject, trust: TrustedNamespaces): Kept {
  const labels = own(metadata, 'labels')
  const tag = isObject(labels) ? textOf(labels, TAG_LABEL) : ''
  return trust.rankOfTag(tag, textOf(metadata, 'namespace')) === undefined ? 'named' : 'whole'
}

const whole = { selectors: {}, pageSize: 500, mayBeAbsent: false } as const

/**
 * No label of ConfigMaps is set by all installers of Istio, and a field selector matches names but no prefixes. So
 * the metadata of all ConfigMaps is watched (a few hundred bytes each, not kept), and those of revisions are read.
 */
export const RESOURCES: Readonly<Record<ResourceName, WatchedResource>> = {
  namespaces: { ...whole, name: 'namespaces', path: '/api/v1/namespaces', fields: namespaceFields },
  configmaps: {
    ...whole,
    name: 'configmaps',
    path: '/api/v1/configmaps',
    selectors: { fieldSelector: EVERYWHERE.map((name) => `metadata.name!=${name}`).join(',') },
    fields: configMapFields,
    keep: keepConfigMap,
    objectPath: (namespace, name) => `/api/v1/namespaces/${namespace}/configmaps/${name}`,
  },
  deployments: {
    ...whole,
    name: 'deployments',
    path: '/apis/apps/v1/deployments',
    selectors: { labelSelector: 'app=istiod' },
    fields: deploymentFields,
    keep: (metadata, trust) => (trust.has(textOf(metadata, 'namespace')) ? 'whole' : 'nothing'),
  },
  // Only the Services of tags matter (Istio 1.28+: a tag may be a Service).
  services: {
    ...whole,
    name: 'services',
    path: '/api/v1/services',
    selectors: { labelSelector: TAG_LABEL },
    fields: serviceFields,
    keep: keepService,
  },
  mutatingwebhookconfigurations: {
    ...whole,
    name: 'mutatingwebhookconfigurations',
    path: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    pageSize: 50,
    fields: webhookConfigurationFields,
  },
  proxyconfigs: {
    ...whole,
    name: 'proxyconfigs',
    path: '/apis/networking.istio.io/v1beta1/proxyconfigs',
    mayBeAbsent: true,
    fields: proxyConfigFields,
  },
  revisionrollouts: {
    ...whole,
    name: 'revisionrollouts',
    path: `/apis/${ROLLOUT_API_VERSION}/revisionrollouts`,
    mayBeAbsent: true,
    fields: rolloutFields,
  },
  // A node's status lists its images: tens of KB.
  nodes: { ...whole, name: 'nodes', path: '/api/v1/nodes', pageSize: 100, fields: nodeFields },
}

/** One Service, with what decides whether it has endpoints of its own. */
export function serviceNamed({ namespace, name }: ServiceName): WatchedResource {
  const selectors = { fieldSelector: `metadata.name=${name}` }
  return {
    ...ofNamespace(RESOURCES.services, namespace),
    selectors,
    fields: serviceSelectorFields,
    keep: keepAll,
  }
}

/** The EndpointSlices of one Service. */
export function endpointSlicesOf({ namespace, name }: ServiceName): WatchedResource {
  return {
    ...whole,
    name: 'endpointslices',
    path: `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`,
    selectors: { labelSelector: `kubernetes.io/service-name=${name}` },
    fields: endpointSliceFields,
  }
}

const keepAll = (): Kept => 'whole'

/** Deployments in one list with all others, for a command that reads all of them anyway. */
export const ALL_DEPLOYMENTS: WatchedResource = {
  ...RESOURCES.deployments,
  selectors: {},
  keep(metadata, trust) {
    const labels = own(metadata, 'labels')
    const isControlPlane = isObject(labels) && textOf(labels, 'app') === 'istiod'
    return isControlPlane && trust.has(textOf(metadata, 'namespace')) ? 'whole' : 'nothing'
  },
}

/** Whether its list has all objects of the kind in the cluster, whole. */
export function listsAll({ path, selectors, objectPath }: WatchedResource): boolean {
  const isWhole = Object.keys(selectors).length === 0 && objectPath === undefined
  return isWhole && Object.values(RESOURCES).some((resource) => resource.path === path)
}

/** The same kind in one namespace, for rights by namespace. */
export function ofNamespace(resource: WatchedResource, namespace: string): WatchedResource {
  const cut = resource.path.lastIndexOf('/')
  const path = `${resource.path.slice(0, cut)}/namespaces/${encodeURIComponent(namespace)}${resource.path.slice(cut)}`
  return { ...resource, path }
}

/** `name`, or `namespace/name`. */
export function keyOfMetadata(metadata: JsonObject): string {
  const { name, namespace } = metadata
  return typeof namespace === 'string' && namespace !== '' ? `${namespace}/${String(name)}` : String(name)
}

export function metadataOf(object: JsonObject): JsonObject {
  const metadata = own(object, 'metadata')
  return isObject(metadata) ? metadata : {}
}

function textOf(object: JsonObject, key: string): string {
  const value = own(object, key)
  return typeof value === 'string' ? value : ''
}
