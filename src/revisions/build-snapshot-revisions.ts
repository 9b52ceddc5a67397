/**
 * From discovered revisions to their compiled configurations, each by itself: what did not change is not compiled
 * again, and what does not compile leaves the last good configuration in place.
 */
import { RemoraError } from '../errors.ts'
import type { Problem, Revision, RevisionConfig, RevisionInputs, Snapshot } from '../inject/index.ts'
import type { DiscoveredRevision } from '../istio/index.ts'
import type { JsonObject } from '../json/index.ts'
import type { Steps } from '../steps.ts'
import { describeSystemError } from '../system-error.ts'
import { compileRevisionInSteps, describeRevisionWarning } from './compile-revision.ts'
import { gatherInputs, missingMesh } from './gather-inputs.ts'
import { findStandIn, keptFor } from './last-good/serve-kept.ts'
import {
  RevisionJob,
  type RevisionSources,
  type RevisionState,
  sameSources,
  sourcesOf,
} from './revision-job.ts'
import { DEFAULT_SNAPSHOT_LIMITS, memoryOf, type SnapshotLimits } from './snapshot-limits.ts'
import type { SnapshotOptions } from './snapshot-options.ts'
import { warmUp } from './warm-up.ts'

/** Whether changes are compiled before the snapshot is returned, or by the caller, who runs its jobs. */
export type CompileWhen = 'now' | 'later'

export interface RevisionContext {
  readonly options: SnapshotOptions
  readonly compile: CompileWhen
  /** The origin of an object, for messages. */
  sourceOf(object: JsonObject): string | undefined
}

export interface BuiltRevisions {
  readonly states: ReadonlyMap<string, RevisionState>
  readonly revisions: ReadonlyMap<string, Revision>
  readonly problems: readonly Problem[]
  /** Jobs of revisions that stay unchanged, or missing, until these are done. */
  readonly pending: ReadonlyMap<string, RevisionJob>
}

/** The part of the previous snapshot from which revisions are reused. */
export interface RevisionsBefore {
  readonly snapshot: Snapshot
  readonly states: ReadonlyMap<string, RevisionState>
  readonly pending: ReadonlyMap<string, RevisionJob>
}

/** @param discovered in the order in which they are admitted */
export function buildRevisions(
  discovered: readonly DiscoveredRevision[],
  context: RevisionContext,
  previous: RevisionsBefore | undefined,
): BuiltRevisions {
  const { maxRevisions } = limitsOf(context.options)
  const states = new Map<string, RevisionState>()
  const pending = new Map<string, RevisionJob>()
  const names = new Set(discovered.map(({ name }) => name))
  /** The newest configuration of each revision that there is. */
  const known = (): readonly RevisionConfig[] => {
    const newest = new Map([...(previous?.states ?? [])].filter(([name]) => names.has(name)))
    for (const [name, state] of states) newest.set(name, state)
    // Until it is used, `states` has the previous one.
    for (const [name, job] of pending) if (job.state !== undefined) newest.set(name, job.state)
    return [...newest.values()].flatMap(({ revision }) => revision.config ?? [])
  }
  for (const [index, found] of discovered.entries()) {
    const { name } = found
    if (index >= maxRevisions) {
      states.set(name, beyondLimit(found, maxRevisions))
      continue
    }
    const sources = sourcesOf(found)
    const before = previous?.states.get(name)
    const current = before !== undefined && sameSources(before.sources, sources)
    if (current && !fitsNow(before, name, known) && !canUseKept(before, context)) {
      states.set(name, before)
      continue
    }
    const begin = () => new RevisionJob(sources, nextState(found, { ...context, sources, known }, previous))
    const begun = previous?.pending.get(name)
    const job = begun !== undefined && sameSources(begun.sources, sources) ? begun : begin()
    const state = context.compile === 'now' ? job.finish() : job.state
    if (state === undefined) pending.set(name, job)
    // It began before the kept configuration was known.
    else if (canUseKept(state, context)) pending.set(name, begin())
    const now = state ?? before
    if (now !== undefined) states.set(name, now)
  }
  const sorted = new Map([...states].sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    states: sorted,
    pending,
    revisions: new Map([...sorted].map(([name, state]) => [name, state.revision])),
    problems: [...sorted.values()].flatMap((state) => state.problems),
  }
}

function limitsOf(options: SnapshotOptions): SnapshotLimits {
  return options.limits ?? DEFAULT_SNAPSHOT_LIMITS
}

