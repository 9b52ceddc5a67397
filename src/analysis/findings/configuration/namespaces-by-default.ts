/** Whether the setting enableNamespacesByDefault has the webhooks that it needs: those whose name begins with `auto.`. */
import { readWebhookConfigurations } from '../../../istio/index.ts'
import { findLine, isObject, own } from '../../../json/index.ts'
import { objectAt } from '../../../kube/index.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { placeOfKey, readYaml } from './texts.ts'

export const namespacesByDefault: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['namespaces-by-default-unserved'],
  needs: ['mutatingwebhookconfiguration'],
  find({ revision }, facts) {
    const { newest, name } = revision
    // The charts render these webhooks for the default revision only.
    const isDefault = (facts.snapshot.tags.get('default') ?? 'default') === name
    if (newest === undefined || !isDefault) return []
    const text = newest.injectorConfigMap.values ?? ''
    const values = readYaml(text)
    if (!isObject(values)) return []
    const path = ['sidecarInjectorWebhook', 'enableNamespacesByDefault']
    if (own(objectAt(values, 'sidecarInjectorWebhook'), 'enableNamespacesByDefault') !== true) return []
    const webhooks = readWebhookConfigurations(facts.objects('mutatingwebhookconfiguration') ?? [])
    if (webhooks.length === 0 || webhooks.some(({ auto }) => auto)) return []
    const line = findLine(text, path)
    return [
      makeFinding('namespaces-by-default-unserved', {
        revision: name,
        where: {
          ...placeOfKey(newest, 'values'),
          path: path.join('.'),
          ...(line === undefined ? {} : { line }),
        },
        message: 'enableNamespacesByDefault is true, but no webhook `auto.` exists',
        expected: 'webhooks whose name begins with `auto.`, or false',
      }),
    ]
  },
}
