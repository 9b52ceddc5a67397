/**
 * The revisions and tags that a cluster's plain JSON objects define. Pure. Parsing a revision's configuration is in
 * injector-config.ts and mesh-config.ts, its environment in control-plane-env.ts; the core chooses a pod's revision.
 */
import type { JsonObject } from '../json/index.ts'
import {
  type FoundConfigMap,
  findConfigMaps,
  nameOf,
  namespaceOf,
  revisionOfConfigMap,
  uidOf,
} from './cluster-objects.ts'
import { deploymentEnvironment } from './control-plane-env.ts'
import { findTags } from './discover-tags.ts'
import { type IgnoredDefinition, problemsOfIgnored } from './ignored-definitions.ts'
import { findRegistrations, type RegistrationProblem } from './registrations.ts'
import { defaultTrust, TrustedNamespaces, type TrustOptions } from './trusted-namespaces.ts'
import { readWebhookConfigurations, type WebhookConfiguration } from './webhook-configurations.ts'

/**
 * The objects of a cluster, in any namespace. discoverRevisions decides which of them count and ignores other kinds and
 * names.
 */
export interface IstioObjects {
  readonly configMaps: readonly JsonObject[]
  readonly deployments: readonly JsonObject[]
  readonly services: readonly JsonObject[]
  readonly webhookConfigurations: readonly JsonObject[]
}

export interface DiscoveredRevision {
  /** `default` for the one without suffix. */
  readonly name: string
  readonly namespace: string
  /** `istio-sidecar-injector[-<rev>]`: keys config and values. */
  readonly injector: FoundConfigMap
  /** `istio[-<rev>]`: key mesh; Istio's defaults apply if undefined. */
  readonly mesh: FoundConfigMap | undefined
  /** Environment of the container `discovery` of the Deployment istiod[-<rev>]: literal values only. */
  readonly deploymentEnv: ReadonlyMap<string, string>
}

export interface DiscoveryProblem {
  readonly code:
    | 'revision-in-two-namespaces'
    | 'tag-without-revision'
    | 'webhook-namespace-not-read'
    | IgnoredDefinition['code']
  readonly message: string
  /** The subject: `revision tag prod`. */
  readonly where: string
  readonly revision?: string
}

export interface Discovery {
  /** By name, sorted. */
  readonly revisions: ReadonlyMap<string, DiscoveredRevision>
  /** Revisions and tags that an active webhook configuration names, Istio's or Remora's. */
  readonly registered: ReadonlySet<string>
  /** Revisions and tags that a control plane outside the cluster serves, each with what the API server calls. */
  readonly external: ReadonlyMap<string, string>
  /** Each tag with the revision that it points to, which may be unknown; sorted. */
  readonly tags: ReadonlyMap<string, string>
  /**
   * Whether the configuration of the tag `default`, or else of the default revision, or Remora's own has an active
   * `auto.` webhook; undefined without such a configuration: then the default revision's values decide.
   */
  readonly enableNamespacesByDefault: boolean | undefined
  /** Objects that look like a revision or a tag but do not count. */
  readonly ignored: readonly IgnoredDefinition[]
  /** Revisions that active registrations of Remora require, installed or not. */
  readonly calledFor: ReadonlySet<string>
  readonly problems: readonly (DiscoveryProblem | RegistrationProblem)[]
}

/** The name of the revision whose ConfigMaps have no suffix. */
export const defaultRevision = 'default'
const INJECTOR = 'istio-sidecar-injector'

/** Never throws: malformed objects are ignored. */
export function discoverRevisions(objects: IstioObjects, options: TrustOptions = defaultTrust): Discovery {
  const webhooks = readWebhookConfigurations(objects.webhookConfigurations)
  const trust = new TrustedNamespaces(webhooks, options)
  const problems: DiscoveryProblem[] = trust.notRead.map((webhook) => notRead(webhook, options.namespaces))
  // Also without the key `config`: such a revision has a broken configuration, but it has not been removed.
  const injectors = findConfigMaps(objects.configMaps, INJECTOR)
  const meshes = findConfigMaps(objects.configMaps, 'istio', 'mesh')
  const revisions = new Map<string, DiscoveredRevision>()
  for (const [name, candidates] of [...injectors].sort(byKey)) {
    const { chosen, problem } = chooseNamespace(name, candidates, trust)
    if (problem !== undefined) problems.push(problem)
    if (chosen === undefined) continue
    revisions.set(name, {
      name,
      namespace: chosen.namespace,
      injector: chosen,
      mesh: meshes.get(name)?.find((mesh) => mesh.namespace === chosen.namespace),
      deploymentEnv: deploymentEnvironment(objects.deployments, name, chosen.namespace),
    })
  }
  const external = findExternal(webhooks, revisions)
  const found = findTags(webhooks, objects.services, trust, revisions)
  const tags = new Map([...found.tags].filter(([tag]) => !external.has(tag)))
  for (const [tag, revision] of tags) {
    if (!revisions.has(revision)) {
      problems.push({
        code: 'tag-without-revision',
        message: `revision tag ${tag} points to revision ${revision}, which has no ConfigMap; its pods cannot be injected`,
        where: `revision tag ${tag}`,
        revision,
      })
    }
  }
  const ignored = [...ignoredRevisions(objects.configMaps, trust), ...found.ignored]
  problems.push(...problemsOfIgnored(ignored, trust.listed))
  const calls = findRegistrations(webhooks, { revisions, tags })
  return {
    revisions,
    registered: namesOf(webhooks.filter(({ active }) => active)),
    external,
    tags,
    enableNamespacesByDefault: readAutoInjection(webhooks),
    ignored,
    calledFor: calls.revisions,
    problems: [...problems, ...calls.problems],
  }
}

