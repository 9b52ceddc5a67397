/**
 * What the rest of Remora knows of "the cluster": the newest snapshot, whether it may be served from, and what is
 * wrong with where it comes from. The folder-backed cluster and the live one both are this; nothing here
 * knows files or the Kubernetes API.
 */
import type { Problem, Snapshot } from '../inject/index.ts'
import type { ChangedParts } from './changed-parts.ts'

export interface Cluster {
  /**
   * Reads everything once, then goes on watching until `close` or until the signal is aborted. Resolves when
   * `synced` is true. Rejects with a RemoraError where waiting would not help (a folder that does not exist).
   */
  start(signal: AbortSignal): Promise<void>
  /** Stops watching; waits for a read under way. The last snapshot stays readable. Idempotent. */
  close(): Promise<void>
  /** The newest snapshot; an empty one before the first sync. Replaced as a whole, never changed. */
  snapshot(): Snapshot
  /**
   * Before a review that the labels of this namespace decide: the snapshot to decide it by. Where the namespace is not
   * in it yet, a live cluster reads it once, within a short time limit; undefined: it could not be read. A folder has
   * what it has, and says so at once.
   */
  ensureNamespace(name: string): Snapshot | Promise<Snapshot | undefined>
  /** True once everything was read at least once; never becomes false again (staleness is in `status`). */
  readonly synced: boolean
  status(): ClusterStatus
  /** Calls the listener after every change of the snapshot or of the source's problems; returns how to stop that. */
  onChange(listener: ClusterListener): () => void
}

export interface ClusterStatus {
  readonly synced: boolean
  /** What the snapshot comes from, for people: `folder examples/canary-upgrade/cluster`. */
  readonly source: string
  /** Milliseconds since the source could last be read whole; 0 while all is well or nothing was read yet. */
  readonly staleForMs: number
  /** Each kind of object that is followed, where the source is a live cluster. */
  readonly resources?: readonly ResourceStatus[]
  /** The source's own problems (a folder or a file that cannot be read) and then the snapshot's. */
  readonly problems: readonly Problem[]
}

/** How following one kind of object goes. */
export interface ResourceStatus {
  /** As Kubernetes writes it in paths: `namespaces`. */
  readonly resource: string
  /**
   * `reading`: never read whole yet. `interrupted`: the last good state serves while it is tried again. `absent`: the
   * cluster does not define the kind (for now).
   */
  readonly state: 'reading' | 'watching' | 'interrupted' | 'absent'
  readonly synced: boolean
  readonly objects: number
  /** Milliseconds since the API server was last heard of it; 0 while a watch is open and not silent for too long. */
  readonly staleForMs: number
  /** Watches and lists that failed since the start. */
  readonly restarts: number
}

export interface ClusterChange {
  readonly snapshot: Snapshot
  /** Problems that the state before did not have, and those that are gone: each once, for the log. */
  readonly appeared: readonly Problem[]
  readonly resolved: readonly Problem[]
  /** After a folder was read anew: what of it, for the log. */
  readonly reload?: Reload
}

export interface Reload extends ChangedParts {
  /** New, changed and deleted ones, the first of many. */
  readonly files: readonly string[]
}

export type ClusterListener = (change: ClusterChange) => void

/** What changed between two lists of problems, compared by code and message. */
export function compareProblems(
  before: readonly Problem[],
  after: readonly Problem[],
): { readonly appeared: readonly Problem[]; readonly resolved: readonly Problem[] } {
  const key = (problem: Problem) => `${problem.code}\n${problem.message}`
  const old = new Set(before.map(key))
  const now = new Set(after.map(key))
  return {
    appeared: after.filter((problem) => !old.has(key(problem))),
    resolved: before.filter((problem) => !now.has(key(problem))),
  }
}
