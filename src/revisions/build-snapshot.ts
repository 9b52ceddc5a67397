/**
 * Builds a new snapshot from the cluster's objects, part by part: a part that does not build keeps its last good value
 * while the others go on changing. Pure: the previous state is an argument, the new one is returned. The package
 * cluster provides the objects; build-snapshot-parts.ts and build-snapshot-revisions.ts read the parts.
 */

import type { NamespaceFacts, Problem, Snapshot } from '../inject/index.ts'
import {
  defaultTrust,
  discoverRevisions,
  type IstioObjects,
  type ProxyConfigResource,
  parseProxyConfigResource,
  sortProxyConfigResources,
} from '../istio/index.ts'
import type { JsonObject } from '../json/index.ts'
import { type AdmissionOrder, admitTags, orderRevisions } from './admit-revisions.ts'
import {
  type ClusterObject,
  type ObjectsByKey,
  type SortedObjects,
  sortObjects,
} from './build-snapshot-objects.ts'
import { buildPart, checkConfigMap, type Part, parseNamespace, parseNode } from './build-snapshot-parts.ts'
import { buildRevisions, type CompileWhen, type SnapshotOptions } from './build-snapshot-revisions.ts'
import type { RevisionJob, RevisionState } from './revision-job.ts'
import { DEFAULT_SNAPSHOT_LIMITS } from './snapshot-limits.ts'

/** A snapshot with what the next one is built from. */
export interface BuiltSnapshot {
  readonly snapshot: Snapshot
  /**
   * Jobs of configurations that changed but are still as before, or missing, by revision. Once a job is done, build
   * again with this snapshot as `previous`.
   */
  readonly pending: ReadonlyMap<string, RevisionJob>
  readonly parts: {
    readonly namespaces: Part<NamespaceFacts>
    readonly nodes: Part<string>
    readonly proxyConfigs: Part<ProxyConfigResource>
    readonly configMaps: Part<JsonObject>
    readonly revisions: ReadonlyMap<string, RevisionState>
  }
}

export const emptySnapshot: Snapshot = Object.freeze({
  revisions: new Map(),
  tags: new Map(),
  enableNamespacesByDefault: false,
  namespaces: new Map(),
  nodes: new Map(),
  proxyConfigs: new Map(),
  ignored: Object.freeze([]),
  trustedNamespaces: defaultTrust.namespaces,
  calledFor: new Set<string>(),
  registered: new Set<string>(),
  problems: Object.freeze([]),
})

/**
 * Never throws because of the objects' content: whatever does not build becomes one of the snapshot's problems.
 * @param compile `later`: what must be compiled (10 to 30 ms per revision) is `pending`, so that a server can answer in
 * between
 */
export function buildSnapshot(
  objects: readonly ClusterObject[],
  options: SnapshotOptions,
  previous: BuiltSnapshot | undefined,
  compile: CompileWhen = 'now',
): BuiltSnapshot {
  const sorted = sortObjects(objects)
  const before = previous?.parts
  const namespaces = buildPart(sorted.namespaces, parseNamespace, before?.namespaces)
  const nodes = buildPart(sorted.nodes, parseNode, before?.nodes)
  const proxyConfigs = buildPart(sorted.proxyConfigs, parseProxyConfigResource, before?.proxyConfigs)
  const configMaps = buildPart(sorted.configMaps, checkConfigMap, before?.configMaps)

  const discovery = discoverRevisions(istioObjects(sorted, valuesOf(configMaps)), options.trust)
  const sources = new Map(objects.map(({ object, source }) => [object, source]))
  const context = { options, compile, sourceOf: (object: JsonObject) => sources.get(object) }
  const order = (serving: Iterable<string>): AdmissionOrder => ({
    serving: new Set(serving),
    registered: discovery.registered,
  })
  const { states, revisions, problems, pending } = buildRevisions(
    orderRevisions(discovery.revisions.values(), order(servingOf(previous))),
    context,
    previous === undefined ? undefined : { ...previous, states: previous.parts.revisions },
  )
  const { maxTags } = options.limits ?? DEFAULT_SNAPSHOT_LIMITS
  const { tags, leftOut } = admitTags(discovery.tags, order(previous?.snapshot.tags.keys() ?? []), maxTags)
  const snapshot: Snapshot = Object.freeze({
    revisions,
    tags,
    calledFor: discovery.calledFor,
    enableNamespacesByDefault:
      discovery.enableNamespacesByDefault ??
      revisions.get('default')?.config?.values.facts.enableNamespacesByDefault ??
      false,
    namespaces: valuesOf(namespaces),
    nodes: valuesOf(nodes),
    proxyConfigs: sortProxyConfigResources(valuesOf(proxyConfigs).values()),
    ignored: discovery.ignored,
    trustedNamespaces: (options.trust ?? defaultTrust).namespaces,
    registered: discovery.registered,
    problems: Object.freeze([
      ...sorted.problems,
      ...problemsOf(namespaces),
      ...problemsOf(nodes),
      ...problemsOf(proxyConfigs),
      ...problemsOf(configMaps),
      ...discovery.problems,
      ...tagsLeftOut(leftOut, maxTags),
      ...problems,
    ]),
  })
  return { snapshot, pending, parts: { namespaces, nodes, proxyConfigs, configMaps, revisions: states } }
}

function servingOf(previous: BuiltSnapshot | undefined): readonly string[] {
  return [...(previous?.snapshot.revisions.values() ?? [])].flatMap(({ name, config }) =>
    config === undefined ? [] : name,
  )
}

const NAMED_TAGS = 20

function tagsLeftOut(names: readonly string[], maxTags: number): readonly Problem[] {
  if (names.length === 0) return []
  const more = names.length > NAMED_TAGS ? ` and ${names.length - NAMED_TAGS} more` : ''
  return [
    {
      code: 'tag-limit-reached',
      message:
        `there are more than ${maxTags} revision tags (--max-tags), so these are not used: ` +
        `${names.slice(0, NAMED_TAGS).join(', ')}${more}`,
    },
  ]
}

function istioObjects(sorted: SortedObjects, configMaps: ReadonlyMap<string, JsonObject>): IstioObjects {
  const plain = (found: ObjectsByKey) => [...found.values()].map((one) => one.object)
  return {
    configMaps: [...configMaps.values()],
    deployments: plain(sorted.deployments),
    services: plain(sorted.services),
    webhookConfigurations: plain(sorted.webhookConfigurations),
  }
}

function valuesOf<T>(part: Part<T>): ReadonlyMap<string, T> {
  const values = new Map<string, T>()
  for (const [key, entry] of part) if (entry.value !== undefined) values.set(key, entry.value)
  return values
}

function problemsOf<T>(part: Part<T>): readonly Problem[] {
  return [...part.values()].flatMap((entry) => entry.problem ?? [])
}
