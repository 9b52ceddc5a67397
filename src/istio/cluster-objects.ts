/** Reading plain Kubernetes objects: names, labels, and the ConfigMaps that belong to revisions. */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'

/** A ConfigMap that belongs to a revision. */
export interface FoundConfigMap {
  readonly namespace: string
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  /** The object itself: the same one means that nothing changed. */
  readonly object: JsonObject
  /** The texts under `data`. */
  readonly data: ReadonlyMap<string, string>
}

export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = own(object, key)
  return isObject(value) ? value : {}
}

export function listAt(object: JsonObject, key: string): readonly JsonValue[] {
  const value = own(object, key)
  return Array.isArray(value) ? value : []
}

export function textAt(object: JsonObject, key: string): string {
  const value = own(object, key)
  return typeof value === 'string' ? value : ''
}

export function nameOf(object: JsonObject): string {
  return textAt(objectAt(object, 'metadata'), 'name')
}

export function namespaceOf(object: JsonObject): string {
  return textAt(objectAt(object, 'metadata'), 'namespace')
}

export function labelsOf(object: JsonObject): ReadonlyMap<string, string> {
  return textMap(objectAt(objectAt(object, 'metadata'), 'labels'))
}

function textMap(object: JsonObject): ReadonlyMap<string, string> {
  const map = new Map<string, string>()
  for (const [key, value] of Object.entries(object)) if (typeof value === 'string') map.set(key, value)
  return map
}

/**
 * ConfigMaps named `<base>` or `<base>-<rev>` that have the key, by revision. `<base>-default` is none: Istio reads
 * the revision `default` from the unsuffixed one. The key tells `istio-ca-root-cert` and the like apart.
 */
export function findConfigMaps(
  configMaps: readonly JsonObject[],
  base: string,
  key: string,
): ReadonlyMap<string, readonly FoundConfigMap[]> {
  const byRevision = new Map<string, FoundConfigMap[]>()
  for (const object of configMaps) {
    const name = nameOf(object)
    const data = textMap(objectAt(object, 'data'))
    if ((name !== base && !name.startsWith(`${base}-`)) || !data.has(key)) continue
    const revision = name === base ? 'default' : name.slice(base.length + 1)
    if (revision === '' || name === `${base}-default`) continue
    const found = { namespace: namespaceOf(object), name, labels: labelsOf(object), object, data }
    const list = byRevision.get(revision)
    if (list === undefined) byRevision.set(revision, [found])
    else list.push(found)
  }
  return byRevision
}
