/**
 * Owns: the objects of one resource as they are now, frozen. An object whose needed fields did not change stays the
 * same object, so that nothing is built anew for it. Not here: where they come from.
 */
import type { ClusterObject } from '../../inject/index.ts'
import { equalJson, freezeJson, type JsonObject } from '../../json/index.ts'

export interface StoredObject {
  /** Opaque; only told apart. */
  readonly resourceVersion: string
  readonly found: ClusterObject
}

export class ResourceStore {
  #objects = new Map<string, StoredObject>()
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key)
  }

  *objects(): Generator<ClusterObject> {
    for (const { found } of this.#objects.values()) yield found
  }

  put(key: string, resourceVersion: string, object: JsonObject): void {
    const before = this.#objects.get(key)
    const next = settle(before, resourceVersion, object)
    this.#objects.set(key, next)
    if (next.found !== before?.found) this.#onChange()
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#onChange()
  }

  /** What a complete list showed. */
  replace(entries: Iterable<readonly [string, string, JsonObject]>): void {
    const next = new Map<string, StoredObject>()
    let changed = false
    for (const [key, resourceVersion, object] of entries) {
      const before = this.#objects.get(key)
      const stored = settle(before, resourceVersion, object)
      changed ||= stored.found !== before?.found
      next.set(key, stored)
    }
    changed ||= next.size !== this.#objects.size
    this.#objects = next
    if (changed) this.#onChange()
  }
}

function settle(before: StoredObject | undefined, resourceVersion: string, object: JsonObject): StoredObject {
  if (before !== undefined && equalJson(before.found.object, object)) {
    return before.resourceVersion === resourceVersion ? before : { resourceVersion, found: before.found }
  }
  return { resourceVersion, found: Object.freeze({ object: freezeJson(object) }) }
}
