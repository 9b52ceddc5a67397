/** What Istio's MutatingWebhookConfigurations say of revisions and tags. Their selectors are not evaluated here. */
import { isObject, type JsonObject, type JsonValue } from '../json/index.ts'
import { labelsOf, listAt, nameOf, objectAt, textAt } from './cluster-objects.ts'

export interface WebhookConfiguration {
  readonly name: string
  /** Label istio.io/rev; `default` where it is empty. */
  readonly revision: string
  /** Label istio.io/tag; undefined for a revision's own configuration. */
  readonly tag: string | undefined
  /** Namespace of the Service that its webhooks call; undefined where they call a URL. */
  readonly namespace: string | undefined
  /** Has an `auto.` webhook that is not deactivated. */
  readonly auto: boolean
}

const suffix = 'sidecar-injector.istio.io'
const deactivatedLabel = 'istio.io/deactivated'

/** Only configurations with a webhook of Istio's sidecar injector; deactivated ones too. */
export function readWebhookConfigurations(objects: readonly JsonObject[]): readonly WebhookConfiguration[] {
  return objects.flatMap((object) => readConfiguration(object) ?? [])
}

function readConfiguration(object: JsonObject): WebhookConfiguration | undefined {
  const webhooks = listAt(object, 'webhooks')
    .filter(isObject)
    .filter((webhook) => textAt(webhook, 'name').endsWith(suffix))
  if (webhooks.length === 0) return undefined
  const labels = labelsOf(object)
  const tag = labels.get('istio.io/tag')
  const services = webhooks.map((webhook) => objectAt(objectAt(webhook, 'clientConfig'), 'service'))
  const namespace = services.map((service) => textAt(service, 'namespace')).find((text) => text !== '')
  return {
    name: nameOf(object),
    revision: labels.get('istio.io/rev') || revisionOfService(services),
    tag: tag === '' ? undefined : tag,
    namespace,
    auto: webhooks.some((webhook) => textAt(webhook, 'name').startsWith('auto.') && !isDeactivated(webhook)),
  }
}

/** `istiod-canary` serves canary. */
function revisionOfService(services: readonly JsonObject[]): string {
  const name = services.map((service) => textAt(service, 'name')).find((text) => text.startsWith('istiod-'))
  return name === undefined ? 'default' : name.slice('istiod-'.length)
}

/** `istioctl tag set default` gives the old default configuration a selector that no namespace meets. */
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
