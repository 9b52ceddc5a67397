/**
 * Builds successive snapshots. It is given the objects of one kind at a time by a source (a folder
 * or a live cluster), and builds again only what depends on kinds with other objects than before.
 */
import type { KeptConfiguration } from '../inject/index.ts'
import { type BuiltSnapshot, buildNext } from './build-snapshot.ts'
import {
  type ClusterKind,
  type ClusterObject,
  collectKind,
  type SortedObjects,
  sortObjects,
} from './build-snapshot-objects.ts'
import type { CompileWhen } from './build-snapshot-revisions.ts'
import type { EndpointsOf } from './build-snapshot-rollouts.ts'
import type { SnapshotOptions } from './snapshot-options.ts'

export class SnapshotBuilder {
  readonly #options: SnapshotOptions
  #sorted: SortedObjects = sortObjects([])
  #built: BuiltSnapshot | undefined
  readonly #endpoints: EndpointsOf | undefined

  /** @param endpoints for the targets of rollouts, where a live cluster watches them */
  constructor(options: SnapshotOptions, endpoints?: EndpointsOf) {
    this.#options = options
    this.#endpoints = endpoints
  }

  /** Undefined before the first build. */
  get built(): BuiltSnapshot | undefined {
    return this.#built
  }

  /** All objects of the kind, as they are now. An object with the same identity as before is the same object. */
  setKind(kind: ClusterKind, objects: Iterable<ClusterObject>): void {
    this.#sorted = { ...this.#sorted, [kind]: collectKind(kind, [...objects], this.#sorted[kind]) }
  }

  /** All objects of all kinds. */
  setAll(objects: Iterable<ClusterObject>): void {
    this.#sorted = sortObjects(objects, this.#sorted)
  }

  /**
   * The next snapshot, from the objects that are set.
   * @param compile `later`: what must be compiled is pending; once its jobs are done, build again
   * @param kept by revision: what serves if no configuration from the cluster builds
   */
  build(compile: CompileWhen, kept?: ReadonlyMap<string, KeptConfiguration>): BuiltSnapshot {
    const options = kept === undefined ? this.#options : { ...this.#options, kept }
    this.#built = buildNext(
      this.#sorted,
      { options, compile, ...(this.#endpoints && { endpoints: this.#endpoints }) },
      this.#built,
    )
    return this.#built
  }
}
