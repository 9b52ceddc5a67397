/**
 * The current objects of one resource, frozen and bounded. An object whose needed fields did not change stays the
 * same object, so that nothing is rebuilt for it. Existing objects stay: a new object that does not fit is left out,
 * and one that outgrew its limit keeps its last state. store-limits.ts has the limits.
 */

import { equalJson, freezeJson, isObject, type JsonObject, own } from '../../json/index.ts'
import type { ClusterObject } from '../../revisions/index.ts'
import { memoryOfJson, type StoreLimits } from './store-limits.ts'

export interface StoredObject {
  /** Opaque; only compared for equality. */
  readonly resourceVersion: string
  readonly found: ClusterObject
  readonly bytes: number
}

/**
 * Key, resource version, needed fields, and whether these are only the fields for reporting an object that does not
 * count.
 */
export type Entry = readonly [key: string, version: string, object: JsonObject, named?: 'named']

/** The interface for a reflector. */
export interface ObjectStore {
  readonly size: number
  get(key: string): StoredObject | undefined
  put(...entry: Entry): void
  delete(key: string): void
  /** Starts a new list, which `replace` then applies. */
  collector(): ListCollector
  replace(collected: ListCollector): void
}

export interface ListCollector {
  add(entry: Entry): void
}

/** Why objects were left out, and the first of them. */
export interface LeftOut {
  readonly count: number
  /** The first keys. */
  readonly examples: readonly string[]
}

/** A list in progress, added page by page. */
export interface EntryCollector extends ListCollector {
  /** The objects to keep, and the keys of the others. */
  finish(): { readonly objects: Map<string, StoredObject>; readonly leftOut: ReadonlySet<string> }
}

const EXAMPLES = 10
/** Known keys of left-out objects, so that their deletion is noticed. */
const MAX_LEFT_OUT = 10_000
/**
 * A list may exceed the limit by this factor before the youngest objects are dropped, because sorting for each object
 * would be quadratic.
 */
const SLACK = 1.25

export class ResourceStore {
  #objects = new Map<string, StoredObject>()
  #usage = new Usage()
  #leftOut = new Set<string>()
  readonly #limits: StoreLimits | undefined
  readonly #onChange: () => void

  /** @param limits undefined: unbounded, for objects that are requested by name */
  constructor(onChange: () => void, limits?: StoreLimits) {
    this.#limits = limits
    this.#onChange = onChange
  }

  get size(): number {
    return this.#objects.size
  }

  /** Estimated memory. */
  get bytes(): number {
    return this.#usage.total
  }

  get leftOut(): LeftOut {
    return { count: this.#leftOut.size, examples: [...this.#leftOut].slice(0, EXAMPLES) }
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key)
  }

