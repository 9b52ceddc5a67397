/**
 * What the injection webhooks of the cluster call, and whether every revision is called. Namespaces are in
 * namespaces.ts.
 */
import { readWebhookConfigurations } from '../../istio/index.ts'
import { discoveryService } from '../explain/existing-sidecar.ts'
import { findWebhookCalls, type WebhookFinding } from '../explain/webhook-calls.ts'
import { type CheckSubject, findService } from './check-subject.ts'
import { type Finding, makeFinding } from './finding.ts'

const nobody = { namespace: new Map(), pod: new Map() } as const

/**
 * Injection webhooks that can match something: `istioctl tag set default` leaves others with selectors that never
 * match.
 */
export function activeWebhooks(
  { webhooks }: CheckSubject,
  labels: Parameters<typeof findWebhookCalls>[1] = nobody,
): readonly WebhookFinding[] {
  return findWebhookCalls(webhooks, labels).filter(
    ({ conditions }) => !conditions.some(({ label }) => label === 'istio.io/deactivated'),
  )
}

export function checkWebhooks(subject: CheckSubject): readonly Finding[] {
  const { snapshot, webhooks } = subject
  if (readWebhookConfigurations(webhooks).length === 0) {
    if (snapshot.revisions.size === 0) return []
    return [
      makeFinding('webhooks-not-known', {
        where: { object: 'the cluster' },
        message: 'there is no injection webhook among the objects',
        expected: 'the MutatingWebhookConfigurations of Istio or Remora',
      }),
    ]
  }
  return [...missingServices(subject), ...withoutRevision(subject), ...uncalled(subject)]
}

const placeOf = (configuration: string) => ({ object: `MutatingWebhookConfiguration ${configuration}` })

function missingServices(subject: CheckSubject): readonly Finding[] {
  if (subject.services.length === 0) return []
  const seen = new Set<string>()
  return activeWebhooks(subject).flatMap(({ configuration, revision, calls, failurePolicy }) => {
    const address = calls.slice(0, calls.indexOf('/'))
    const wanted = calls.includes('://') ? undefined : discoveryService(address)
    if (wanted === undefined || seen.has(`${configuration} ${address}`)) return []
    seen.add(`${configuration} ${address}`)
    if (findService(subject, wanted) !== undefined) return []
    return [
      makeFinding('webhook-service-missing', {
        revision,
        where: placeOf(configuration),
        message: `it calls ${calls} (failurePolicy ${failurePolicy}), but there is no Service ${wanted.namespace}/${wanted.name}`,
        expected: 'a Service of that name',
      }),
    ]
  })
}

/** For tags this is reported where they are discovered. */
function withoutRevision(subject: CheckSubject): readonly Finding[] {
  const { snapshot, webhooks, services } = subject
  return readWebhookConfigurations(webhooks).flatMap(({ name, revision, tag, namespace, ofRemora }) => {
    if (tag !== undefined || ofRemora || snapshot.revisions.has(revision)) return []
    const istiod = {
      namespace: namespace ?? '',
      name: revision === 'default' ? 'istiod' : `istiod-${revision}`,
    }
    // An istiod that reads its configuration from elsewhere works; only Remora cannot see it.
    const serves = services.length > 0 && findService(subject, istiod) !== undefined
    return [
      makeFinding('webhook-without-revision', {
        revision,
        where: placeOf(name),
        message: `it is for revision ${revision}, which has no injector ConfigMap${serves ? `; its istiod ${istiod.namespace}/${istiod.name} exists` : ''}`,
        expected: `a ConfigMap istio-sidecar-injector${revision === 'default' ? '' : `-${revision}`}`,
        severity: serves ? 'warning' : undefined,
      }),
    ]
  })
}

function uncalled(subject: CheckSubject): readonly Finding[] {
  const called = new Set(
    activeWebhooks(subject).flatMap(({ revision, tag }) => [
      revision,
      ...(tag === undefined ? [] : [subject.snapshot.tags.get(tag) ?? revision]),
    ]),
  )
  return [...subject.snapshot.revisions.values()]
    .filter(({ name }) => !called.has(name))
    .map(({ name, namespace }) =>
      makeFinding('revision-not-called', {
        revision: name,
        where: { object: `revision ${name} (${namespace})` },
        message: 'no webhook configuration names it or one of its tags',
        expected: 'a MutatingWebhookConfiguration for it',
      }),
    )
}
