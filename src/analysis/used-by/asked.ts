/** What labels ask for, by the selectors of injection: a revision or tag, installed or not. */
import { templateOf } from '../../dataplane/index.ts'
import {
  conditionHolds,
  labelValue,
  type Snapshot,
  type WebhookPrefix,
  webhookRules,
} from '../../inject/index.ts'
import { type JsonObject, own } from '../../json/index.ts'
import { metadataOf, objectAt, REVISION_LABEL, specOf, textAt } from '../../kube/index.ts'

export interface Asked {
  readonly webhook: WebhookPrefix
  /** `default` for the default revision. */
  readonly name: string
}

/** undefined: nothing. */
export function askedBy(
  namespaceLabels: ReadonlyMap<string, string> | undefined,
  podLabels: JsonObject,
  { enableNamespacesByDefault }: Pick<Snapshot, 'enableNamespacesByDefault'>,
): Asked | undefined {
  const question = { target: { by: 'labels' }, namespaceLabels, podLabels } as const
  const rule = webhookRules.find(
    ({ onlyByDefault, conditions }) =>
      (onlyByDefault !== true || enableNamespacesByDefault) &&
      conditions.every((one) => conditionHolds(one, labelValue(question, one.on, one.label))),
  )
  if (rule === undefined) return undefined
  const name = rule.serves.by === 'default' ? 'default' : labelValue(question, rule.serves.of, REVISION_LABEL)
  return { webhook: rule.webhook, name: name ?? '' }
}

/** What the labels of a workload's pods and namespace ask for; undefined: nothing, or its pods are never injected. */
export function askedByWorkload(object: JsonObject, snapshot: Snapshot): Asked | undefined {
  const metadata = podMetadataOf(object)
  if (metadata === undefined) return undefined
  const spec = specOf(textAt(object, 'kind') === 'Pod' ? object : (templateOf(object) ?? {}))
  if (own(spec, 'hostNetwork') === true) return undefined
  const namespace = snapshot.namespaces.get(textAt(metadataOf(object), 'namespace') || 'default')
  return askedBy(namespace?.labels, objectAt(metadata, 'labels'), snapshot)
}

/** The metadata of the pods of a workload, or of a bare pod. */
export function podMetadataOf(object: JsonObject): JsonObject | undefined {
  if (textAt(object, 'kind') === 'Pod') return metadataOf(object)
  const template = templateOf(object)
  return template && metadataOf(template)
}
