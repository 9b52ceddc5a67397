/**
 * Remembers fingerprints, because values that occur only once are not worth caching. Fingerprints are kept in tables of a fixed
 * size, so nothing of a request is stored. Tenants are spread over the tables, so one that keeps sending new things
 * displaces fingerprints in its own table only. A false positive (two things with the same fingerprint) costs one cache
 * entry and nothing else.
 */

export interface SeenLimits {
  /** A power of two. */
  readonly tables: number
  /** Fingerprints in each table; a power of two. */
  readonly slots: number
}

/** A fingerprint may be in any of this many slots; the oldest of them is replaced. */
const PLACES = 8

export class SeenBefore {
  readonly #limits: SeenLimits
  readonly #tables: (Int32Array | undefined)[]

  /** Takes 4 bytes a slot; tables are allocated when a tenant first uses them. */
  constructor(limits: SeenLimits) {
    this.#limits = limits
    this.#tables = new Array<Int32Array | undefined>(limits.tables).fill(undefined)
  }

  /** Whether the fingerprint was noted before. It is from now on. */
  note(tenant: string, number: number): boolean {
    const { tables, slots } = this.#limits
    const index = fingerprint(tenant) & (tables - 1)
    let table = this.#tables[index]
    if (table === undefined) {
      table = new Int32Array(slots)
      this.#tables[index] = table
    }
    // 0 means an empty slot.
    const noted = number === 0 ? 1 : number
    const first = (noted & (slots / PLACES - 1)) * PLACES
    for (let i = first; i < first + PLACES; i++) if (table[i] === noted) return true
    table.copyWithin(first + 1, first, first + PLACES - 1)
    table[first] = noted
    return false
  }
}

/** FNV-1a */
const OFFSET = 0x811c9dc5
const PRIME = 0x01000193

/**
 * Thirty bits, which V8 stores without allocating. Equal for equal texts; different texts may have the same one.
 * @param from the fingerprint of the text that comes before
 */
export function fingerprint(text: string, from = OFFSET): number {
  let mixed = from
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), PRIME)
  // The low bits choose the slot, so the high ones are mixed into them.
  return (mixed ^ (mixed >>> 15)) & 0x3fffffff
}
