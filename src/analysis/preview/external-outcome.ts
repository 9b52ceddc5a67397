/** What a workload gets from a control plane outside the cluster: named, because its configuration is not known here. */
import { decideRevision, type Note, type Outcome, type Snapshot } from '../../inject/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { labelsOf } from '../../kube/index.ts'
import { findWebhookCalls, type LabelsOfPod } from '../explain/webhook-calls.ts'
import type { LabelsOfRequest } from './move.ts'

export interface ExternalOutcome {
  readonly kind: 'external'
  readonly code: 'revision-external'
  readonly message: string
  /** `asm-managed`: of the webhook that is called. */
  readonly revision: string
  readonly notes: readonly Note[]
  /** Never: which of the installed revisions. */
  readonly decided?: undefined
}

export type PreviewOutcome = Outcome | ExternalOutcome

/** undefined: a revision that is known here decides, or no webhook is called. */
export function externalOutcome(
  labels: LabelsOfRequest,
  webhooks: readonly JsonObject[],
  snapshot: Snapshot,
): ExternalOutcome | undefined {
  const called = findWebhookCalls(webhooks, webhookLabels(labels)).find(
    ({ matched, of }) => matched && of === 'istio',
  )
  if (called === undefined) return undefined
  const question = {
    target: { by: 'labels' },
    namespaceLabels: labels.namespace,
    podLabels: labels.pod,
  } as const
  if (decideRevision(question, snapshot).kind !== 'none') return undefined
  const { calls, revision } = called
  const message = `the API server calls ${calls} for revision ${revision}, whose configuration is not known here`
  return { kind: 'external', code: 'revision-external', message, revision, notes: [] }
}

export function webhookLabels({ namespace, pod }: LabelsOfRequest): LabelsOfPod {
  return { namespace, pod: labelsOf(pod) }
}
