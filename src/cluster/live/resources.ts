/**
 * Owns: what is watched of a cluster: where each kind is, which objects of it take part, and how little of the rest
 * crosses the wire. Not here: watching (reflector.ts), and the fields that are kept (needed-fields.ts).
 */
import { isObject, type JsonObject, own } from '../../json/index.ts'
import {
  configMapFields,
  deploymentFields,
  type NeededFields,
  namespaceFields,
  nodeFields,
  proxyConfigFields,
  serviceFields,
  webhookConfigurationFields,
} from './needed-fields.ts'

export const RESOURCE_NAMES = [
  'namespaces',
  'configmaps',
  'deployments',
  'services',
  'mutatingwebhookconfigurations',
  'proxyconfigs',
  'nodes',
] as const
export type ResourceName = (typeof RESOURCE_NAMES)[number]

export interface WatchedResource {
  readonly name: ResourceName
  /** Of all namespaces. */
  readonly path: string
  readonly selectors: Readonly<Record<string, string>>
  /** Objects a page: a page should stay within a few MiB. */
  readonly pageSize: number
  readonly fields: NeededFields
  /** The definition of the kind may be missing, and come or go while running. */
  readonly mayBeAbsent: boolean
  /**
   * Only metadata is listed and watched, and an object is read whole where this says so of its name.
   * Undefined: every object comes whole and is wanted.
   */
  readonly wanted?: (name: string) => boolean
  /** Of one object, where `wanted` is there. */
  readonly objectPath?: (namespace: string, name: string) => string
}

const INJECTOR = 'istio-sidecar-injector'
const MESH = 'istio'
/** These stand in every namespace, so they are left out on the server's side: all there is in most clusters. */
const EVERYWHERE = ['kube-root-ca.crt', 'istio-ca-root-cert', 'istio-ca-crl', 'openshift-service-ca.crt']

/** `istio-sidecar-injector[-<rev>]` and `istio[-<rev>]`; the names that only look like it are never a mesh's. */
export function isRevisionConfigMap(name: string): boolean {
  if (EVERYWHERE.includes(name)) return false
  return [INJECTOR, MESH].some((base) => name === base || name.startsWith(`${base}-`))
}

const whole = { selectors: {}, pageSize: 500, mayBeAbsent: false } as const

/**
 * ConfigMaps have no label that every way to install Istio sets, and a field selector takes a name but no prefix. So
 * the metadata of all is followed (a few hundred bytes each, none of it kept), and those of a revision are read.
 */
export const RESOURCES: Readonly<Record<ResourceName, WatchedResource>> = {
  namespaces: { ...whole, name: 'namespaces', path: '/api/v1/namespaces', fields: namespaceFields },
  configmaps: {
    ...whole,
    name: 'configmaps',
    path: '/api/v1/configmaps',
    selectors: { fieldSelector: EVERYWHERE.map((name) => `metadata.name!=${name}`).join(',') },
    fields: configMapFields,
    wanted: isRevisionConfigMap,
    objectPath: (namespace, name) => `/api/v1/namespaces/${namespace}/configmaps/${name}`,
  },
  deployments: {
    ...whole,
    name: 'deployments',
    path: '/apis/apps/v1/deployments',
    selectors: { labelSelector: 'app=istiod' },
    fields: deploymentFields,
  },
  // Only those of tags decide about anything (Istio 1.28+: a tag is a Service too).
  services: {
    ...whole,
    name: 'services',
    path: '/api/v1/services',
    selectors: { labelSelector: 'istio.io/tag' },
    fields: serviceFields,
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
  // A node's status lists its images: tens of KB.
  nodes: { ...whole, name: 'nodes', path: '/api/v1/nodes', pageSize: 100, fields: nodeFields },
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
