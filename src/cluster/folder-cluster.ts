/**
 * A cluster from a folder of manifests: polls the folder, reads changed files, and rebuilds the snapshot. This file
 * decides when to poll and what to keep if a file is invalid. folder-files.ts finds files, manifest.ts parses them,
 * and SnapshotBuilder interprets the objects.
 */
import { RemoraError } from '../errors.ts'
import type { Problem, Snapshot } from '../inject/index.ts'
import {
  type ClusterObject,
  emptySnapshot,
  SnapshotBuilder,
  type SnapshotOptions,
} from '../revisions/index.ts'
import { describeSystemError } from '../system-error.ts'
import { ChangeListeners } from './change-listeners.ts'
import { changedParts, few } from './changed-parts.ts'
import {
  type Cluster,
  type ClusterListener,
  type ClusterStatus,
  compareProblems,
  type Reload,
} from './cluster.ts'
import { compileInTurns } from './compile-in-turns.ts'
import { type FoundFile, findManifestFiles, readManifestFile, readTexts } from './folder-files.ts'
import { FolderObjects } from './folder-objects.ts'
import { type FolderSignals, processSignals } from './folder-signals.ts'
import { parseManifest } from './manifest.ts'
import { emptyFolder, missingRevisions } from './missing.ts'
import type { ObjectReader } from './object-reader.ts'

export interface FolderClusterOptions {
  readonly folder: string
  readonly snapshot: SnapshotOptions
  /** The poll interval if the file system does not report changes. Default 1000. */
  readonly pollMs?: number
  /** How long a changed file must stay unchanged before it is read. Default 50. */
  readonly settleMs?: number
  /** Default: the process's timers and the file system's events. */
  readonly signals?: FolderSignals
  /** The folder is read once and not watched: for a short-lived command. */
  readonly readOnce?: boolean
}

/** The state of one file. */
interface FileState {
  /** The stamp of the content that `objects` or `problem` came from. */
  readonly stamp: string
  /** The objects of the last good content; empty if there never was one. */
  readonly objects: readonly ClusterObject[]
  readonly problem: Problem | undefined
}

export class FolderCluster implements Cluster {
  readonly #folder: string
  readonly #pollMs: number
  readonly #settleMs: number
  readonly #signals: FolderSignals
  readonly #readOnce: boolean
  readonly #listeners = new ChangeListeners()
  #files: ReadonlyMap<string, FileState> = new Map()
  /** Stamps from the last poll (undefined: deleted) of files that differ from what was read. */
  #unsettled: ReadonlyMap<string, string | undefined> = new Map()
  readonly #builder: SnapshotBuilder
  /** The files are newer than the snapshot. */
  #dirty = true
  #folderProblem: Problem | undefined
  #staleSince: number | undefined
  #problems: readonly Problem[] = []
  #cancelLook: (() => void) | undefined
  #pollDue = Number.POSITIVE_INFINITY
  #endWatch: (() => void) | undefined
  #polling: Promise<void> | undefined
  /** Something changed during a poll, which may have missed it. */
  #changedMeanwhile = false
  #stopSignal: AbortSignal | undefined
  #closed = false

  constructor(options: FolderClusterOptions) {
    this.#folder = options.folder
    this.#builder = new SnapshotBuilder(options.snapshot)
    this.#pollMs = options.pollMs ?? 1000
    this.#settleMs = options.settleMs ?? 50
    this.#signals = options.signals ?? processSignals
    this.#readOnce = options.readOnce ?? false
  }

  get synced(): boolean {
    return this.#builder.built !== undefined
  }

  snapshot(): Snapshot {
    return this.#builder.built?.snapshot ?? emptySnapshot
  }

  /** A folder is never stale: a missing object does not exist. */
  ensureNamespace(): Snapshot {
    return this.snapshot()
  }

  status(): ClusterStatus {
    return {
      synced: this.synced,
      source: `folder ${this.#folder}`,
      staleForMs: this.#staleSince === undefined ? 0 : this.#signals.nowMs() - this.#staleSince,
      problems: this.#problems,
    }
  }

  onChange(listener: ClusterListener): () => void {
    return this.#listeners.add(listener)
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await this.#read(await findManifestFiles(this.#folder), false)
    if (this.#readOnce) return
    this.#stopSignal = signal
    signal.addEventListener('abort', this.#stop, { once: true })
    if (signal.aborted) return this.close()
    // File events may be lost or unavailable, so they only trigger an earlier poll.
    this.#endWatch = this.#signals.watch(this.#folder, () => this.#schedulePoll(this.#settleMs))
    this.#schedulePoll(this.#pollMs)
  }

  async close(): Promise<void> {
    this.#stop()
    await this.#polling
  }

  /** The objects that the snapshot was built from; to be closed. */
  openObjects(): ObjectReader {
    const objects = [...this.#files.values()].flatMap((file) => file.objects)
    return new FolderObjects(objects, () => readTexts(this.#folder))
  }

  readonly #stop = (): void => {
    this.#closed = true
    this.#cancelLook?.()
    this.#endWatch?.()
    this.#stopSignal?.removeEventListener('abort', this.#stop)
  }

  #schedulePoll(delayMs: number): void {
    const due = this.#signals.nowMs() + delayMs
    if (this.#closed || due >= this.#pollDue) return
    this.#cancelLook?.()
    this.#pollDue = due
    this.#cancelLook = this.#signals.after(delayMs, () => {
      this.#pollDue = Number.POSITIVE_INFINITY
      this.#changedMeanwhile = this.#polling !== undefined
      this.#polling ??= this.#poll().finally(() => {
        this.#polling = undefined
      })
    })
  }

