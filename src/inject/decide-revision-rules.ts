/**
 * The selectors of Istio's injection webhooks (1.10 and later) as a table: which prefix matches which labels. They
 * equal those of the chart's MutatingWebhookConfigurations, once for every revision and tag, so that a decision and its
 * explanation use the same rows. decide-revision.ts chooses among revisions and tags.
 */

import { INJECT_LABEL, INJECTION_LABEL, NAMESPACE_NAME_LABEL, REVISION_LABEL } from '../kube/index.ts'

export type WebhookPrefix = 'rev.namespace' | 'rev.object' | 'namespace' | 'object' | 'auto'

/** Namespaces that `auto.` excludes (Istio 1.16+) and that the injector itself never injects into (1.9+). */
export const systemNamespaces: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
])

/** One line of a selector: a label of the namespace or the pod, and the required value. */
export interface LabelCondition {
  readonly on: 'namespace' | 'pod'
  readonly label: string
  readonly must:
    | { readonly be: 'absent' }
    | { readonly be: 'present' }
    | { readonly be: 'equal' | 'other-than'; readonly value: string }
    | { readonly be: 'none-of'; readonly values: ReadonlySet<string> }
}

export interface WebhookRule {
  readonly webhook: WebhookPrefix
  /** The webhook's revision: that of the revision or tag named by a label, or the default revision. */
  readonly serves: { readonly by: 'name'; readonly of: 'namespace' | 'pod' } | { readonly by: 'default' }
  /** Exists only if namespaces are enabled by default. */
  readonly onlyByDefault?: true
  readonly conditions: readonly LabelCondition[]
}

const absent = (on: LabelCondition['on'], label: string): LabelCondition => ({
  on,
  label,
  must: { be: 'absent' },
})
const present = (on: LabelCondition['on'], label: string): LabelCondition => ({
  on,
  label,
  must: { be: 'present' },
})
// NotIn is also true if the label is absent, as in Kubernetes.
const notOptedOut: LabelCondition = {
  on: 'pod',
  label: INJECT_LABEL,
  must: { be: 'other-than', value: 'false' },
}

/** In reading order; no two rules can match the same labels. */
export const webhookRules: readonly WebhookRule[] = [
  {
    webhook: 'namespace',
    serves: { by: 'default' },
    conditions: [
      { on: 'namespace', label: INJECTION_LABEL, must: { be: 'equal', value: 'enabled' } },
      notOptedOut,
    ],
  },
  {
    webhook: 'rev.namespace',
    serves: { by: 'name', of: 'namespace' },
    conditions: [absent('namespace', INJECTION_LABEL), present('namespace', REVISION_LABEL), notOptedOut],
  },
  {
    webhook: 'rev.object',
    serves: { by: 'name', of: 'pod' },
    conditions: [
      absent('namespace', INJECTION_LABEL),
      absent('namespace', REVISION_LABEL),
      present('pod', REVISION_LABEL),
      notOptedOut,
    ],
  },
  {
    webhook: 'object',
    serves: { by: 'default' },
    conditions: [
      absent('namespace', INJECTION_LABEL),
      absent('namespace', REVISION_LABEL),
      absent('pod', REVISION_LABEL),
      { on: 'pod', label: INJECT_LABEL, must: { be: 'equal', value: 'true' } },
    ],
  },
  {
    webhook: 'auto',
    serves: { by: 'default' },
    onlyByDefault: true,
    conditions: [
      absent('namespace', INJECTION_LABEL),
      absent('namespace', REVISION_LABEL),
      { on: 'namespace', label: NAMESPACE_NAME_LABEL, must: { be: 'none-of', values: systemNamespaces } },
      absent('pod', INJECT_LABEL),
      absent('pod', REVISION_LABEL),
    ],
  },
]

/** Whether a label with that value (undefined: absent) satisfies the condition. */
export function conditionHolds(condition: LabelCondition, value: string | undefined): boolean {
  const { must } = condition
  switch (must.be) {
    case 'absent':
      return value === undefined
    case 'present':
      return value !== undefined
    case 'equal':
      return value === must.value
    case 'other-than':
      return value !== must.value
    case 'none-of':
      return value === undefined || !must.values.has(value)
  }
}
