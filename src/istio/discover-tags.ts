/** The revision tags of a cluster, with the objects that define them. Pure. Revisions are in discover.ts. */
import type { JsonObject } from '../json/index.ts'
import { labelsOf, nameOf, namespaceOf, uidOf } from './cluster-objects.ts'
import type { IgnoredDefinition } from './ignored-definitions.ts'
import type { TrustedNamespaces } from './trusted-namespaces.ts'
import type { WebhookConfiguration } from './webhook-configurations.ts'

export interface FoundTags {
  /** Each tag with the revision that it points to, which may be unknown; sorted. */
  readonly tags: ReadonlyMap<string, string>
  readonly ignored: readonly IgnoredDefinition[]
}

/** The kinds of objects that define tags, by precedence. */
const ISTIO_WEBHOOK = 0
const REMORA_WEBHOOK = 1
const SERVICE = 2

interface Definition {
  readonly tag: string
  readonly revision: string
  readonly source: number
  readonly rank: number
  readonly object: string
}

/**
 * Istio's webhook configurations come first, because the API server already follows them; then Remora's own, defined by
 * the chart's values; then Services (Istio 1.28+), only in trusted namespaces.
 */
export function findTags(
  webhooks: readonly WebhookConfiguration[],
  services: readonly JsonObject[],
  trust: TrustedNamespaces,
  revisions: ReadonlyMap<string, unknown>,
): FoundTags {
  const found: Definition[] = []
  for (const { tag, revision, namespace, name, ofRemora } of webhooks) {
    if (tag === undefined) continue
    const index = trust.listed.indexOf(namespace ?? '')
    const rank = index < 0 ? trust.listed.length : index
    found.push({
      tag,
      revision,
      source: ofRemora ? REMORA_WEBHOOK : ISTIO_WEBHOOK,
      rank: ofRemora ? 0 : rank,
      object: name,
    })
  }
  const ignored: IgnoredDefinition[] = []
  const defined = new Set(found.map(({ tag }) => tag))
  for (const service of services) {
    const read = readService(service, trust)
    if (read === undefined) continue
    if ('code' in read) ignored.push(read)
    else if (!defined.has(read.tag) && read.tag !== read.revision && revisions.has(read.tag))
      ignored.push(shadowing(read, service))
    else found.push(read)
  }
  found.sort(
    (a, b) => compare(a.tag, b.tag) || a.source - b.source || a.rank - b.rank || compare(a.object, b.object),
  )
  const tags = new Map<string, string>()
  for (const { tag, revision } of found) if (!tags.has(tag)) tags.set(tag, revision)
  return { tags, ignored }
}

/** undefined: it defines no tag. */
function readService(
  service: JsonObject,
  trust: TrustedNamespaces,
): Definition | IgnoredDefinition | undefined {
  const labels = labelsOf(service)
  const tag = labels.get('istio.io/tag')
  const revision = labels.get('istio.io/rev')
  if (tag === undefined || tag === '' || revision === undefined) return undefined
  const namespace = namespaceOf(service) || 'default'
  const rank = trust.rankOfTag(tag, namespace)
  if (rank !== undefined) {
    return {
      tag,
      revision: revision || 'default',
      source: SERVICE,
      rank,
      object: `${namespace}/${nameOf(service)}`,
    }
  }
  return {
    defines: 'tag',
    name: tag,
    object: objectOf(service),
    code: 'tag-untrusted',
    message: `it does not define the tag ${tag}, since ${namespace} is not a namespace of a control plane`,
  }
}

/**
 * Istio's injection does not treat a Service as a tag: pods that name a revision are sent to the webhook of that
 * revision.
 */
function shadowing({ tag, revision }: Definition, service: JsonObject): IgnoredDefinition {
  return {
    defines: 'tag',
    name: tag,
    object: objectOf(service),
    code: 'tag-service-shadows-revision',
    message: `it does not make ${tag} a tag for revision ${revision}, since ${tag} is the name of a revision`,
  }
}

function objectOf(service: JsonObject): IgnoredDefinition['object'] {
  return {
    kind: 'Service',
    namespace: namespaceOf(service) || 'default',
    name: nameOf(service),
    uid: uidOf(service),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
