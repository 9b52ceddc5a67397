/**
 * Owns: from what was discovered of the revisions to their compiled configurations, each on its own: what did not
 * change is not compiled again, and what does not compile leaves the last good configuration in place.
 */
import { RemoraError } from '../errors.ts'
import {
  type DiscoveredRevision,
  type IstioVersion,
  IstioVersionError,
  parseInjectorConfig,
  parseIstioVersion,
  serveIstioVersion,
  tellVersion,
} from '../istio/index.ts'
import { isObject, own, parseYaml } from '../json/index.ts'
import { compileRevision } from './compile-revision.ts'
import type { RevisionInputs } from './revision-config.ts'
import type { Problem, Revision } from './snapshot.ts'

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

/** What is remembered of a revision between two snapshots. */
export interface RevisionState {
  /** Of the inputs that `revision` was made from; equal inputs give equal texts. */
  readonly inputsText: string
  readonly revision: Revision
  readonly problems: readonly Problem[]
}

export interface BuiltRevisions {
  readonly states: ReadonlyMap<string, RevisionState>
  readonly revisions: ReadonlyMap<string, Revision>
  readonly problems: readonly Problem[]
}

export function buildRevisions(
  discovered: ReadonlyMap<string, DiscoveredRevision>,
  options: SnapshotOptions,
  previous: ReadonlyMap<string, RevisionState> | undefined,
): BuiltRevisions {
  const states = new Map<string, RevisionState>()
  for (const found of discovered.values()) {
    states.set(found.name, buildRevision(found, options, previous?.get(found.name)))
  }
  return {
    states,
    revisions: new Map([...states].map(([name, state]) => [name, state.revision])),
    problems: [...states.values()].flatMap((state) => state.problems),
  }
}

function buildRevision(
  found: DiscoveredRevision,
  options: SnapshotOptions,
  before: RevisionState | undefined,
): RevisionState {
  const inputsText = describeInputs(found)
  if (before?.inputsText === inputsText) return before
  const { name, namespace } = found
  try {
    const { inputs, warnings } = gatherInputs(found, options)
    const config = compileRevision(inputs)
    return {
      inputsText,
      revision: Object.freeze({ name, namespace, config }),
      problems: [...warnings, ...config.warnings].map((warning) => ({
        code: 'revision-warning',
        message: `revision ${name}: ${warning}`,
      })),
    }
  } catch (error) {
    if (!(error instanceof RemoraError)) throw error
    // A configuration of another control plane is no stand-in: the same name in another namespace is another revision.
    const kept = before?.revision.namespace === namespace ? before.revision.config : undefined
    const sequel = kept === undefined ? 'it cannot be used' : 'its last good configuration stays in use'
    const problem = { code: error.code, message: `revision ${name}: ${error.message}; ${sequel}` }
    return {
      inputsText,
      revision: Object.freeze({ name, namespace, config: kept, problem }),
      problems: [problem],
    }
  }
}

function gatherInputs(
  found: DiscoveredRevision,
  options: SnapshotOptions,
): { readonly inputs: RevisionInputs; readonly warnings: readonly string[] } {
  const { version, warning } = serveIstioVersion(findVersion(found, options))
  return {
    inputs: {
      name: found.name,
      namespace: found.namespace,
      version,
      injectorConfigMap: {
        name: found.injector.name,
        config: found.injector.data.get('config'),
        values: found.injector.data.get('values'),
      },
      meshConfigMap: {
        name: found.mesh?.name ?? (found.name === 'default' ? 'istio' : `istio-${found.name}`),
        mesh: found.mesh?.data.get('mesh'),
      },
      environment: findEnvironment(found, options),
    },
    warnings: warning === undefined ? [] : [warning],
  }
}

/** The Deployment's, then the options for all revisions, then those for this one: each wins over what came before. */
function findEnvironment(found: DiscoveredRevision, options: SnapshotOptions): ReadonlyMap<string, string> {
  const environment = new Map(found.deploymentEnv)
  for (const wanted of [undefined, found.name]) {
    for (const { revision, name, value } of options.istiodEnv) {
      if (revision === wanted) environment.set(name, value)
    }
  }
  return environment
}

/** @throws IstioVersionError `istio-version-invalid` for an option that is no release number. */
function findVersion(found: DiscoveredRevision, options: SnapshotOptions): IstioVersion {
  const option =
    options.istioVersions.findLast(({ revision }) => revision === found.name) ??
    options.istioVersions.findLast(({ revision }) => revision === undefined)
  if (option !== undefined && parseIstioVersion(option.version) === undefined) {
    const message = `--istio-version says ${option.version}: expected a release such as 1.30.3`
    throw new IstioVersionError('istio-version-invalid', message)
  }
  return tellVersion({
    explicit: option?.version,
    labels: found.injector.labels,
    tag: findTag(found.injector.data.get('values')),
    template: findSidecarTemplate(found.injector.data.get('config')),
  }).version
}

/** `values.global.tag` for the version's sake; what is wrong with the texts is told when they are compiled. */
function findTag(values: string | undefined): string {
  const all = readOrNothing(() => parseYaml(values ?? ''))
  const global = isObject(all) ? own(all, 'global') : undefined
  const tag = isObject(global) ? own(global, 'tag') : undefined
  return typeof tag === 'string' || typeof tag === 'number' ? String(tag) : ''
}

function findSidecarTemplate(config: string | undefined): string {
  const read = readOrNothing(() => parseInjectorConfig(config ?? '', { source: '' }))
  return read?.templates.get('sidecar') ?? ''
}

function readOrNothing<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RemoraError) return undefined
    throw error
  }
}

/** Everything that `gatherInputs` reads but the options, which never change, as one text to compare. */
function describeInputs(found: DiscoveredRevision): string {
  return JSON.stringify([
    found.namespace,
    found.injector.name,
    [...found.injector.labels],
    found.injector.data.get('config'),
    found.injector.data.get('values'),
    found.mesh?.name,
    [...(found.mesh?.labels ?? [])],
    found.mesh?.data.get('mesh'),
    [...found.deploymentEnv],
  ])
}
