/**
 * Which revisions and tags a cluster's plain objects define. Pure: objects come in as JSON. What a revision's
 * configuration means is in injector-config.ts and mesh-config.ts, its environment in control-plane-env.ts; choosing
 * a pod's revision is for the room inject.
 */
import type { JsonObject } from '../json/index.ts'
import { type FoundConfigMap, findConfigMaps, labelsOf, nameOf, namespaceOf } from './cluster-objects.ts'
import { deploymentEnvironment } from './control-plane-env.ts'
import { readWebhookConfigurations, type WebhookConfiguration } from './webhook-configurations.ts'

/** The objects of a cluster that take part, of any namespace; other kinds and names are ignored. */
export interface IstioObjects {
  readonly configMaps: readonly JsonObject[]
  readonly deployments: readonly JsonObject[]
  readonly services: readonly JsonObject[]
  readonly webhookConfigurations: readonly JsonObject[]
}

export interface DiscoveredRevision {
  /** `default` for the unsuffixed one. */
  readonly name: string
  readonly namespace: string
  /** `istio-sidecar-injector[-<rev>]`: keys config and values. */
  readonly injector: FoundConfigMap
  /** `istio[-<rev>]`: key mesh; undefined where there is none, then Istio's defaults hold. */
  readonly mesh: FoundConfigMap | undefined
  /** Environment of the container `discovery` of the Deployment istiod[-<rev>]: literal values only. */
  readonly deploymentEnv: ReadonlyMap<string, string>
}

export interface DiscoveryProblem {
  readonly code: 'revision-in-two-namespaces' | 'tag-without-revision'
  readonly message: string
  /** What it is about: `revision tag prod`. */
  readonly where: string
  readonly revision: string
}

export interface Discovery {
  /** By name, sorted. */
  readonly revisions: ReadonlyMap<string, DiscoveredRevision>
  /** Revisions and tags that an active webhook configuration names, Istio's or Remora's. */
  readonly registered: ReadonlySet<string>
  /** Tag to the revision that it points at, which may be unknown; sorted. */
  readonly tags: ReadonlyMap<string, string>
  /**
   * Whether the configuration of the tag `default`, else of the default revision, has an active `auto.` webhook, or
   * Remora's own has one; undefined where there is no such configuration: the default revision's values decide.
   */
  readonly enableNamespacesByDefault: boolean | undefined
  readonly problems: readonly DiscoveryProblem[]
}

/** The name of the revision whose ConfigMaps have no suffix. */
export const defaultRevision = 'default'
const usualNamespace = 'istio-system'

/** Never throws: an object that is not what it should be is passed over. */
export function discoverRevisions(objects: IstioObjects): Discovery {
  const problems: DiscoveryProblem[] = []
  const webhooks = readWebhookConfigurations(objects.webhookConfigurations)
  const injectors = findConfigMaps(objects.configMaps, 'istio-sidecar-injector', 'config')
  const meshes = findConfigMaps(objects.configMaps, 'istio', 'mesh')
  const revisions = new Map<string, DiscoveredRevision>()
  for (const [name, candidates] of [...injectors].sort(byKey)) {
    const { chosen, problem } = chooseNamespace(name, candidates, webhooks)
    if (problem !== undefined) problems.push(problem)
    revisions.set(name, {
      name,
      namespace: chosen.namespace,
      injector: chosen,
      mesh: meshes.get(name)?.find((mesh) => mesh.namespace === chosen.namespace),
      deploymentEnv: deploymentEnvironment(objects.deployments, name, chosen.namespace),
    })
  }
  const tags = findTags(webhooks, objects.services)
  for (const [tag, revision] of tags) {
    if (!revisions.has(revision)) {
      problems.push({
        code: 'tag-without-revision',
        message: `revision tag ${tag} points at revision ${revision}, which has no ConfigMap; its pods cannot be injected`,
        where: `revision tag ${tag}`,
        revision,
      })
    }
  }
  return {
    revisions,
    registered: namesOf(webhooks.filter(({ active }) => active)),
    tags,
    enableNamespacesByDefault: readAutoInjection(webhooks),
    problems,
  }
}

function namesOf(webhooks: readonly WebhookConfiguration[]): ReadonlySet<string> {
  return new Set(webhooks.flatMap(({ revision, tag }) => (tag === undefined ? [revision] : [revision, tag])))
}

/** Of several ConfigMaps of one revision that whose namespace its webhook configuration calls, else istio-system's. */
function chooseNamespace(
  name: string,
  candidates: readonly FoundConfigMap[],
  webhooks: readonly WebhookConfiguration[],
): { readonly chosen: FoundConfigMap; readonly problem?: DiscoveryProblem } {
  const sorted = [...candidates].sort(
    (a, b) => usualFirst(a) - usualFirst(b) || (a.namespace < b.namespace ? -1 : 1),
  )
  const called = new Set(
    webhooks
      .filter((webhook) => webhook.tag === undefined && webhook.revision === name)
      .map(({ namespace }) => namespace),
  )
  const chosen = sorted.find((candidate) => called.has(candidate.namespace)) ?? sorted[0]
  if (chosen === undefined) throw new TypeError(`revision ${name} without a ConfigMap`)
  if (sorted.length === 1) return { chosen }
  const others = sorted.filter((candidate) => candidate !== chosen).map(({ namespace }) => namespace)
  return {
    chosen,
    problem: {
      code: 'revision-in-two-namespaces',
      message: `revision ${name} stands in several namespaces: that of ${chosen.namespace} serves, that of ${others.join(', ')} does not; give one of them another revision name`,
      where: `ConfigMap ${others.map((namespace) => `${namespace}/${chosen.name}`).join(', ')}`,
      revision: name,
    },
  }
}

function usualFirst(found: FoundConfigMap): number {
  return found.namespace === usualNamespace ? 0 : 1
}

/**
 * Webhook configurations win over Services (1.28 and later), and the usual namespace over others. Last come Remora's
 * own: where Istio has no object for a tag, the chart's values define it.
 */
function findTags(
  webhooks: readonly WebhookConfiguration[],
  services: readonly JsonObject[],
): ReadonlyMap<string, string> {
  const found: { readonly tag: string; readonly revision: string; readonly order: string }[] = []
  for (const { tag, revision, namespace, name, ofRemora } of webhooks) {
    const rank = ofRemora ? '2' : `0${namespace === usualNamespace ? 0 : 1}`
    if (tag !== undefined) found.push({ tag, revision, order: `${rank}${name}` })
  }
  for (const service of services) {
    const labels = labelsOf(service)
    const tag = labels.get('istio.io/tag')
    const revision = labels.get('istio.io/rev')
    if (tag === undefined || tag === '' || revision === undefined) continue
    const namespace = namespaceOf(service)
    found.push({
      tag,
      revision: revision === '' ? defaultRevision : revision,
      order: `1${namespace === usualNamespace ? 0 : 1}${namespace}/${nameOf(service)}`,
    })
  }
  found.sort((a, b) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : a.order < b.order ? -1 : 1))
  const tags = new Map<string, string>()
  for (const { tag, revision } of found) if (!tags.has(tag)) tags.set(tag, revision)
  return tags
}

function readAutoInjection(webhooks: readonly WebhookConfiguration[]): boolean | undefined {
  // Where Remora has taken over, Istio's own is deactivated: an active `auto.` of either means that it is on.
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
