/**
 * Owns: which workloads came lately, by their marks (src/admission/workload-mark.ts): two generations, of which the older
 * is forgotten when the younger is full; and how often a workload was tried. Two workloads of one mark are taken for the
 * same, which costs a trial and harms nothing.
 */

/** Pods of one mark that differ in more than their slots would otherwise cost a trial each. */
const MAX_TRIES = 4

export class WorkloadsSeen {
  readonly #size: number
  #young = new Set<number>()
  #old = new Set<number>()
  readonly #tries = new Map<number, number>()

  /** @param size marks in each generation */
  constructor(size: number) {
    this.#size = size
  }

  /** Whether a pod of this workload was here, which one was from now on. */
  meet(mark: number): boolean {
    if (this.#young.has(mark)) return true
    if (this.#young.size >= this.#size) {
      this.#old = this.#young
      this.#young = new Set()
      this.#tries.clear()
    }
    this.#young.add(mark)
    return this.#old.has(mark)
  }

  /** Whether to try one more; counts it. */
  mayTry(mark: number): boolean {
    const tries = this.#tries.get(mark) ?? 0
    if (tries >= MAX_TRIES) return false
    if (this.#tries.size >= this.#size) this.#tries.clear()
    this.#tries.set(mark, tries + 1)
    return true
  }

  /** Remembering serves it, whatever was tried in vain. */
  served(mark: number): void {
    if (this.#tries.size > 0) this.#tries.delete(mark)
  }

  /** What was remembered of some of them is gone: they may be tried anew. */
  forgetTries(): void {
    this.#tries.clear()
  }
}
