/**
 * Resolves the name of a variable to its slot when the template is compiled.
 *
 * Go looks names up on a stack during execution. Where that stack does not depend on data, the slot is known here: an
 * `else` does not see what the branch before it declared, `$x := $x` reads the outer `$x`, and a name that is not on
 * the stack is an error of execution, not of parsing. Only declarations in later arguments of `and` and `or` may or may
 * not be executed; to read those, the slots are tried one after another.
 */
import type { GoValue } from '../types.ts'

/** The value of a variable whose declaration has not been reached. No template can produce it. */
export const UNSET: GoValue = Object.freeze([])

export class Scope {
  #count = 1
  #entries: Entry[] = [{ name: '$', slot: 0, conditional: false }]
  #conditional: number[] | undefined

  /** How many slots a frame needs. */
  get size(): number {
    return this.#count
  }

  copy(): Scope {
    const copy = new Scope()
    copy.#count = this.#count
    copy.#entries = [...this.#entries]
    return copy
  }

  depth(): number {
    return this.#entries.length
  }

  popTo(depth: number): void {
    this.#entries.length = depth
  }

  declare(name: string): number {
    const slot = this.#count++
    this.#entries.push({ name, slot, conditional: this.#conditional !== undefined })
    this.#conditional?.push(slot)
    return slot
  }

  /**
   * The slots that the name may resolve to, in order of preference; only the last one is sure to be set. None:
   * undefined variable.
   */
  resolve(name: string): { readonly slots: readonly number[]; readonly sure: boolean } {
    const slots: number[] = []
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i]
      if (entry === undefined || entry.name !== name) continue
      slots.push(entry.slot)
      if (!entry.conditional) return { slots, sure: true }
    }
    return { slots, sure: false }
  }

  /** Compiles something that may not be executed; returns the slots declared there. */
  conditionally<T>(compile: () => T): { readonly result: T; readonly slots: readonly number[] } {
    const outer = this.#conditional
    const slots: number[] = []
    this.#conditional = slots
    const result = compile()
    this.#conditional = outer
    outer?.push(...slots)
    return { result, slots }
  }
}

interface Entry {
  readonly name: string
  readonly slot: number
  readonly conditional: boolean
}
