/**
 * Whole objects for commands, read on demand, so that the server does not pay for them. Implemented by
 * folder-objects.ts and live/live-objects.ts.
 */
import type { JsonObject } from '../json/index.ts'
import type { ObjectKind } from '../kube/index.ts'

export interface ObjectReader {
  /** The object; undefined if it does not exist. @throws RemoraError if it could not be read */
  get(
    kind: ObjectKind,
    name: { readonly namespace: string; readonly name: string },
  ): Promise<JsonObject | undefined>
  /**
   * All objects of the kind, in one namespace or all, sorted by name. @throws RemoraError if they could not be read
   */
  list(kind: ObjectKind, namespace?: string): Promise<readonly JsonObject[]>
  /** Objects of kinds that have no row in OBJECT_KINDS; a live cluster is not searched for them. */
  others(namespace?: string): Promise<readonly JsonObject[]>
  /** The files as they are written; undefined: there are none. */
  texts(): Promise<readonly FileText[] | undefined>
  /** An empty list means that there are no such objects; else it says nothing, as in a folder with a part of a cluster. */
  readonly complete: boolean
  close(): void
}

export interface FileText {
  /** Relative to the folder. */
  readonly file: string
  readonly text: string
}

/** Reads each list once, for a command whose parts need the same kinds. */
export function rememberLists(objects: ObjectReader): ObjectReader {
  const lists = new Map<string, Promise<readonly JsonObject[]>>()
  return {
    get: (kind, name) => objects.get(kind, name),
    list(kind, namespace = '') {
      const known = lists.get(`${kind} ${namespace}`)
      if (known !== undefined) return known
      const listed = objects.list(kind, namespace === '' ? undefined : namespace)
      lists.set(`${kind} ${namespace}`, listed)
      return listed
    },
    others: (namespace) => objects.others(namespace),
    texts: () => objects.texts(),
    complete: objects.complete,
    close: () => objects.close(),
  }
}
