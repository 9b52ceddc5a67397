/**
 * The merged pod while the post-passes change it. It shares subtrees with the request's object, which must not change:
 * whatever is changed is copied first, along its path and only once, so that the diff can skip everything that is still
 * the same object.
 */
import {
  copyObject,
  isObject,
  type JsonObject,
  type JsonValue,
  type MutableJson,
  type MutableJsonObject,
  own,
  setOwn,
} from '../../json/index.ts'

export type ContainerList = 'containers' | 'initContainers'

/** The position of a container. */
export interface ContainerPlace {
  readonly list: ContainerList
  readonly index: number
}

export class PodDraft {
  readonly #root: MutableJsonObject
  /** Copies that belong to this draft only. */
  readonly #owned = new Set<object>()

  /** @param root belongs to the caller and is changed in place; its subtrees may be shared */
  constructor(root: MutableJsonObject) {
    this.#root = root
    this.#owned.add(root)
  }

  /** The current pod. */
  get pod(): JsonObject {
    return this.#root
  }

  get spec(): JsonObject | undefined {
    const spec = own(this.pod, 'spec')
    return isObject(spec) ? spec : undefined
  }

  annotation(name: string): string | undefined {
    return textOf(own(this.#metadataMap('annotations'), name))
  }

  /** All annotations in the object's order. */
  annotations(): readonly (readonly [string, string])[] {
    return Object.entries(this.#metadataMap('annotations') ?? {}).map(([k, v]) => [k, textOf(v) ?? ''])
  }

  setAnnotation(name: string, value: string): void {
    setOwn(this.editObject(this.editObject(this.#root, 'metadata'), 'annotations'), name, value)
  }

  removeAnnotation(name: string): void {
    delete this.editObject(this.editObject(this.#root, 'metadata'), 'annotations')[name]
  }

  setLabel(name: string, value: string): void {
    setOwn(this.editObject(this.editObject(this.#root, 'metadata'), 'labels'), name, value)
  }

  /** The containers of a list; all passes ignore items that are not objects. */
  containers(list: ContainerList): readonly JsonValue[] {
    const found = own(this.spec, list)
    return Array.isArray(found) ? found : []
  }

  /** The first container of that name, `containers` first. */
  findContainer(name: string): ContainerPlace | undefined {
    for (const list of ['containers', 'initContainers'] as const) {
      const index = this.containers(list).findIndex((c) => containerName(c) === name)
      if (index >= 0) return { list, index }
    }
    return undefined
  }

  container(place: ContainerPlace): JsonObject {
    const found = this.containers(place.list)[place.index]
    return isObject(found) ? found : {}
  }

  editContainer(place: ContainerPlace): MutableJsonObject {
    const list = this.editList(this.editObject(this.#root, 'spec'), place.list)
    const copy = this.#own(list[place.index])
    list[place.index] = copy
    return copy
  }

  setContainers(list: ContainerList, containers: readonly JsonValue[]): void {
    // Containers stay shared: editContainer copies them before it changes anything.
    const copy = [...containers] as MutableJson[]
    this.#owned.add(copy)
    setOwn(this.editObject(this.#root, 'spec'), list, copy)
  }

  /** The object under that key, created if needed, in a form that may be changed. `parent` must be such an object. */
  editObject(parent: MutableJsonObject, key: string): MutableJsonObject {
    const copy = this.#own(own(parent, key))
    setOwn(parent, key, copy)
    return copy
  }

  /** The same for a list. */
  editList(parent: MutableJsonObject, key: string): MutableJson[] {
    const found = own(parent, key)
    if (Array.isArray(found) && this.#owned.has(found)) return found
    const copy: MutableJson[] = Array.isArray(found) ? [...found] : []
    this.#owned.add(copy)
    setOwn(parent, key, copy)
    return copy
  }

  #own(value: MutableJson | undefined): MutableJsonObject {
    if (isObject(value) && this.#owned.has(value)) return value
    // A spread copies own keys only, including `__proto__` as an ordinary one.
    const copy = isObject(value) ? copyObject(value) : {}
    this.#owned.add(copy)
    return copy
  }

  #metadataMap(key: 'annotations' | 'labels'): JsonObject | undefined {
    const metadata = own(this.pod, 'metadata')
    const map = isObject(metadata) ? own(metadata, key) : undefined
    return isObject(map) ? map : undefined
  }
}

export function containerName(container: JsonValue | undefined): string | undefined {
  return isObject(container) ? textOf(own(container, 'name')) : undefined
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
