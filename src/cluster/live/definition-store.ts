/**
 * The objects of a kind that defines revisions and tags. Those that count are kept whole. The names of others are
 * kept for the report, in a separate small store, so that however many a tenant creates, they take no space from
 * those that count.
 */
import type { ClusterObject } from '../../revisions/index.ts'
import {
  type Entry,
  type EntryCollector,
  type LeftOut,
  type ListCollector,
  type ObjectStore,
  ResourceStore,
  type StoredObject,
} from './resource-store.ts'
import { NAMED_LIMITS, type StoreLimits } from './store-limits.ts'

export class DefinitionStore implements ObjectStore {
  readonly #whole: ResourceStore
  readonly #named: ResourceStore

  constructor(onChange: () => void, limits: StoreLimits) {
    this.#whole = new ResourceStore(onChange, limits)
    this.#named = new ResourceStore(onChange, NAMED_LIMITS)
  }

  get size(): number {
    return this.#whole.size
  }

  /** The state of the objects that count. */
  get leftOut(): LeftOut {
    return this.#whole.leftOut
  }

  /** Only the objects that count. */
  get(key: string): StoredObject | undefined {
    return this.#whole.get(key)
  }

  *objects(): Generator<ClusterObject> {
    yield* this.#whole.objects()
    yield* this.#named.objects()
  }

  put(...entry: Entry): void {
    const [key, , , named] = entry
    const [into, other] = named === undefined ? [this.#whole, this.#named] : [this.#named, this.#whole]
    other.delete(key)
    into.put(...entry)
  }

  delete(key: string): void {
    this.#whole.delete(key)
    this.#named.delete(key)
  }

  collector(): SplitCollector {
    return new SplitCollector(this.#whole.collector(), this.#named.collector())
  }

  replace(collected: ListCollector): void {
    if (!(collected instanceof SplitCollector)) throw new TypeError('a collector of another store')
    this.#whole.replace(collected.whole)
    this.#named.replace(collected.named)
  }
}

class SplitCollector implements ListCollector {
  readonly whole: EntryCollector
  readonly named: EntryCollector

  constructor(whole: EntryCollector, named: EntryCollector) {
    this.whole = whole
    this.named = named
  }

  add(entry: Entry): void {
    const collector = entry[3] === undefined ? this.whole : this.named
    collector.add(entry)
  }
}
