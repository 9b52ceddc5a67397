/**
 * Whether something was here before: what comes once is not worth a place in a cache. Numbers in tables of a fixed size, so
 * that nothing of a request is kept; tenants are spread over the tables, so that one of them that sends ever new things
 * makes only its own table forget. A wrong "yes" (two things of one number) costs a place in a cache and nothing else.
 */

export interface SeenLimits {
  /** A power of two. */
  readonly tables: number
  /** Numbers in each table; a power of two. */
  readonly slots: number
}

/** A number has this many places to stand in; the one that came first goes first. */
const PLACES = 8

export class SeenBefore {
  readonly #limits: SeenLimits
  readonly #tables: (Int32Array | undefined)[]

  /** Takes 4 bytes a slot, table by table as tenants come. */
  constructor(limits: SeenLimits) {
    this.#limits = limits
    this.#tables = new Array<Int32Array | undefined>(limits.tables).fill(undefined)
  }

  /** Whether the number was noted before; it is from now on. */
  note(tenant: string, number: number): boolean {
    const { tables, slots } = this.#limits
    const index = fingerprint(tenant) & (tables - 1)
    let table = this.#tables[index]
    if (table === undefined) {
      table = new Int32Array(slots)
      this.#tables[index] = table
    }
    // 0 is an empty place.
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
 * Thirty bits, which V8 keeps without an object of their own. Equal for equal texts; of different texts it proves nothing.
 * @param from the fingerprint of what comes before the text
 */
export function fingerprint(text: string, from = OFFSET): number {
  let mixed = from
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), PRIME)
  // The low bits choose the place: they take the high ones in.
  return (mixed ^ (mixed >>> 15)) & 0x3fffffff
}
