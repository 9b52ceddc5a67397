/**
 * From the cluster's objects to a new snapshot, part by part: a part that does not build keeps its last good
 * value while the others go on changing. Pure: the state before comes in, the new one goes out.
 * Where objects come from is the room cluster's; what one revision's configuration means is revision-config.ts's.
 */
import type { JsonObject } from '../json/index.ts'
import type { Snapshot } from './snapshot.ts'

/** One object of the cluster. It must not change any more: what was read from it is remembered by its identity. */
export interface ClusterObject {
  readonly object: JsonObject
  /** Where it was found, for messages: a file. */
  readonly source?: string
}

/** What is said about the revisions from outside of the cluster; it wins over what the cluster shows. */
export interface SnapshotOptions {
  /** Control-plane environment, of one revision (`default` for the unsuffixed one) or, without a name, of all. */
  readonly istiodEnv: readonly {
    readonly revision: string | undefined
    readonly name: string
    readonly value: string
  }[]
  readonly istioVersions: readonly { readonly revision: string | undefined; readonly version: string }[]
}

/** A snapshot with what the next one is built from. */
export interface BuiltSnapshot {
  readonly snapshot: Snapshot
}

export const emptySnapshot: Snapshot = Object.freeze({
  revisions: new Map(),
  tags: new Map(),
  enableNamespacesByDefault: false,
  namespaces: new Map(),
  nodes: new Map(),
  proxyConfigs: new Map(),
  problems: Object.freeze([]),
})

/** Never throws for what the objects say: whatever does not build becomes one of the snapshot's problems. */
export function buildSnapshot(
  _objects: readonly ClusterObject[],
  _options: SnapshotOptions,
  _previous: BuiltSnapshot | undefined,
): BuiltSnapshot {
  return { snapshot: emptySnapshot }
}
