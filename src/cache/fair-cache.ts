/**
 * A cache bounded by bytes that no tenant can fill alone. When space is needed, the tenant that holds the most bytes
 * loses its least recently used entry first, so a tenant that floods the cache evicts its own entries. An entry that a
 * second tenant uses moves from its creator's group to a second group of that creator, for shared entries. So two
 * namespaces of one author that use each other's entries evict only their own. Callers define what an entry is and how
 * many bytes it takes.
 */

export interface CacheCounts {
  readonly hits: number
  readonly misses: number
  /** Entries dropped to make space; entries of a replaced configuration are not counted. */
  readonly evictions: number
  readonly entries: number
  readonly bytes: number
  readonly maxBytes: number
}

interface Entry<T> {
  value: T
  bytes: number
  tenant: string
}

interface Tenant<T> {
  bytes: number
  /** Least recently used entry first. */
  readonly entries: Map<string, Entry<T>>
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
    const own = entry.tenant === tenant || entry.tenant.startsWith(SHARED)
    const owner = own ? entry.tenant : SHARED + entry.tenant
    // Moves it to the end of its tenant's entries: it is now the most recently used one.
    this.#detach(key, entry)
    entry.tenant = owner
    this.#attach(key, entry)
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
    const size = bytes + key.length + ENTRY_BYTES
    if (size > this.maxEntryBytes) return false
    this.#evictFor(size)
    this.#attach(key, { value, bytes: size, tenant })
    return true
  }

  /**
   * Adds to the size of an entry.
   * @returns whether it is still cached
   */
  grow(key: string, bytes: number): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    this.#detach(key, entry)
    if (entry.bytes + bytes > this.maxEntryBytes) {
      this.#evictions++
      return false
    }
    this.#evictFor(bytes + entry.bytes)
    entry.bytes += bytes
    this.#attach(key, entry)
    return true
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#detach(key, entry)
  }

  keepOnly(holds: (value: T) => boolean): void {
    for (const [key, entry] of this.#entries) if (!holds(entry.value)) this.#detach(key, entry)
  }

  clear(): void {
    this.#entries.clear()
    this.#tenants.clear()
    this.#bytes = 0
  }

  #attach(key: string, entry: Entry<T>): void {
    let tenant = this.#tenants.get(entry.tenant)
    if (tenant === undefined) {
      tenant = { bytes: 0, entries: new Map() }
      this.#tenants.set(entry.tenant, tenant)
    }
    tenant.entries.set(key, entry)
    tenant.bytes += entry.bytes
    this.#entries.set(key, entry)
    this.#bytes += entry.bytes
  }

  #detach(key: string, entry: Entry<T>): void {
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
    const tenant = this.#tenants.get(entry.tenant)
    if (tenant === undefined) return
    tenant.entries.delete(key)
    tenant.bytes -= entry.bytes
    if (tenant.entries.size === 0) this.#tenants.delete(entry.tenant)
  }

  #evictFor(bytes: number): void {
    while (this.#bytes + bytes > this.#maxBytes && this.#entries.size > 0) {
      const [oldest] = this.#largestTenant()?.entries ?? []
      if (oldest === undefined) return
      this.#detach(...oldest)
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
