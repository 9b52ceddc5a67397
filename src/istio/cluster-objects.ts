/** Reads plain Kubernetes objects: names, labels, and the ConfigMaps of revisions. */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'

/** A ConfigMap of a revision. */
export interface FoundConfigMap {
  readonly namespace: string
  readonly name: string
  /** Undefined if the source has no uids, as hand-written manifests. */
  readonly uid: string | undefined
  readonly labels: ReadonlyMap<string, string>
  /** The object itself: the same identity means that nothing changed. */
  readonly object: JsonObject
  /** The entries of `data`. */
  readonly data: ReadonlyMap<string, string>
  /** RFC 3339; empty if the object has none. */
  readonly createdAt: string
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

/** Empty if the object has none, as in a folder of manifests. */
export function uidOf(object: JsonObject): string {
  return textAt(objectAt(object, 'metadata'), 'uid')
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
 * The revision of the ConfigMap `<base>` or `<base>-<rev>`; undefined for another name. `<base>-default` has none:
 * Istio reads the revision `default` from the name without suffix.
 */
export function revisionOfConfigMap(base: string, name: string): string | undefined {
  if (name === base) return 'default'
  if (!name.startsWith(`${base}-`) || name === `${base}-default`) return undefined
  return name.slice(base.length + 1) || undefined
}

/**
 * The ConfigMaps of revisions, by revision.
 * @param key only ConfigMaps with this key; it distinguishes a mesh's ConfigMap from `istio-ca-root-cert` and the like
 */
export function findConfigMaps(
  configMaps: readonly JsonObject[],
  base: string,
  key?: string,
): ReadonlyMap<string, readonly FoundConfigMap[]> {
  const byRevision = new Map<string, FoundConfigMap[]>()
  for (const object of configMaps) {
    const name = nameOf(object)
    const revision = revisionOfConfigMap(base, name)
    if (revision === undefined) continue
    const data = textMap(objectAt(object, 'data'))
    if (key !== undefined && !data.has(key)) continue
    const found = {
      namespace: namespaceOf(object) || 'default',
      name,
      uid: textAt(objectAt(object, 'metadata'), 'uid') || undefined,
      labels: labelsOf(object),
      object,
      data,
      createdAt: textAt(objectAt(object, 'metadata'), 'creationTimestamp'),
    }
    const list = byRevision.get(revision)
    if (list === undefined) byRevision.set(revision, [found])
    else list.push(found)
  }
  return byRevision
}
