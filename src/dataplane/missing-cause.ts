/** Why a pod that should have a sidecar has none. A cause is named only with the evidence for it. */
import type { JsonObject } from '../json/index.ts'
import { annotationOf, INJECT_LABEL, labelOf, metadataOf, textAt } from '../kube/index.ts'
import type { WebhookFacts } from './facts.ts'
import type { PodState } from './pod-state.ts'
import { creationMs } from './times.ts'

type Missing = Extract<PodState, { readonly kind: 'missing' }>

/**
 * @param pod the running one
 * @param next the one that would be created, whose labels the webhooks see
 */
export function findMissingCause(
  pod: JsonObject,
  next: JsonObject,
  webhooks: WebhookFacts | undefined,
): Missing {
  const optOut = labelOf(pod, INJECT_LABEL) ?? annotationOf(pod, INJECT_LABEL)
  if (optOut === 'false') return missing('opted-out-then', `the pod has ${INJECT_LABEL}=false`, 'certain')
  if (webhooks?.isCalled(next) === false)
    return missing('no-webhook-matches', 'no MutatingWebhookConfiguration selects it', 'certain')
  const created = creationMs(pod)
  const webhook = webhooks?.createdMs(next)
  if (created !== undefined && webhook !== undefined && created < webhook)
    return missing(
      'created-before-webhook',
      `pod ${timeText(created)}, webhook ${timeText(webhook)}`,
      'certain',
    )
  const labelled = webhooks?.labelledMs(textAt(metadataOf(pod), 'namespace'))
  if (created !== undefined && labelled !== undefined && created < labelled)
    return missing(
      'created-before-label',
      `pod ${timeText(created)}, a label of the namespace ${timeText(labelled)} at the latest`,
      'likely',
    )
  return missing('not-known', '', 'not-known')
}

function missing(cause: Missing['cause'], evidence: string, certainty: Missing['certainty']): Missing {
  return { kind: 'missing', cause, evidence, certainty }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}
