/**
 * The interface of a cluster: the newest snapshot, whether it may serve, and the problems of its source. Implemented
 * by the folder-backed cluster and the live one.
 */
import type { Problem, Snapshot } from '../inject/index.ts'
import type { ChangedParts } from './changed-parts.ts'

export interface Cluster {
  /**
   * Reads everything once, then watches until `close` or until the signal is aborted. Resolves when `synced` is true.
   * Rejects with a RemoraError if waiting would not help (a folder that does not exist).
   */
  start(signal: AbortSignal): Promise<void>
  /** Stops watching, and waits for a read in progress. The last snapshot stays readable. Idempotent. */
  close(): Promise<void>
  /** The newest snapshot; empty before the first sync. Replaced as a whole, never modified. */
  snapshot(): Snapshot
  /**
   * Returns the snapshot for a review that depends on the labels of this namespace. If the namespace is not in the
   * newest one yet, a live cluster reads it once, within a short time limit; undefined: it could not be read. A
   * folder returns its snapshot at once.
   */
  ensureNamespace(name: string): Snapshot | Promise<Snapshot | undefined>
  /** True once everything was read at least once; never becomes false again (`status` has the staleness). */
  readonly synced: boolean
  status(): ClusterStatus
  /**
   * Calls the listener after every change of the snapshot or of the source's problems; returns a function that stops
   * it.
   */
  onChange(listener: ClusterListener): () => void
}

export interface ClusterStatus {
  readonly synced: boolean
  /** A description of the source: `folder examples/canary-upgrade/cluster`. */
  readonly source: string
  /**
   * Milliseconds since the source was last read completely; 0 while everything is up to date or nothing was read yet.
   */
  readonly staleForMs: number
  /** The watched kinds of objects, if the source is a live cluster. */
  readonly resources?: readonly ResourceStatus[]
  /** The source's own problems (a folder or a file that cannot be read), then the snapshot's. */
  readonly problems: readonly Problem[]
}

/** The state of one watched kind. */
export interface ResourceStatus {
  /** The plural in Kubernetes' paths: `namespaces`. */
  readonly resource: string
  /**
   * `reading`: never read completely yet. `interrupted`: the last good state serves while reads are retried.
   * `absent`: the cluster does not define the kind (for now).
   */
  readonly state: 'reading' | 'watching' | 'interrupted' | 'absent'
  readonly synced: boolean
  readonly objects: number
  /** Milliseconds since the last sign of life of this kind's watch; 0 while a watch is open and not overdue. */
  readonly staleForMs: number
  /** Failed watches and lists since the start. */
  readonly restarts: number
}

export interface ClusterChange {
  readonly snapshot: Snapshot
  /** Problems that are new, and those that are resolved, each once, for the log. */
  readonly appeared: readonly Problem[]
  readonly resolved: readonly Problem[]
  /** After a folder was read again: what changed, for the log. */
  readonly reload?: Reload
}

export interface Reload extends ChangedParts {
  /** New, changed and deleted files; long lists are shortened. */
  readonly files: readonly string[]
}

export type ClusterListener = (change: ClusterChange) => void

/** The difference between two lists of problems, compared by code and message. */
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
