/** The relevant objects of a cluster, sorted by kind and without duplicates. Their content is read elsewhere. */

import type { Problem } from '../inject/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'

/** One object of the cluster. It must not change: what was read from it is cached by its identity. */
export interface ClusterObject {
  readonly object: JsonObject
  /** Its origin, for messages: a file. */
  readonly source?: string
}

/** By `name`, or `namespace/name` for namespaced kinds. */
export type ObjectsByKey = ReadonlyMap<string, ClusterObject>

export interface SortedObjects {
  readonly namespaces: ObjectsByKey
  readonly nodes: ObjectsByKey
  readonly proxyConfigs: ObjectsByKey
  readonly configMaps: ObjectsByKey
  readonly deployments: ObjectsByKey
  readonly services: ObjectsByKey
  readonly webhookConfigurations: ObjectsByKey
  readonly problems: readonly Problem[]
}

/**
 * Each group and kind with its map; any version of the group is accepted, since the fields read here are the same in
 * all.
 */
const kinds = new Map<
  string,
  { readonly list: keyof Omit<SortedObjects, 'problems'>; readonly global: boolean }
>([
  ['/Namespace', { list: 'namespaces', global: true }],
  ['/Node', { list: 'nodes', global: true }],
  ['networking.istio.io/ProxyConfig', { list: 'proxyConfigs', global: false }],
  ['/ConfigMap', { list: 'configMaps', global: false }],
  ['apps/Deployment', { list: 'deployments', global: false }],
  ['/Service', { list: 'services', global: false }],
  [
    'admissionregistration.k8s.io/MutatingWebhookConfiguration',
    { list: 'webhookConfigurations', global: true },
  ],
])

/**
 * Ignores other kinds. If an object occurs twice the last one counts, as when the files are applied one after the
 * other. Both a duplicate and an object without a name are problems.
 */
export function sortObjects(objects: readonly ClusterObject[]): SortedObjects {
  const lists = {
    namespaces: new Map<string, ClusterObject>(),
    nodes: new Map<string, ClusterObject>(),
    proxyConfigs: new Map<string, ClusterObject>(),
    configMaps: new Map<string, ClusterObject>(),
    deployments: new Map<string, ClusterObject>(),
    services: new Map<string, ClusterObject>(),
    webhookConfigurations: new Map<string, ClusterObject>(),
  }
  const problems: Problem[] = []
  for (const found of objects) {
    const kind = kinds.get(`${groupOf(found.object)}/${String(own(found.object, 'kind'))}`)
    if (kind === undefined) continue
    const key = keyOf(found.object, kind.global)
    if (key === undefined) {
      problems.push({
        code: 'object-malformed',
        message: `${nameObject(found, '')} has no metadata.name of its own: expected a text; it is not used`,
        where: nameObject(found, ''),
      })
      continue
    }
    const list = lists[kind.list]
    const other = list.get(key)
    if (other !== undefined) {
      problems.push({
        code: 'object-defined-twice',
        message: `${nameObject(found, key)} is also defined${inSource(other)}: the last one, in the order of the files' names, counts`,
        where: nameObject(found, key),
      })
    }
    list.set(key, found)
  }
  return { ...lists, problems }
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