  async #poll(): Promise<void> {
    const began = this.#signals.nowMs()
    let polledMs = 0
    try {
      const found = await findManifestFiles(this.#folder).finally(() => {
        polledMs = this.#signals.nowMs() - began
      })
      await this.#read(found, true)
    } catch (error) {
      this.#staleSince ??= began
      this.#folderProblem = toProblem(error)
      this.#notify()
    }
    // Reading a folder of thousands of files takes a while; polling takes at most a tenth of the time.
    const soon = this.#unsettled.size > 0 || this.#changedMeanwhile
    this.#schedulePoll(soon ? this.#settleMs : Math.max(this.#pollMs, 10 * polledMs))
  }

  /**
   * Reads changes. With `settle`, a change counts only if two polls in a row saw the same, so a file that is being
   * written, or replaced by deleting and creating it, keeps its old content.
   */
  async #read(found: readonly FoundFile[], settle: boolean): Promise<void> {
    const next = new Map<string, FileState>()
    const unsettled = new Map<string, string | undefined>()
    const files: string[] = []
    const settled = (path: string, stamp: string | undefined): boolean => {
      if (!settle || (this.#unsettled.has(path) && this.#unsettled.get(path) === stamp)) return true
      unsettled.set(path, stamp)
      return false
    }
    for (const file of found) {
      const known = this.#files.get(file.path)
      if (known?.stamp === file.stamp) {
        next.set(file.path, known)
      } else if (settled(file.path, file.stamp)) {
        next.set(file.path, await this.#readFile(file, known))
        files.push(file.path)
      } else if (known !== undefined) {
        next.set(file.path, known)
      }
    }
    const present = new Set(found.map((file) => file.path))
    for (const [path, known] of this.#files) {
      if (present.has(path)) continue
      if (settled(path, undefined)) files.push(path)
      else next.set(path, known)
    }
    const changed = this.#dirty || files.length > 0
    this.#files = next
    this.#unsettled = unsettled
    this.#dirty = changed
    let reload: Reload | undefined
    if (changed) {
      const objects = [...next.values()].flatMap((file) => file.objects)
      const before = this.#builder.built?.snapshot
      await this.#build(objects)
      if (before !== undefined) reload = { files: few(files), ...changedParts(before, this.snapshot()) }
      this.#dirty = false
    }
    const wasStale = this.#folderProblem !== undefined
    this.#folderProblem = undefined
    this.#staleSince = undefined
    if (changed || wasStale) this.#notify(reload)
  }

  /** The last snapshot serves meanwhile, so that reviews wait for at most one step. */
  async #build(objects: readonly ClusterObject[]): Promise<void> {
    const when = this.synced ? 'later' : 'now'
    this.#builder.setAll(objects)
    let built = this.#builder.build(when)
    while (built.pending.size > 0 && !this.#closed) {
      await compileInTurns(built.pending.values(), () => this.#closed)
      built = this.#builder.build(when)
    }
  }

  async #readFile(file: FoundFile, known: FileState | undefined): Promise<FileState> {
    try {
      const objects = parseManifest(file.path, await readManifestFile(this.#folder, file))
      return { stamp: file.stamp, objects, problem: undefined }
    } catch (error) {
      const problem = toProblem(error)
      const kept = known !== undefined && known.objects.length > 0
      const sequel = kept ? '; its last good content stays in use' : '; nothing of it is in use'
      return {
        stamp: file.stamp,
        objects: known?.objects ?? [],
        problem: { code: problem.code, message: problem.message + sequel, where: file.path },
      }
    }
  }

  #notify(reload?: Reload): void {
    const before = this.#problems
    const broken = [...this.#files.values()].flatMap((file) => file.problem ?? [])
    const snapshot = this.snapshot()
    this.#problems = [
      ...(this.#folderProblem ? [this.#folderProblem] : []),
      ...broken,
      ...this.#missing(broken.length > 0),
      ...snapshot.problems,
    ]
    const change = {
      snapshot,
      ...compareProblems(before, this.#problems),
      ...(reload === undefined ? {} : { reload }),
    }
    this.#listeners.notify(change)
  }

  /** Reports what is missing, unless a file is invalid and might contain it. */
  #missing(broken: boolean): readonly Problem[] {
    if (!this.synced) return []
    const empty = !broken && [...this.#files.values()].every(({ objects }) => objects.length === 0)
    return empty ? [emptyFolder(this.#folder)] : missingRevisions(this.snapshot())
  }
}

/** Also reports bugs, which must not end a server that has a good snapshot. */
function toProblem(error: unknown): Problem {
  if (error instanceof RemoraError) return { code: error.code, message: error.message }
  return {
    code: 'cluster-update-failed',
    message: `the cluster could not be updated: ${describeSystemError(error)}`,
  }
}
