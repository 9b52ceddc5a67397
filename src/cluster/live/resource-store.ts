/**
 * The objects of one resource as they are now, frozen and bounded. An object whose needed fields did not change stays
 * the same object, so that nothing is built anew for it. What was there stays, whatever comes later: a new object that
 * does not fit is left out, and one that grew beyond its bound keeps its last state. Not here: where objects come from,
 * and the bounds (store-limits.ts).
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

/** Key, resource version, needed fields; and whether these are only what a report needs of an object that does not count. */
export type Entry = readonly [key: string, version: string, object: JsonObject, named?: 'named']

/** What a reflector needs of a store. */
export interface ObjectStore {
  readonly size: number
  get(key: string): StoredObject | undefined
  put(...entry: Entry): void
  delete(key: string): void
  /** For a new list, which `replace` then takes over. */
  collector(): ListCollector
  replace(collected: ListCollector): void
}

export interface ListCollector {
  add(entry: Entry): void
}

/** Objects that were left out: why, and the first of them. */
export interface LeftOut {
  readonly count: number
  /** Keys, the first ones. */
  readonly examples: readonly string[]
}

/** What a list shows, taken in page by page. */
export interface EntryCollector extends ListCollector {
  /** What is to be kept, and the keys of what is not. */
  finish(): { readonly objects: Map<string, StoredObject>; readonly leftOut: ReadonlySet<string> }
}

const EXAMPLES = 10
/** Keys of left-out objects that are known, so that their end is noticed. */
const MAX_LEFT_OUT = 10_000
/** A list may hold so many times the bound before the youngest are dropped: sorting at each object would be quadratic. */
const SLACK = 1.25

export class ResourceStore {
  #objects = new Map<string, StoredObject>()
  #usage = new Usage()
  #leftOut = new Set<string>()
  readonly #limits: StoreLimits | undefined
  readonly #onChange: () => void

  /** @param limits undefined: unbounded, for what is asked for by name */
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

  /** For a new list, which `replace` then takes over. */
  collector(): EntryCollector {
    return new Collector(this.#objects, this.#limits)
  }

  /** What a complete list showed. */
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

/**
 * Keeps within the bounds while a list of any length comes in: what the store has already comes first, then the oldest.
 */
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

  /** To what fits. */
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

/** Bytes in all, and by namespace. */
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

/** Empty where the kind has no namespaces. */
function namespaceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('/')))
}

/** RFC 3339 in UTC, so that texts sort like times; where it is not kept, all are alike. */
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
