/**
 * The revisions and tags in the MutatingWebhookConfigurations of Istio and in those that Remora's chart renders. Their
 * selectors are not evaluated here.
 */
import { isObject, type JsonObject, type JsonValue } from '../json/index.ts'
import { labelsOf, listAt, nameOf, objectAt, textAt } from './cluster-objects.ts'

export interface WebhookConfiguration {
  readonly name: string
  /** Label istio.io/rev; `default` if it is empty. */
  readonly revision: string
  /** Label istio.io/tag; undefined for a revision's own configuration. */
  readonly tag: string | undefined
  /** Namespace of the Service that its webhooks call; undefined if they call a URL. */
  readonly namespace: string | undefined
  /** The URL that its webhooks call instead of a Service. */
  readonly url: string | undefined
  /** Has a webhook that is not deactivated. */
  readonly active: boolean
  /** Has an `auto.` webhook that is not deactivated. */
  readonly auto: boolean
  /** Remora's own registration: it does not show where istiod is, and defines a tag only if Istio does not. */
  readonly ofRemora: boolean
}

const suffix = 'sidecar-injector.istio.io'
const deactivatedLabel = 'istio.io/deactivated'
/**
 * charts/remora uses this label instead of istio.io/rev (and another one instead of istio.io/tag): istiod writes its
 * own caBundle into every configuration with its revision in istio.io/rev (pkg/webhooks/webhookpatch.go), and istioctl
 * takes such a configuration for a second istiod of that revision.
 */
const ownRevisionLabel = 'remora/revision'
const ownTagLabel = 'remora/tag'

/** Only configurations with a webhook of Istio's sidecar injector, including deactivated ones. */
export function readWebhookConfigurations(objects: readonly JsonObject[]): readonly WebhookConfiguration[] {
  return objects.flatMap((object) => readConfiguration(object) ?? [])
}

function readConfiguration(object: JsonObject): WebhookConfiguration | undefined {
  const webhooks = listAt(object, 'webhooks')
    .filter(isObject)
    .filter((webhook) => textAt(webhook, 'name').endsWith(suffix))
  if (webhooks.length === 0) return undefined
  const labels = labelsOf(object)
  const activeOnes = webhooks.filter((webhook) => !isDeactivated(webhook))
  const active = activeOnes.length > 0
  const auto = activeOnes.some((webhook) => textAt(webhook, 'name').startsWith('auto.'))
  const ownRevision = labels.get(ownRevisionLabel)
  if (ownRevision !== undefined) {
    const revision = ownRevision || 'default'
    const tag = labels.get(ownTagLabel) || undefined
    return {
      name: nameOf(object),
      revision,
      tag,
      namespace: undefined,
      url: undefined,
      active,
      auto,
      ofRemora: true,
    }
  }
  const tag = labels.get('istio.io/tag')
  const services = webhooks.map((webhook) => objectAt(objectAt(webhook, 'clientConfig'), 'service'))
  const urls = webhooks.map((webhook) => textAt(objectAt(webhook, 'clientConfig'), 'url'))
  const namespace = services.map((service) => textAt(service, 'namespace')).find((text) => text !== '')
  return {
    name: nameOf(object),
    revision: labels.get('istio.io/rev') || revisionOfService(services),
    tag: tag === '' ? undefined : tag,
    namespace,
    url: urls.find((text) => text !== ''),
    active,
    auto,
    ofRemora: false,
  }
}

/** `istiod-canary` serves canary. */
function revisionOfService(services: readonly JsonObject[]): string {
  const name = services.map((service) => textAt(service, 'name')).find((text) => text.startsWith('istiod-'))
  return name === undefined ? 'default' : name.slice('istiod-'.length)
}

/** `istioctl tag set default` gives the old default configuration a selector that no namespace matches. */
function isDeactivated(webhook: JsonObject): boolean {
  const selectors = ['namespaceSelector', 'objectSelector'].map((key) => objectAt(webhook, key))
  return selectors.some(
    (selector) =>
      Object.hasOwn(objectAt(selector, 'matchLabels'), deactivatedLabel) ||
      listAt(selector, 'matchExpressions').some(
        (expression: JsonValue) => isObject(expression) && textAt(expression, 'key') === deactivatedLabel,
      ),
  )
}
