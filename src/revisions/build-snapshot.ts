/**
 * Builds a new snapshot from the cluster's objects, part by part: a part that does not build keeps its last good value
 * while the others go on changing. Pure: the previous state is an argument, the new one is returned. The package
 * cluster provides the objects; build-snapshot-parts.ts and build-snapshot-revisions.ts read the parts.
 */

import { Kubelets, type NamespaceFacts, type Problem, type Snapshot } from '../inject/index.ts'
import {
  type Discovery,
  defaultTrust,
  discoverRevisions,
  type IstioObjects,
  type ProxyConfigResource,
  parseProxyConfigResource,
  sortProxyConfigResources,
} from '../istio/index.ts'
import type { JsonObject } from '../json/index.ts'
import { parseRollout, type RevisionRollout } from '../rollout/index.ts'
import { type AdmissionOrder, admitTags, orderRevisions } from './admit-revisions.ts'
import {
  CLUSTER_KINDS,
  type ClusterObject,
  type KindObjects,
  type SortedObjects,
  sortObjects,
} from './build-snapshot-objects.ts'
import { buildPart, checkConfigMap, type Part, parseNamespace, parseNode } from './build-snapshot-parts.ts'
import { buildRevisions, type CompileWhen } from './build-snapshot-revisions.ts'
import { type EndpointsOf, rolloutFacts, rolloutProblems } from './build-snapshot-rollouts.ts'
import type { RevisionJob, RevisionState } from './revision-job.ts'
import { DEFAULT_SNAPSHOT_LIMITS } from './snapshot-limits.ts'
import type { SnapshotOptions } from './snapshot-options.ts'

/** A snapshot with what the next one is built from. */
export interface BuiltSnapshot {
  readonly snapshot: Snapshot
  /**
   * Jobs of configurations that changed but are still as before, or missing, by revision. Once a job is done, build
   * again with this snapshot as `previous`.
   */
  readonly pending: ReadonlyMap<string, RevisionJob>
  readonly parts: {
    readonly sorted: SortedObjects
    readonly namespaces: Part<NamespaceFacts>
    readonly nodes: Part<string>
    readonly proxyConfigs: Part<ProxyConfigResource>
    readonly configMaps: Part<JsonObject>
    readonly rollouts: Part<RevisionRollout>
    readonly discovery: Discovery
    readonly revisions: ReadonlyMap<string, RevisionState>
  }
}

export const emptySnapshot: Snapshot = Object.freeze({
  revisions: new Map(),
  tags: new Map(),
  enableNamespacesByDefault: false,
  namespaces: new Map(),
  nodes: new Kubelets(),
  proxyConfigs: new Map(),
  ignored: Object.freeze([]),
  trustedNamespaces: defaultTrust.namespaces,
  calledFor: new Set<string>(),
  registered: new Set<string>(),
  problems: Object.freeze([]),
  rollouts: [],
  external: new Map(),
})

/**
 * From objects of all kinds.
 * @param compile `later`: what must be compiled (10 to 30 ms per revision) is `pending`, so that a server can answer in
 * between
 */
export function buildSnapshot(
  objects: readonly ClusterObject[],
  options: SnapshotOptions,
  previous: BuiltSnapshot | undefined,
  compile: CompileWhen = 'now',
): BuiltSnapshot {
  return buildNext(sortObjects(objects, previous?.parts.sorted), { options, compile }, previous)
}

export interface BuildOptions {
  readonly options: SnapshotOptions
  readonly compile: CompileWhen
  /** For the targets of rollouts. */
  readonly endpoints?: EndpointsOf
}

/**
 * Builds only what depends on a kind that has other objects than before. Never throws because of the objects' content:
 * whatever does not build becomes one of the snapshot's problems.
 */
export function buildNext(
  sorted: SortedObjects,
  { options, compile, endpoints = () => 'serves' }: BuildOptions,
  previous: BuiltSnapshot | undefined,
): BuiltSnapshot {
  const before = previous?.parts
  const namespaces = buildPart(sorted.namespaces, parseNamespace, before?.namespaces)
  const nodes = buildPart(sorted.nodes, parseNode, before?.nodes)
  const proxyConfigs = buildPart(sorted.proxyconfigs, parseProxyConfigResource, before?.proxyConfigs)
  const configMaps = buildPart(sorted.configmaps, checkConfigMap, before?.configMaps)
  const rollouts = buildPart(sorted.revisionrollouts, parseRollout, before?.rollouts)
  const discovery =
    before !== undefined && DEFINING_KINDS.every((kind) => before.sorted[kind] === sorted[kind])
      ? before.discovery
      : discoverRevisions(istioObjects(sorted, configMaps.values), options.trust)

  const sources = new Map(sorted.configmaps.given.map(({ object, source }) => [object, source]))
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
  const facts = rolloutFacts(
    { rollouts: rollouts.values, revisions, sorted, endpoints },
    previous?.snapshot.rollouts,
  )
  const snapshot: Snapshot = Object.freeze({
    revisions,
    tags,
    calledFor: discovery.calledFor,
    enableNamespacesByDefault:
      discovery.enableNamespacesByDefault ??
      revisions.get('default')?.config?.values.facts.enableNamespacesByDefault ??
      false,
    namespaces: namespaces.values,
    nodes:
      previous !== undefined && before?.nodes === nodes
        ? previous.snapshot.nodes
        : new Kubelets(nodes.values),
    proxyConfigs:
      previous !== undefined && before?.proxyConfigs === proxyConfigs
        ? previous.snapshot.proxyConfigs
        : sortProxyConfigResources(proxyConfigs.values.values()),
    ignored: discovery.ignored,
    trustedNamespaces: (options.trust ?? defaultTrust).namespaces,
    registered: discovery.registered,
    rollouts: facts,
    external: discovery.external,
    problems: Object.freeze([
      ...CLUSTER_KINDS.flatMap((kind) => sorted[kind].problems),
      ...[namespaces, nodes, proxyConfigs, configMaps, rollouts].flatMap((part) => part.problems),
      ...discovery.problems,
      ...tagsLeftOut(leftOut, maxTags),
      ...problems,
      ...rolloutProblems(facts, { revisions, tags }),
    ]),
  })
  const parts = {
    sorted,
    namespaces,
    nodes,
    proxyConfigs,
    configMaps,
    rollouts,
    discovery,
    revisions: states,
  }
  return { snapshot, pending, parts }
}

/** The kinds that revisions and tags are discovered from. */
const DEFINING_KINDS = ['configmaps', 'deployments', 'services', 'mutatingwebhookconfigurations'] as const

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
  const plain = ({ byKey }: KindObjects) => [...byKey.values()].map((one) => one.object)
  return {
    configMaps: [...configMaps.values()],
    deployments: plain(sorted.deployments),
    services: plain(sorted.services),
    webhookConfigurations: plain(sorted.mutatingwebhookconfigurations),
  }
}
