/**
 * Which items of a merged list stood in one of the lists that were merged. A merge keeps the order of each list but
 * for items that it moves, so looking a few places ahead finds nearly all; one that is not found is only read again.
 */
import type { JsonValue } from '../json/index.ts'

/** Items that a merge replaced by merged ones, and so are never asked for, in a row. */
const AHEAD = 8

export class KnownItems {
  readonly #lists: readonly (readonly JsonValue[])[]
  readonly #next: number[]

  /** @param typed what is no list in it takes no part */
  constructor(typed: readonly JsonValue[]) {
    this.#lists = typed.filter(Array.isArray)
    this.#next = this.#lists.map(() => 0)
  }

  /** Asked in the order of the merged list. Primitives are never known: they cost less to read. */
  has(item: JsonValue): boolean {
    if (typeof item !== 'object') return false
    for (let i = 0; i < this.#lists.length; i++) {
      const list = this.#lists[i] as readonly JsonValue[] // i is within both
      const next = this.#next[i] as number
      for (let at = next; at < next + AHEAD; at++) {
        if (list[at] !== item) continue
        this.#next[i] = at + 1
        return true
      }
    }
    return false
  }
}
