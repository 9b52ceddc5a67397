/** A list in the order of last use, with constant cost per operation. */

/** The links that put an entry into one list at a time. */
export interface Linked<T> {
  previous: T | undefined
  next: T | undefined
}

export class RecencyList<T extends Linked<T>> {
  #first: T | undefined
  #last: T | undefined

  /** The least recently used entry. */
  get first(): T | undefined {
    return this.#first
  }

  /** As the most recently used one. */
  add(entry: T): void {
    entry.previous = this.#last
    entry.next = undefined
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
  }

  remove(entry: T): void {
    const { previous, next } = entry
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    entry.previous = undefined
    entry.next = undefined
  }

  /** The current entry may be removed meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    let entry = this.#first
    while (entry !== undefined) {
      const { next } = entry
      yield entry
      entry = next
    }
  }
}
