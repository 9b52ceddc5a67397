/**
 * Recognises items of a merged list that come from one of the lists merged. A merge keeps the order of each list except
 * for items that it moves, so looking a few positions ahead finds nearly all; an item that is not found is decoded
 * again.
 */
import type { JsonValue } from '../json/index.ts'

/** The most items in a row that a merge has replaced by merged ones. They are never looked up. */
const AHEAD = 8

export class KnownItems {
  readonly #lists: readonly (readonly JsonValue[])[]
  readonly #next: number[]

  /** @param typed values that are not lists are ignored */
  constructor(typed: readonly JsonValue[]) {
    this.#lists = typed.filter(Array.isArray)
    this.#next = this.#lists.map(() => 0)
  }

  /** Call it in the order of the merged list. Primitives are never recognised: decoding them is cheaper. */
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
