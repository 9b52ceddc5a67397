/** Rendered webhook configurations, evaluated as the API server does. */
import type { JsonObject } from '../../src/json/index.ts'
import { compileSelector, type LabelSelector } from '../../src/kube/index.ts'
import { at, listAt, textAt } from './helm.ts'

export const KIND = 'MutatingWebhookConfiguration'

/** Prefixes of a configuration's webhooks. */
export function prefixes(object: JsonObject): readonly string[] {
  return listAt(object, 'webhooks').map((webhook) =>
    textAt(webhook, 'name').replace(/sidecar-injector\.istio\.io$/, ''),
  )
}

/** `configuration/webhook` of everything that the API server would call. */
export function called(
  objects: readonly JsonObject[],
  namespaceLabels: ReadonlyMap<string, string>,
  podLabels: ReadonlyMap<string, string>,
): readonly string[] {
  return objects.flatMap((object) =>
    listAt(object, 'webhooks').flatMap((webhook) => {
      // The chart renders selectors in the API's form; a wrong one is refused by compileSelector.
      const matches = (key: string, labels: ReadonlyMap<string, string>) =>
        compileSelector(at(webhook, key) as LabelSelector)(labels)
      return matches('namespaceSelector', namespaceLabels) && matches('objectSelector', podLabels)
        ? [`${textAt(object, 'metadata', 'name')}/${textAt(webhook, 'name')}`]
        : []
    }),
  )
}

export const labelsMap = (labels: JsonObject): ReadonlyMap<string, string> =>
  new Map(Object.entries(labels).map(([key, value]) => [key, String(value)]))
