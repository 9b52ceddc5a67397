/** Compiles a kept configuration in place of one that does not build, with its messages. */
import { RemoraError } from '../../errors.ts'
import type { KeptConfiguration, Problem, Revision, RevisionConfig } from '../../inject/index.ts'
import type { Steps } from '../../steps.ts'
import { describeSystemError } from '../../system-error.ts'
import { compileRevisionInSteps } from '../compile-revision.ts'
import type { SnapshotLimits } from '../snapshot-limits.ts'
import { isKeptFor } from './kept-configuration.ts'

type Found = Pick<Revision, 'name' | 'namespace' | 'configMapUid'>

/** The kept configuration of a revision that has none yet; undefined if there is none, or it was refused before. */
export function keptFor(
  revision: Found & Pick<Revision, 'config' | 'keptRefused'>,
  kept: ReadonlyMap<string, KeptConfiguration> | undefined,
): KeptConfiguration | undefined {
  const found = kept?.get(revision.name)
  if (revision.config !== undefined || found === undefined || found === revision.keptRefused) return undefined
  const { name, namespace, configMapUid } = revision
  return isKeptFor(found.inputs, { name, namespace, configMapUid }) ? found : undefined
}

/** What serves a revision whose ConfigMap does not build. */
export interface StandIn {
  readonly config: RevisionConfig | undefined
  /** Further fields of the revision. */
  readonly fields: Pick<Revision, 'kept' | 'keptRefused' | 'versionReason'>
  /** For the message about what does not build. */
  readonly sequel: string
  /** About the kept configuration, in addition to the problem with the reason why the ConfigMap does not build. */
  problems(cause: string): readonly Problem[]
}

export interface StandInSources {
  /** The revision until now, from the same control plane. */
  readonly before: Revision | undefined
  readonly kept: ReadonlyMap<string, KeptConfiguration> | undefined
  readonly known: readonly RevisionConfig[]
  readonly limits: SnapshotLimits
}

/**
 * What this process built last; else what it served from a Secret; else a kept configuration, if it may be used now.
 */
export function* findStandIn(found: Found, { before, kept, known, limits }: StandInSources): Steps<StandIn> {
  const { name } = found
  if (before?.config !== undefined) {
    const { config, kept: stored } = before
    if (stored !== undefined) return serving(name, config, stored)
    return { config, fields: {}, sequel: 'its last good configuration stays in use', problems: () => [] }
  }
  const stored = keptFor({ ...found, config: undefined, keptRefused: before?.keptRefused }, kept)
  if (stored === undefined)
    return { config: undefined, fields: {}, sequel: 'it cannot be used', problems: () => [] }
  try {
    return serving(name, yield* compileRevisionInSteps(stored.inputs, known, limits), stored)
  } catch (error) {
    // Even a defect must not keep the other revisions from changing.
    const why =
      error instanceof RemoraError
        ? error.message
        : `an internal error of Remora: ${describeSystemError(error)}`
    const message = `revision ${name}: ${describeKept(stored)} cannot be used either: ${why}`
    const problem = { code: 'kept-configuration-invalid', message, revision: name }
    return {
      config: undefined,
      fields: { keptRefused: stored },
      sequel: 'it cannot be used',
      problems: () => [problem],
    }
  }
}

function serving(revision: string, config: RevisionConfig, kept: KeptConfiguration): StandIn {
  return {
    config,
    fields: { kept, versionReason: `configuration kept in ${kept.place}` },
    sequel: 'its kept configuration is served',
    problems: (cause) => [
      {
        code: 'kept-configuration-served',
        message: `revision ${revision}: ${describeKept(kept)} is served, because the ConfigMap does not build and this replica has not built one since it started: ${cause}`,
        revision,
      },
    ],
  }
}

function describeKept({ digest, place, keptSince, remoraVersion }: KeptConfiguration): string {
  return `configuration ${digest}, kept in ${place} since ${keptSince} by Remora ${remoraVersion},`
}
