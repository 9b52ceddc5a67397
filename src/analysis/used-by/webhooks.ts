/** Webhook configurations that call the control plane and that its installation does not remove with it. */
import { discoveryService } from '../../dataplane/index.ts'
import { readWebhookConfigurations } from '../../istio/index.ts'
import { isObject, type JsonObject, own } from '../../json/index.ts'
import { labelOf, listAt, metadataOf, objectAt, REVISION_LABEL, textAt } from '../../kube/index.ts'
import type { ServiceName } from './control-planes.ts'
import { type Dependant, type DependantKind, dependant, objectName } from './dependant.ts'
import type { UsedByFacts } from './facts.ts'
import type { UsedBySubject } from './subject.ts'

const NEEDS = ['service', 'deployment'] as const

export const mutatingWebhooks: DependantKind = {
  id: 'mutating-webhooks',
  one: 'mutating webhook configuration',
  many: 'mutating webhook configurations',
  effect:
    'With failurePolicy Fail, what they match can no longer be created; with Ignore, it is created unchanged.',
  fix: 'Delete the configuration, or change the Service that it calls.',
  needs: ['mutatingwebhookconfiguration', ...NEEDS],
  find: (subject, facts) =>
    facts
      .list('mutatingwebhookconfiguration')
      .filter((object) => !isPartOf(object, subject, facts))
      .flatMap((object) => callers(object, subject, facts)),
}

export const validatingWebhooks: DependantKind = {
  id: 'validating-webhooks',
  one: 'validating webhook configuration',
  many: 'validating webhook configurations',
  effect:
    'With failurePolicy Fail, every write of these API groups is refused; with Ignore, nothing validates it.',
  fix: 'Let another revision validate (`istioctl tag set default --revision OTHER --overwrite`), or delete the configuration.',
  needs: ['validatingwebhookconfiguration', ...NEEDS],
  find: (subject, facts) =>
    facts
      .list('validatingwebhookconfiguration')
      .filter((object) => subject.kind === 'tag' || !isOwnValidator(object, subject.name))
      .flatMap((object) => callers(object, subject, facts)),
}

/** Its own configuration, a tag's, which is listed with the tags, or Remora's. */
function isPartOf(object: JsonObject, subject: UsedBySubject, { snapshot }: UsedByFacts): boolean {
  return readWebhookConfigurations([object]).some(({ revision, tag, ofRemora }) => {
    if (ofRemora) return true
    return tag === undefined ? revision === subject.name : snapshot.tags.get(tag) === subject.name
  })
}

/** It validates only objects that are labelled with the revision. */
export function isOwnValidator(object: JsonObject, revision: string): boolean {
  const webhooks = listAt(object, 'webhooks').filter(isObject)
  return (
    labelOf(object, REVISION_LABEL) === revision &&
    !labelOf(object, 'istio.io/tag') &&
    webhooks.length > 0 &&
    webhooks.every((webhook) => selectsOnly(objectAt(webhook, 'objectSelector'), revision))
  )
}

function selectsOnly(selector: JsonObject, revision: string): boolean {
  if (own(objectAt(selector, 'matchLabels'), REVISION_LABEL) === revision) return true
  return listAt(selector, 'matchExpressions')
    .filter(isObject)
    .some((one) => {
      const values = listAt(one, 'values')
      const isIn = textAt(one, 'key') === REVISION_LABEL && textAt(one, 'operator') === 'In'
      return isIn && values.length > 0 && values.every((value) => value === revision)
    })
}

function callers(
  object: JsonObject,
  subject: UsedBySubject,
  { controlPlanes }: UsedByFacts,
): readonly Dependant[] {
  const calling = listAt(object, 'webhooks')
    .filter(isObject)
    .filter((webhook) => {
      const service = calledService(objectAt(webhook, 'clientConfig'))
      if (service === undefined) return false
      return subject.kind === 'tag'
        ? controlPlanes.tagOf(service) === subject.name
        : controlPlanes.needs(subject.name, service)
    })
  const [first] = calling
  if (first === undefined) return []
  const name = textAt(metadataOf(object), 'name')
  return [dependant(objectName(textAt(object, 'kind'), { name }), whyCalled(first, calling))]
}

function whyCalled(first: JsonObject, calling: readonly JsonObject[]): string {
  const service = calledService(objectAt(first, 'clientConfig'))
  const policies = [...new Set(calling.map((webhook) => textAt(webhook, 'failurePolicy') || 'Fail'))]
  const groups = new Set(
    calling
      .flatMap((webhook) => listAt(webhook, 'rules').filter(isObject))
      .flatMap((rule) => listAt(rule, 'apiGroups'))
      .filter((group) => typeof group === 'string' && group !== ''),
  )
  const of = groups.size === 0 ? '' : ` for ${[...groups].join(', ')}`
  return `calls ${service?.namespace ?? ''}/${service?.name ?? ''}${of} (failurePolicy ${policies.join(', ')})`
}

function calledService(client: JsonObject): ServiceName | undefined {
  const service = objectAt(client, 'service')
  const name = textAt(service, 'name')
  if (name !== '') return { namespace: textAt(service, 'namespace'), name }
  const [, host] = /^https:\/\/([^/:?#]+)/.exec(textAt(client, 'url')) ?? []
  return host === undefined ? undefined : discoveryService(host)
}
