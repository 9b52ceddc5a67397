/** Whether a webhook of the cluster is for the revision or one of its tags. */
import { readWebhookConfigurations } from '../../../istio/index.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { activeWebhooks } from '../webhook/active-webhooks.ts'

export const revisionCalled: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['revision-not-called'],
  needs: ['mutatingwebhookconfiguration'],
  find({ title, revision: { name } }, facts) {
    const configurations = facts.objects('mutatingwebhookconfiguration') ?? []
    if (readWebhookConfigurations(configurations).length === 0) return []
    const { tags } = facts.snapshot
    const called = activeWebhooks(facts).some(
      ({ revision, tag }) => revision === name || (tag !== undefined && tags.get(tag) === name),
    )
    if (called) return []
    return [
      makeFinding('revision-not-called', {
        revision: name,
        where: { object: title },
        message: 'no webhook configuration names it or one of its tags',
        expected: 'a MutatingWebhookConfiguration for it',
      }),
    ]
  },
}