  *objects(): Generator<ClusterObject> {
    for (const { found } of this.#objects.values()) yield found
  }

  put(...[key, resourceVersion, object]: Entry): void {
    const before = this.#objects.get(key)
    const next = settle(before, resourceVersion, object)
    const grownBy = next.bytes - (before?.bytes ?? 0)
    if (grownBy > 0 && !this.#usage.fits(key, next.bytes, grownBy, this.#limits)) {
      if (this.#leftOut.has(key) || this.#leftOut.size >= MAX_LEFT_OUT) return
      this.#leftOut.add(key)
      this.#onChange()
      return
    }
    this.#usage.add(key, grownBy)
    this.#objects.set(key, next)
    const cameIn = this.#leftOut.delete(key)
    if (cameIn || next.found !== before?.found) this.#onChange()
  }

  delete(key: string): void {
    const before = this.#objects.get(key)
    const wasLeftOut = this.#leftOut.delete(key)
    if (before === undefined) {
      if (wasLeftOut) this.#onChange()
      return
    }
    this.#objects.delete(key)
    this.#usage.add(key, -before.bytes)
    this.#onChange()
  }

  /** Starts a new list, which `replace` then applies. */
  collector(): EntryCollector {
    return new Collector(this.#objects, this.#limits)
  }

  /** Applies a complete list. */
  replace(collected: EntryCollector): void {
    const { objects, leftOut } = collected.finish()
    const same = [...objects].every(([key, { found }]) => this.#objects.get(key)?.found === found)
    const changed = !same || objects.size !== this.#objects.size || leftOut.size !== this.#leftOut.size
    this.#objects = objects
    this.#leftOut = new Set([...leftOut].slice(0, MAX_LEFT_OUT))
    this.#usage = new Usage()
    for (const [key, { bytes }] of objects) this.#usage.add(key, bytes)
    if (changed) this.#onChange()
  }
}

/** Applies the limits while a list of any length arrives: existing objects come first, then the oldest. */
class Collector implements EntryCollector {
  readonly #before: ReadonlyMap<string, StoredObject>
  readonly #limits: StoreLimits | undefined
  #objects = new Map<string, StoredObject>()
  #bytes = 0
  readonly #leftOut = new Set<string>()

  constructor(before: ReadonlyMap<string, StoredObject>, limits: StoreLimits | undefined) {
    this.#before = before
    this.#limits = limits
  }

  add([key, resourceVersion, object]: Entry): void {
    const before = this.#before.get(key)
    let stored = settle(before, resourceVersion, object)
    if (stored.bytes > (this.#limits?.objectBytes ?? Number.POSITIVE_INFINITY)) {
      this.#leaveOut(key)
      if (before === undefined) return
      stored = before
    }
    this.#objects.set(key, stored)
    this.#bytes += stored.bytes
    if (this.#bytes > SLACK * (this.#limits?.totalBytes ?? Number.POSITIVE_INFINITY)) this.#cut()
  }

  finish(): { readonly objects: Map<string, StoredObject>; readonly leftOut: ReadonlySet<string> } {
    this.#cut()
    return { objects: this.#objects, leftOut: this.#leftOut }
  }

  #leaveOut(key: string): void {
    if (this.#leftOut.size < MAX_LEFT_OUT) this.#leftOut.add(key)
  }

  /** Reduces the list to what fits. */
  #cut(): void {
    const limits = this.#limits
    if (limits === undefined) return
    if (limits.namespaceBytes === undefined && this.#bytes <= limits.totalBytes) return
    const usage = new Usage()
    const kept = new Set<string>()
    const inOrder = [...this.#objects].sort(
      ([a, one], [b, other]) =>
        Number(this.#before.has(b)) - Number(this.#before.has(a)) ||
        compareTexts(creationOf(one), creationOf(other)),
    )
    for (const [key, { bytes }] of inOrder) {
      if (usage.fits(key, bytes, bytes, limits)) {
        usage.add(key, bytes)
        kept.add(key)
      } else this.#leaveOut(key)
    }
    this.#objects = new Map([...this.#objects].filter(([key]) => kept.has(key)))
    this.#bytes = usage.total
  }
}

/** Total bytes, and bytes by namespace. */
class Usage {
  total = 0
  readonly #byNamespace = new Map<string, number>()

  fits(key: string, bytes: number, grownBy: number, limits: StoreLimits | undefined): boolean {
    if (limits === undefined) return true
    const { objectBytes, namespaceBytes = Number.POSITIVE_INFINITY, totalBytes } = limits
    const ofNamespace = this.#byNamespace.get(namespaceOf(key)) ?? 0
    return (
      bytes <= objectBytes && ofNamespace + grownBy <= namespaceBytes && this.total + grownBy <= totalBytes
    )
  }

  add(key: string, bytes: number): void {
    this.total += bytes
    const namespace = namespaceOf(key)
    const next = (this.#byNamespace.get(namespace) ?? 0) + bytes
    if (next === 0) this.#byNamespace.delete(namespace)
    else this.#byNamespace.set(namespace, next)
  }
}

/** Empty for a cluster-scoped kind. */
function namespaceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('/')))
}

/** RFC 3339 in UTC, which sorts like times. If it is not kept, all are equal. */
function creationOf({ found }: StoredObject): string {
  const metadata = own(found.object, 'metadata')
  const created = isObject(metadata) ? own(metadata, 'creationTimestamp') : undefined
  return typeof created === 'string' ? created : ''
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function settle(before: StoredObject | undefined, resourceVersion: string, object: JsonObject): StoredObject {
  if (before !== undefined && equalJson(before.found.object, object)) {
    return before.resourceVersion === resourceVersion ? before : { ...before, resourceVersion }
  }
  return {
    resourceVersion,
    found: Object.freeze({ object: freezeJson(object) }),
    bytes: memoryOfJson(object),
  }
}