/** Known but unusable; only its name is kept. */
function beyondLimit({ name, namespace }: DiscoveredRevision, maxRevisions: number): RevisionState {
  const problem: Problem = {
    code: 'revision-limit-reached',
    message:
      `revision ${name}: it cannot be used: the limit of ${maxRevisions} revisions is reached ` +
      '(--max-revisions)',
    revision: name,
  }
  const revision = Object.freeze({ name, namespace, config: undefined, problem })
  return { sources: [], revision, problems: [problem] }
}

/** A configuration that did not fit beside the others, and may fit now. */
function fitsNow(
  { refusedBesideBytes }: RevisionState,
  name: string,
  known: () => readonly RevisionConfig[],
): boolean {
  if (refusedBesideBytes === undefined) return false
  return memoryOf(known().filter((one) => one.name !== name)) < refusedBesideBytes
}

function canUseKept({ revision }: RevisionState, { options }: RevisionContext): boolean {
  return keptFor(revision, options.kept) !== undefined
}

interface JobContext extends RevisionContext {
  readonly sources: RevisionSources
  /** The configurations at the time of the call. */
  known(): readonly RevisionConfig[]
}

/** The revision's next state; if the last one serves meanwhile, it is warmed up with its pods. */
function* nextState(
  found: DiscoveredRevision,
  context: JobContext,
  previous: RevisionsBefore | undefined,
): Steps<RevisionState> {
  const before = previous?.states.get(found.name)
  const state = yield* buildRevision(found, context, before)
  if (previous !== undefined && context.compile === 'later')
    yield* warmUp(state.revision, before?.revision, {
      snapshot: previous.snapshot,
      options: context.options.inject ?? {},
    })
  return state
}

function* buildRevision(
  found: DiscoveredRevision,
  { options, sourceOf, sources, known }: JobContext,
  before: RevisionState | undefined,
): Steps<RevisionState> {
  const { name, namespace } = found
  const configMapUid = found.injector.uid
  let newest: RevisionInputs | undefined
  try {
    const { inputs, detected } = gatherInputs(found, options)
    newest = inputs
    const config = yield* compileRevisionInSteps(inputs, known(), limitsOf(options))
    return {
      sources,
      revision: Object.freeze({ name, namespace, configMapUid, config, newest, ...detected }),
      problems: [
        ...missingMesh(found),
        ...[...detected.versionWarnings, ...config.warnings.map(describeRevisionWarning)].map((warning) => ({
          code: 'revision-warning',
          message: `revision ${name}: ${warning}`,
        })),
      ],
    }
  } catch (error) {
    // A configuration of another control plane cannot stand in: the same name in another namespace is another revision.
    const same = before?.revision.namespace === namespace ? before.revision : undefined
    const cause = error instanceof RemoraError ? error : asDefect(error)
    const instead = yield* findStandIn(
      { name, namespace, configMapUid },
      { before: same, kept: options.kept, known: known(), limits: limitsOf(options) },
    )
    const places = new Set(
      [found.injector, ...(found.mesh ? [found.mesh] : [])].map(({ object }) => sourceOf(object)),
    )
    const where = [...places].filter((source) => source !== undefined).join(', ')
    // The error comes last: it may end with the line of a template and a caret under it.
    const message = `revision ${name}${where === '' ? '' : ` (${where})`}: ${instead.sequel}: ${cause.message}`
    const problem = { code: codeOf(cause), message, revision: name }
    const tooLarge = problem.code === 'configuration-too-large' || problem.code === 'template-too-large'
    const { config, fields } = instead
    return {
      sources,
      revision: Object.freeze({
        ...same,
        ...fields,
        name,
        namespace,
        configMapUid,
        config,
        // Its texts are as large as what is refused.
        newest: tooLarge ? config?.inputs : newest,
        problem,
      }),
      problems: [problem, ...instead.problems(cause.message), ...missingMesh(found)],
      ...(tooLarge && { refusedBesideBytes: memoryOf(known().filter((one) => one.name !== name)) }),
    }
  }
}

/** The most specific code: `template-function-refused` says more than `config-invalid`, which applies to any part. */
function codeOf(error: RemoraError): string {
  return error.cause instanceof RemoraError ? error.cause.code : error.code
}

/** A revision that runs into a defect of Remora must not keep the others from changing. */
function asDefect(cause: unknown): RemoraError {
  return new RemoraError(
    'cluster-update-failed',
    `an internal error of Remora: ${describeSystemError(cause)}`,
    {
      cause,
    },
  )
}
