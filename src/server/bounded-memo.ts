/**
 * Owns: how many remembered values are kept: within a number of bytes and of entries, what was not used again going
 * first. Not here: what the values are, and which are worth keeping (workloads-seen.ts).
 */

export interface MemoLimits {
  readonly maxBytes: number
  readonly maxEntries: number
}

export interface MemoCounts {
  readonly hits: number
  readonly misses: number
  /** To make room; what a new configuration ended is not among them. */
  readonly evictions: number
  readonly entries: number
  readonly bytes: number
}

interface Slot<T> {
  value: T
  readonly bytes: number
  /** Since the hand last passed it. */
  used: boolean
}

export class BoundedMemo<T> {
  readonly #limits: MemoLimits
  /** In the order in which the clock's hand meets them. */
  readonly #slots = new Map<string, Slot<T>>()
  #bytes = 0
  #hits = 0
  #misses = 0
  #evictions = 0

  constructor(limits: MemoLimits) {
    this.#limits = limits
  }

  get counts(): MemoCounts {
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      entries: this.#slots.size,
      bytes: this.#bytes,
    }
  }

  /** Not counted: whether it helps, the caller says. */
  get(key: string): T | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    slot.used = true
    return slot.value
  }

  countHit(): void {
    this.#hits++
  }

  countMiss(): void {
    this.#misses++
  }

  /** @param bytes what key and value take, about; more than an eighth of what there is would push out too much */
  put(key: string, value: T, bytes: number): void {
    const { maxBytes, maxEntries } = this.#limits
    this.#remove(key)
    if (bytes > maxBytes / 8 || maxEntries < 1) return
    while (this.#bytes + bytes > maxBytes || this.#slots.size >= maxEntries) this.#evictOne()
    this.#slots.set(key, { value, bytes, used: false })
    this.#bytes += bytes
  }

  keepOnly(holds: (value: T) => boolean): void {
    for (const [key, { value }] of this.#slots) if (!holds(value)) this.#remove(key)
  }

  clear(): void {
    this.#slots.clear()
    this.#bytes = 0
  }

  /** Second chance: what was used goes to the end of the line once. */
  #evictOne(): void {
    for (const [key, slot] of this.#slots) {
      if (!slot.used) {
        this.#remove(key)
        this.#evictions++
        return
      }
      slot.used = false
      this.#slots.delete(key)
      this.#slots.set(key, slot)
    }
  }

  #remove(key: string): void {
    const slot = this.#slots.get(key)
    if (slot === undefined) return
    this.#slots.delete(key)
    this.#bytes -= slot.bytes
  }
}
