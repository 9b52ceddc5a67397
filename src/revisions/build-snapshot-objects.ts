/** The relevant objects of a cluster, sorted by kind and without duplicates. Their content is read elsewhere. */

import type { Problem } from '../inject/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import { ROLLOUT_GROUP, ROLLOUT_KIND } from '../rollout/index.ts'

/** One object of the cluster. It must not change: what was read from it is cached by its identity. */
export interface ClusterObject {
  readonly object: JsonObject
  /** Its origin, for messages: a file. */
  readonly source?: string
}

/** By `name`, or `namespace/name` for namespaced kinds. */
export type ObjectsByKey = ReadonlyMap<string, ClusterObject>

/** The kinds that are relevant, as Kubernetes writes them in paths. */
export const CLUSTER_KINDS = [
  'namespaces',
  'nodes',
  'proxyconfigs',
  'configmaps',
  'deployments',
  'services',
  'mutatingwebhookconfigurations',
  'revisionrollouts',
  'endpointslices',
] as const
export type ClusterKind = (typeof CLUSTER_KINDS)[number]

/** The objects of one kind. Never changed: as long as a kind has the same objects, this is the same value. */
export interface KindObjects {
  /** In the order in which they were given. */
  readonly given: readonly ClusterObject[]
  readonly byKey: ObjectsByKey
  readonly problems: readonly Problem[]
}

export type SortedObjects = { readonly [kind in ClusterKind]: KindObjects }

/** Any version of the group is accepted, since the fields read here are the same in all. */
const KIND_BY_NAME: ReadonlyMap<string, ClusterKind> = new Map([
  ['/Namespace', 'namespaces'],
  ['/Node', 'nodes'],
  ['networking.istio.io/ProxyConfig', 'proxyconfigs'],
  ['/ConfigMap', 'configmaps'],
  ['apps/Deployment', 'deployments'],
  ['/Service', 'services'],
  ['admissionregistration.k8s.io/MutatingWebhookConfiguration', 'mutatingwebhookconfigurations'],
  [`${ROLLOUT_GROUP}/${ROLLOUT_KIND}`, 'revisionrollouts'],
  ['discovery.k8s.io/EndpointSlice', 'endpointslices'],
])

/** Kinds whose objects are in no namespace. */
const GLOBAL: ReadonlySet<ClusterKind> = new Set([
  'namespaces',
  'nodes',
  'mutatingwebhookconfigurations',
  'revisionrollouts',
])

/** Objects of all kinds, sorted by kind; irrelevant kinds are ignored. */
export function sortObjects(objects: Iterable<ClusterObject>, previous?: SortedObjects): SortedObjects {
  const lists: { readonly [kind in ClusterKind]: ClusterObject[] } = {
    namespaces: [],
    nodes: [],
    proxyconfigs: [],
    configmaps: [],
    deployments: [],
    services: [],
    mutatingwebhookconfigurations: [],
    revisionrollouts: [],
    endpointslices: [],
  }
  for (const found of objects) {
    const { object } = found
    const kind = KIND_BY_NAME.get(`${groupOf(object)}/${String(own(object, 'kind'))}`)
    if (kind !== undefined) lists[kind].push(found)
  }
  const sorted = CLUSTER_KINDS.map(
    (kind) => [kind, collectKind(kind, lists[kind], previous?.[kind])] as const,
  )
  // One entry for each kind.
  return Object.fromEntries(sorted) as SortedObjects
}

/**
 * The objects of one kind without duplicates. If an object occurs twice the last one counts, as when the files are
 * applied one after the other. Both a duplicate and an object without a name are problems.
 * @param previous returned again if it has the same objects
 */
export function collectKind(
  kind: ClusterKind,
  given: readonly ClusterObject[],
  previous: KindObjects | undefined,
): KindObjects {
  if (previous !== undefined && sameObjects(previous.given, given)) return previous
  const byKey = new Map<string, ClusterObject>()
  const problems: Problem[] = []
  for (const found of given) {
    const key = keyOf(found.object, GLOBAL.has(kind))
    if (key === undefined) {
      problems.push({
        code: 'object-malformed',
        message: `${nameObject(found, '')} has no metadata.name: expected a string; it is ignored`,
        where: nameObject(found, ''),
      })
      continue
    }
    const other = byKey.get(key)
    if (other !== undefined) {
      problems.push({
        code: 'object-defined-twice',
        message: `${nameObject(found, key)} is also defined${inSource(other)}: the last one, in the order of the file names, is used`,
        where: nameObject(found, key),
      })
    }
    byKey.set(key, found)
  }
  return { given, byKey, problems }
}

function sameObjects(one: readonly ClusterObject[], other: readonly ClusterObject[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ object, source }, i) => object === other[i]?.object && source === other[i]?.source)
  )
}

/** `Namespace shop (namespaces.yaml)`: the object's name in messages. */
export function nameObject(found: ClusterObject, key: string): string {
  const kind = own(found.object, 'kind')
  const where = found.source === undefined ? '' : ` (${found.source})`
  return `${typeof kind === 'string' ? kind : 'object'}${key === '' ? '' : ` ${key}`}${where}`
}

function inSource(found: ClusterObject): string {
  return found.source === undefined ? '' : ` in ${found.source}`
}

function groupOf(object: JsonObject): string {
  const apiVersion = own(object, 'apiVersion')
  const slash = typeof apiVersion === 'string' ? apiVersion.indexOf('/') : -1
  return typeof apiVersion === 'string' && slash >= 0 ? apiVersion.slice(0, slash) : ''
}

function keyOf(object: JsonObject, global: boolean): string | undefined {
  const metadata = own(object, 'metadata')
  if (!isObject(metadata)) return undefined
  const name = own(metadata, 'name')
  if (typeof name !== 'string' || name === '') return undefined
  const namespace = own(metadata, 'namespace')
  return global
    ? name
    : `${typeof namespace === 'string' && namespace !== '' ? namespace : 'default'}/${name}`
}
