/** Injection webhooks that can match something. */
import { findWebhookCalls, type LabelsOfPod, type WebhookFinding } from '../../explain/webhook-calls.ts'
import type { ClusterFacts } from '../cluster-facts.ts'

export const noLabels: LabelsOfPod = { namespace: new Map(), pod: new Map() }

/** `istioctl tag set default` leaves others with selectors that never match. */
export function isActive({ conditions }: WebhookFinding): boolean {
  return !conditions.some(({ label }) => label === 'istio.io/deactivated')
}

export function activeWebhooks(facts: ClusterFacts, labels = noLabels): readonly WebhookFinding[] {
  return findWebhookCalls(facts.objects('mutatingwebhookconfiguration') ?? [], labels).filter(isActive)
}
