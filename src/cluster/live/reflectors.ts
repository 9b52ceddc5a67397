/** The reflectors of a live cluster, by kind: which kinds are followed now, and their end. */
import type { JsonObject } from '../../json/index.ts'
import type { Followed } from './followed.ts'
import type { Reflector } from './reflector.ts'
import { listsAll, type ResourceName } from './resources.ts'

interface Running {
  readonly name: ResourceName
  readonly reflector: Reflector
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/** @param onListed gets all objects of a complete list; undefined: it would not have all of the kind, whole */
type CreateReflector = (
  followed: Followed,
  onListed: ((objects: readonly JsonObject[]) => void) | undefined,
) => Reflector

export class Reflectors {
  readonly #followed: Readonly<Record<ResourceName, readonly Followed[]>>
  readonly #keepsLists: boolean
  readonly #create: CreateReflector
  readonly #listed = new Map<string, readonly JsonObject[]>()
  /** By path. */
  readonly #running = new Map<string, Running>()
  #stopped = false

  /** @param keepsLists whole objects are kept, for a command */
  constructor(
    followed: Readonly<Record<ResourceName, readonly Followed[]>>,
    keepsLists: boolean,
    create: CreateReflector,
  ) {
    this.#followed = followed
    this.#keepsLists = keepsLists
    this.#create = create
  }

  /** Whole objects of kinds that have been listed completely, by path; of a cluster that is read once. */
  get listed(): ReadonlyMap<string, readonly JsonObject[]> {
    return this.#listed
  }

  all(): readonly Pick<Running, 'name' | 'reflector'>[] {
    return [...this.#running.values()]
  }

  /** One per namespace where Remora has rights by namespace. */
  of(name: ResourceName): readonly Reflector[] {
    return this.all().flatMap((one) => (one.name === name ? one.reflector : []))
  }

  /** Does nothing for a kind that is followed already. */
  follow(name: ResourceName): void {
    if (this.#stopped) return
    for (const followed of this.#followed[name]) {
      const { path } = followed.resource
      if (this.#running.has(path)) continue
      const stop = new AbortController()
      const onListed = (objects: readonly JsonObject[]): void => void this.#listed.set(path, objects)
      const reflector = this.#create(
        followed,
        this.#keepsLists && listsAll(followed.resource) ? onListed : undefined,
      )
      this.#running.set(path, { name, reflector, stop, ended: reflector.run(stop.signal) })
    }
  }

  /** Its store is empty then. */
  unfollow(name: ResourceName): void {
    for (const { resource, store } of this.#followed[name]) {
      this.#running.get(resource.path)?.stop.abort()
      this.#running.delete(resource.path)
      store.replace(store.collector())
    }
  }

  stop(): void {
    this.#stopped = true
    for (const { stop } of this.#running.values()) stop.abort()
  }

  /** Once they are stopped. */
  async ended(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
  }
}
