/**
 * A revision that is being compiled while its last configuration serves: its input and its progress. The work itself is
 * in build-snapshot-revisions.ts; the package cluster decides when it is done.
 */

import type { Problem, Revision } from '../inject/index.ts'
import type { DiscoveredRevision } from '../istio/index.ts'
import { finish, type Steps } from '../steps.ts'

/** The state of a revision between two snapshots. */
export interface RevisionState {
  /** The input that `revision` was made from. */
  readonly sources: RevisionSources
  readonly revision: Revision
  readonly problems: readonly Problem[]
  /**
   * The newest configuration did not fit beside the others, which took this much; it is tried again once they take
   * less.
   */
  readonly refusedBesideBytes?: number
}

/**
 * Everything of a revision that its configuration is made from except the options, which never change. Long texts are
 * separate items: the texts of an unchanged object are identical, which makes the comparison fast.
 */
export type RevisionSources = readonly (string | undefined)[]

export function sourcesOf({ namespace, injector, mesh, deploymentEnv }: DiscoveredRevision): RevisionSources {
  const short = [
    injector.name,
    injector.uid,
    [...injector.labels],
    mesh?.name,
    [...(mesh?.labels ?? [])],
    [...deploymentEnv],
  ]
  return [
    namespace,
    JSON.stringify(short),
    injector.data.get('config'),
    injector.data.get('values'),
    mesh?.data.get('mesh'),
  ]
}

export function sameSources(one: RevisionSources, other: RevisionSources): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index])
}

export class RevisionJob {
  readonly sources: RevisionSources
  readonly #steps: Steps<RevisionState>
  #state: RevisionState | undefined

  constructor(sources: RevisionSources, steps: Steps<RevisionState>) {
    this.sources = sources
    this.#steps = steps
  }

  /** Undefined until it is done. */
  get state(): RevisionState | undefined {
    return this.#state
  }

  /** One step, of a few milliseconds at most. */
  advance(): void {
    if (this.#state !== undefined) return
    const step = this.#steps.next()
    if (step.done === true) this.#state = step.value
  }

  /** Runs all remaining steps. */
  finish(): RevisionState {
    this.#state ??= finish(this.#steps)
    return this.#state
  }
}
