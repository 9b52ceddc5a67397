/**
 * The plain maps that one execution has found to have keys. Finding even one key of a large map takes time that grows
 * with its size, and a loop may ask each time.
 */
export class FilledMaps {
  readonly #maps = new Set<object>()

  has(map: object): boolean {
    if (this.#maps.has(map)) return true
    for (const key in map) {
      if (!Object.hasOwn(map, key)) continue
      this.#maps.add(map)
      return true
    }
    return false
  }

  /** Must be called when a key is removed from a map. */
  forget(map: object): void {
    this.#maps.delete(map)
  }
}
