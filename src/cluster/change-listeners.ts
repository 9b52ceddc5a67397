/** Who wants to know of a cluster's changes. */
import type { ClusterChange, ClusterListener } from './cluster.ts'

export class ChangeListeners {
  readonly #listeners = new Set<ClusterListener>()

  /** @returns what removes it */
  add(listener: ClusterListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  notify(change: ClusterChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}
