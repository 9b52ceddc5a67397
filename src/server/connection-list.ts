/** Keeps connections in the order in which they became idle, with constant cost per operation. */

/** The links that put a connection into one list at a time. */
export interface Linked<T> {
  previous: T | undefined
  next: T | undefined
}

export class IdleOrder<T extends Linked<T>> {
  #first: T | undefined
  #last: T | undefined

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

  /** Iterates from the longest idle connection. The current one may be removed meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    let entry = this.#first
    while (entry !== undefined) {
      const { next } = entry
      yield entry
      entry = next
    }
  }
}
