/** The listeners that are called when a cluster changes. */
import type { ClusterChange, ClusterListener } from './cluster.ts'

export class ChangeListeners {
  readonly #listeners = new Set<ClusterListener>()

  /** @returns a function that removes the listener */
  add(listener: ClusterListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  notify(change: ClusterChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}