/** A managed control plane, or one in another cluster, has no injector ConfigMap here, and its webhooks call a URL. */
function findExternal(
  webhooks: readonly WebhookConfiguration[],
  revisions: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, string> {
  return new Map(
    webhooks
      .filter(({ active, ofRemora, revision }) => active && !ofRemora && !revisions.has(revision))
      .flatMap(({ revision, tag, url }) => (url === undefined ? [] : [[tag ?? revision, url] as const])),
  )
}

function namesOf(webhooks: readonly WebhookConfiguration[]): ReadonlySet<string> {
  return new Set(webhooks.flatMap(({ revision, tag }) => (tag === undefined ? [revision] : [revision, tag])))
}

/**
 * Of several ConfigMaps of a revision the one of lowest rank counts, then the oldest, so that a new one replaces none.
 */
function chooseNamespace(
  name: string,
  candidates: readonly FoundConfigMap[],
  trust: TrustedNamespaces,
): { readonly chosen?: FoundConfigMap; readonly problem?: DiscoveryProblem } {
  const ranked = candidates
    .flatMap((found) => {
      const rank = trust.rankOfRevision(name, found.namespace)
      return rank === undefined ? [] : [{ found, rank, created: createdMs(found) }]
    })
    .sort((a, b) => a.rank - b.rank || (a.created < b.created ? -1 : a.created > b.created ? 1 : 0))
  const [chosen, ...others] = ranked.map(({ found }) => found)
  if (chosen === undefined || others.length === 0) return chosen === undefined ? {} : { chosen }
  const places = others.map(({ namespace }) => namespace)
  return {
    chosen,
    problem: {
      code: 'revision-in-two-namespaces',
      message: `revision ${name} is installed in several namespaces: the one in ${chosen.namespace} is used, the one in ${places.join(', ')} is not; give one of them a different revision name`,
      where: `ConfigMap ${places.map((namespace) => `${namespace}/${chosen.name}`).join(', ')}`,
      revision: name,
    },
  }
}

/** An object without a creation time counts as the newest. */
function createdMs({ createdAt }: FoundConfigMap): number {
  const created = Date.parse(createdAt)
  return Number.isNaN(created) ? Number.POSITIVE_INFINITY : created
}

/** In a live cluster only the metadata of other namespaces' ConfigMaps is read. */
function ignoredRevisions(
  configMaps: readonly JsonObject[],
  trust: TrustedNamespaces,
): readonly IgnoredDefinition[] {
  const ignored: IgnoredDefinition[] = []
  for (const object of configMaps) {
    const name = nameOf(object)
    const revision = revisionOfConfigMap(INJECTOR, name)
    const namespace = namespaceOf(object) || 'default'
    if (revision === undefined || trust.rankOfRevision(revision, namespace) !== undefined) continue
    ignored.push({
      defines: 'revision',
      name: revision,
      object: { kind: 'ConfigMap', namespace, name, uid: uidOf(object) },
      code: 'revision-untrusted',
      message: `it does not define revision ${revision}, since ${namespace} is not a namespace of a control plane`,
    })
  }
  return ignored
}

function notRead(
  { configuration, namespace, revision, tag }: TrustedNamespaces['notRead'][number],
  listed: readonly string[],
): DiscoveryProblem {
  const what = tag === undefined ? `revision ${revision}` : `tag ${tag}`
  return {
    code: 'webhook-namespace-not-read',
    message: `MutatingWebhookConfiguration ${configuration} of ${what} calls a Service in the namespace ${namespace}, which Remora does not read: it has permissions only in ${listed.join(', ')}. Add ${namespace} to the chart's \`istioNamespaces\``,
    where: `MutatingWebhookConfiguration ${configuration}`,
    revision,
  }
}

function readAutoInjection(webhooks: readonly WebhookConfiguration[]): boolean | undefined {
  // Once Remora is active, Istio's own webhook is deactivated: an active `auto.` webhook of either means that it is on.
  if (webhooks.some(({ ofRemora, auto }) => ofRemora && auto)) return true
  return readAutoInjectionOfIstio(webhooks.filter(({ ofRemora }) => !ofRemora))
}

function readAutoInjectionOfIstio(webhooks: readonly WebhookConfiguration[]): boolean | undefined {
  const ofTag = webhooks.filter((webhook) => webhook.tag === defaultRevision)
  const deciding =
    ofTag.length > 0
      ? ofTag
      : webhooks.filter(({ tag, revision }) => tag === undefined && revision === defaultRevision)
  return deciding.length === 0 ? undefined : deciding.some((webhook) => webhook.auto)
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}
