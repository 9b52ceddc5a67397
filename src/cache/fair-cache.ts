/**
 * A cache bounded by bytes that no tenant can fill alone. When space is needed, the tenant that holds the most bytes
 * loses its least recently used entry first, so a tenant that floods the cache evicts its own entries. An entry that a
 * second tenant uses moves from its creator's group to a second group of that creator, for shared entries. So two
 * namespaces of one author that use each other's entries evict only their own. Callers define what an entry is and how
 * many bytes it takes.
 */
import { type Linked, RecencyList } from './recency-list.ts'

export interface CacheCounts {
  readonly hits: number
  readonly misses: number
  /** Entries dropped to make space; entries of a replaced configuration are not counted. */
  readonly evictions: number
  readonly entries: number
  readonly bytes: number
  readonly maxBytes: number
}

interface Entry<T> extends Linked<Entry<T>> {
  readonly key: string
  readonly value: T
  bytes: number
  tenant: Tenant<T>
}

interface Tenant<T> {
  readonly name: string
  bytes: number
  readonly entries: RecencyList<Entry<T>>
}

/** Prefix of the group of entries that a tenant created and others use, too. No namespace begins with it. */
const SHARED = '*'
/** The object, its entries in two maps, and the head of its key. */
const ENTRY_BYTES = 256

export class FairCache<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #tenants = new Map<string, Tenant<T>>()
  readonly #largestPart: number
  #maxBytes: number
  #bytes = 0
  #hits = 0
  #misses = 0
  #evictions = 0

  /** @param largestPart 8: one entry takes at most an eighth of the cache */
  constructor(maxBytes: number, largestPart = 8) {
    this.#maxBytes = maxBytes
    this.#largestPart = largestPart
  }

  get counts(): CacheCounts {
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      entries: this.#entries.size,
      bytes: this.#bytes,
      maxBytes: this.#maxBytes,
    }
  }

  /** Evicts at once what no longer fits. */
  limitTo(maxBytes: number): void {
    if (maxBytes === this.#maxBytes) return
    this.#maxBytes = maxBytes
    this.#evictFor(0)
  }

  /** A larger entry is not cached. */
  get maxEntryBytes(): number {
    return this.#maxBytes / this.#largestPart
  }

  /** The bytes of the entry including its key; 0 if there is none. */
  bytesOf(key: string): number {
    return this.#entries.get(key)?.bytes ?? 0
  }

  /** @param tenant the namespace that the lookup is for */
  get(key: string, tenant: string): T | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) {
      this.#misses++
      return undefined
    }
    this.#hits++
    const { tenant: owner } = entry
    if (owner.name === tenant || owner.name.startsWith(SHARED)) {
      owner.entries.remove(entry)
      owner.entries.add(entry)
    } else {
      this.#leave(entry)
      entry.tenant = this.#join(entry, SHARED + owner.name)
    }
    return entry.value
  }

  /** As `get`, but without counting or changing the order. */
  peek(key: string): T | undefined {
    return this.#entries.get(key)?.value
  }

  /**
   * @param bytes of the value; those of the key are added
   * @returns whether it was cached
   */
  put(key: string, tenant: string, value: T, bytes: number): boolean {
    this.delete(key)
    const size = bytes + memoryOfText(key) + ENTRY_BYTES
    if (size > this.maxEntryBytes) return false
    this.#evictFor(size)
    const links = { previous: undefined, next: undefined }
    const entry = { key, value, bytes: size, tenant: this.#tenantOf(tenant), ...links }
    this.#join(entry, tenant)
    this.#entries.set(key, entry)
    return true
  }

  /**
   * Adds to the size of an entry.
   * @returns whether it is still cached
   */
  grow(key: string, bytes: number): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    this.#leave(entry)
    if (entry.bytes + bytes > this.maxEntryBytes) {
      this.#entries.delete(key)
      this.#evictions++
      return false
    }
    this.#evictFor(bytes + entry.bytes)
    entry.bytes += bytes
    entry.tenant = this.#join(entry, entry.tenant.name)
    return true
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#drop(entry)
  }

  keepOnly(holds: (value: T) => boolean): void {
    for (const entry of this.#entries.values()) if (!holds(entry.value)) this.#drop(entry)
  }

  clear(): void {
    this.#entries.clear()
    this.#tenants.clear()
    this.#bytes = 0
  }

  /** As the most recently used entry of a tenant. */
  #join(entry: Entry<T>, name: string): Tenant<T> {
    const tenant = this.#tenantOf(name)
    tenant.entries.add(entry)
    tenant.bytes += entry.bytes
    this.#bytes += entry.bytes
    return tenant
  }

  #leave(entry: Entry<T>): void {
    const { tenant } = entry
    this.#bytes -= entry.bytes
    tenant.entries.remove(entry)
    tenant.bytes -= entry.bytes
    if (tenant.entries.first === undefined) this.#tenants.delete(tenant.name)
  }

  #tenantOf(name: string): Tenant<T> {
    const tenant = this.#tenants.get(name) ?? { name, bytes: 0, entries: new RecencyList<Entry<T>>() }
    this.#tenants.set(name, tenant)
    return tenant
  }

  #drop(entry: Entry<T>): void {
    this.#entries.delete(entry.key)
    this.#leave(entry)
  }

  #evictFor(bytes: number): void {
    while (this.#bytes + bytes > this.#maxBytes) {
      const oldest = this.#largestTenant()?.entries.first
      if (oldest === undefined) return
      this.#drop(oldest)
      this.#evictions++
    }
  }

  #largestTenant(): Tenant<T> | undefined {
    let largest: Tenant<T> | undefined
    for (const tenant of this.#tenants.values())
      if (largest === undefined || tenant.bytes > largest.bytes) largest = tenant
    return largest
  }
}

/** V8 uses two bytes per character as soon as one character is outside Latin-1. */
export function memoryOfText(text: string): number {
  return /[\u0100-\uffff]/.test(text) ? 2 * text.length : text.length
}
