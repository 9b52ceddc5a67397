/** Reports missing kinds of objects without which addresses or webhook calls cannot be checked. */
import { readWebhookConfigurations } from '../../../istio/index.ts'
import { usableConfigs } from '../configuration/texts.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'

export const whatIsKnown: Rule<'cluster'> = {
  subject: 'cluster',
  codes: ['services-not-known', 'webhooks-not-known'],
  needs: [],
  commandsOnly: true,
  find({ title }, facts) {
    const { snapshot } = facts
    const services = facts.objects('service') ?? []
    const webhooks = readWebhookConfigurations(facts.objects('mutatingwebhookconfiguration') ?? [])
    return [
      ...(services.length > 0 || usableConfigs(snapshot).length === 0
        ? []
        : [
            makeFinding('services-not-known', {
              where: { object: title },
              message: 'there is no Service among the objects',
              expected: 'the Services of the control planes',
            }),
          ]),
      ...(webhooks.length > 0 || snapshot.revisions.size === 0
        ? []
        : [
            makeFinding('webhooks-not-known', {
              where: { object: title },
              message: 'there is no injection webhook among the objects',
              expected: 'the MutatingWebhookConfigurations of Istio or Remora',
            }),
          ]),
    ]
  },
}
