/** What each injection webhook calls, and for which revision. */

import { discoveryService } from '../../../dataplane/index.ts'
import { readWebhookConfigurations } from '../../../istio/index.ts'
import { findWebhookCalls } from '../../explain/webhook-calls.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { findService } from '../service/find-service.ts'
import type { WebhookSubject } from '../subject.ts'
import { isActive, noLabels } from './active-webhooks.ts'

export const webhookTargets: Rule<'webhook'> = {
  subject: 'webhook',
  codes: ['webhook-service-missing', 'webhook-without-revision'],
  needs: [],
  find: (subject, facts) => [...missingServices(subject, facts), ...withoutRevision(subject, facts)],
}

function missingServices({ object, title }: WebhookSubject, facts: ClusterFacts): readonly Finding[] {
  const services = facts.objects('service') ?? []
  if (services.length === 0) return []
  const seen = new Set<string>()
  return findWebhookCalls([object], noLabels)
    .filter(isActive)
    .flatMap(({ revision, calls, failurePolicy }) => {
      const address = calls.slice(0, calls.indexOf('/'))
      const wanted = calls.includes('://') ? undefined : discoveryService(address)
      if (wanted === undefined || seen.has(address)) return []
      seen.add(address)
      if (findService(services, wanted) !== undefined) return []
      return [
        makeFinding('webhook-service-missing', {
          revision,
          where: { object: title },
          message: `it calls ${calls} (failurePolicy ${failurePolicy}), but there is no Service ${wanted.namespace}/${wanted.name}`,
          expected: 'a Service of that name',
        }),
      ]
    })
}

/** For tags this is reported where they are discovered. */
function withoutRevision({ object, title }: WebhookSubject, facts: ClusterFacts): readonly Finding[] {
  const services = facts.objects('service') ?? []
  return readWebhookConfigurations([object]).flatMap(({ revision, tag, namespace, url, ofRemora }) => {
    // One with a URL belongs to a control plane outside the cluster (external-revision.ts).
    if (url !== undefined) return []
    if (tag !== undefined || ofRemora || facts.snapshot.revisions.has(revision)) return []
    const istiod = {
      namespace: namespace ?? '',
      name: revision === 'default' ? 'istiod' : `istiod-${revision}`,
    }
    // An istiod that reads its configuration from elsewhere works; only Remora cannot see it.
    const serves = services.length > 0 && findService(services, istiod) !== undefined
    return [
      makeFinding('webhook-without-revision', {
        revision,
        where: { object: title },
        message: `it is for revision ${revision}, which has no injector ConfigMap${serves ? `; its istiod ${istiod.namespace}/${istiod.name} exists` : ''}`,
        expected: `a ConfigMap istio-sidecar-injector${revision === 'default' ? '' : `-${revision}`}`,
        severity: serves ? 'warning' : undefined,
      }),
    ]
  })
}
