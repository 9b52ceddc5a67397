/** Other mutating webhooks for pods that run after the injector: the API server calls them in the order of their names. */
import { isObject, type JsonObject } from '../../../json/index.ts'
import { listAt, metadataOf, textAt } from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { activeWebhooks } from './active-webhooks.ts'

export const afterInjector: Rule<'webhook'> = {
  subject: 'webhook',
  codes: ['webhook-after-injector'],
  needs: ['mutatingwebhookconfiguration'],
  find({ title, name, object }, facts) {
    if (!mutatesPods(object)) return []
    const before = injectorsBefore(name, facts)
    if (before.length === 0) return []
    return [
      makeFinding('webhook-after-injector', {
        where: { object: title },
        message: `it changes pods after ${before.join(', ')}, which is not called again (reinvocationPolicy Never)`,
        expected: 'a deliberate order of the webhooks',
      }),
    ]
  },
}

/** Excludes injection webhooks: a second one for the same pods is a different finding. */
function mutatesPods(configuration: JsonObject): boolean {
  return listAt(configuration, 'webhooks')
    .filter(isObject)
    .filter((webhook) => !textAt(webhook, 'name').endsWith('sidecar-injector.istio.io'))
    .some((webhook) =>
      listAt(webhook, 'rules')
        .filter(isObject)
        .some((rule) => names(rule, 'resources', 'pods') && names(rule, 'operations', 'CREATE')),
    )
}

function names(rule: JsonObject, key: string, word: string): boolean {
  return listAt(rule, key).some((value) => value === word || value === '*' || value === '*/*')
}

function injectorsBefore(name: string, facts: ClusterFacts): readonly string[] {
  const active = new Set(activeWebhooks(facts).map(({ configuration }) => configuration))
  return (facts.objects('mutatingwebhookconfiguration') ?? [])
    .filter((configuration) => active.has(textAt(metadataOf(configuration), 'name')))
    .filter((configuration) =>
      listAt(configuration, 'webhooks')
        .filter(isObject)
        .every((webhook) => textAt(webhook, 'reinvocationPolicy') !== 'IfNeeded'),
    )
    .map((configuration) => textAt(metadataOf(configuration), 'name'))
    .filter((injector) => injector < name)
    .sort()
}
